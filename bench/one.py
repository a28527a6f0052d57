"""One measure, in a process of its own: a fresh Parley, the pairs, the result. `python -m bench.one NAME`."""

import argparse
import gc
import pkgutil
import resource
import signal
import sys
from datetime import UTC, datetime
from types import FrameType

from bench import cores, parley
from bench.machine import commit, machine
from bench.measures import MEASURES, Measure
from bench.pairs import Pair, take
from bench.results import Result, forget


def _measure(measure: Measure, pairs: int, seconds: float) -> tuple[list[Pair], tuple[str, ...]]:
    taken: list[Pair] = []
    with parley.up() as running, cores.on(cores.CLIENT):
        # Only now can what needs Django be imported.
        make_sides = pkgutil.resolve_name(measure.sides)
        gc.freeze()  # a search through all that was loaded would hold up whoever measures
        with make_sides(running) as sides:
            for pair in take(sides, pairs, seconds):
                taken.append(pair)
                ours, its = pair.ours.value, pair.yardstick.value
                say = f"{measure.name} {len(taken)} of {pairs}: {ours:,.6g} beside {its:,.6g} {measure.unit}"
                print(f"{say}, {pair.ratio:.2f} ({measure.bound})", flush=True)
            return taken, sides.notes


def run(measure: Measure, pairs: int, seconds: float) -> None:
    """Carry out a measure and keep its result."""
    forget(measure.name)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    measured = commit()
    taken, notes = _measure(measure, min(pairs, measure.most_pairs or pairs), seconds)
    Result(
        name=measure.name,
        what=measure.what,
        beside=measure.beside,
        unit=measure.unit,
        bound=measure.bound,
        seconds=seconds,
        pairs=taken,
        date=datetime.now(UTC),
        machine=machine(),
        commit=measured,
        also=dict(measure.also),
        notes=[*measure.notes, *notes, *(["One core for both sides."] if cores.IS_SHARED else [])],
    ).keep()


def end_in_order(number: int, frame: FrameType | None) -> None:
    """Leave by way of all that has to be cleaned up (a handler of signals)."""
    sys.exit(128 + number)


def main() -> None:
    """Carry out the measure that the command line names."""
    parser = argparse.ArgumentParser(description="One measure, in a process of its own.")
    parser.add_argument("name", choices=MEASURES)
    parser.add_argument("--pairs", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, end_in_order)
    run(MEASURES[options.name], options.pairs, options.seconds)


if __name__ == "__main__":
    main()
