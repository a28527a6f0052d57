"""`python -m bench [NAME…]`: each measure in a process of its own, one table at the end, exit 1 where a bound fails."""

import argparse
import signal
import subprocess
import sys

from bench import cores, table
from bench.measures import MEASURES
from bench.one import end_in_order
from bench.results import Result, kept
from chatproject.places import ROOT
from chatproject.up.program import Program


def _measure(name: str, pairs: int, seconds: float) -> bool:
    """Run one measure, and end it in order when we are told to end; False where it failed."""
    argv = [sys.executable, "-m", "bench.one", name, "--pairs", str(pairs), "--seconds", str(seconds)]
    started = Program(name, argv, ends_on=signal.SIGTERM, cwd=ROOT).spawn()
    try:
        return started.wait() == 0
    finally:
        _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    if started.poll() is None:
        started.terminate()
        started.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measures Parley beside its yardsticks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}; all by default")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of each measure (5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="seconds of each figure (5)")
    parser.add_argument("--table", action="store_true", help="print the kept results in Markdown and measure nothing")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in MEASURES]
    if unknown:
        parser.error(f"there is no measure {unknown[0]}; there are {', '.join(MEASURES)}")
    options.names = options.names or list(MEASURES)
    return options


def _kept(names: list[str]) -> list[Result]:
    return [result for result in map(kept, names) if result is not None]


def main() -> int:
    """Measure, or show what was measured."""
    options = _options()
    if options.table:
        print(table.markdown(_kept(options.names)))
        return 0
    signal.signal(signal.SIGTERM, end_in_order)
    if cores.IS_SHARED:
        print("This machine has one core: both sides share it, and the figures say less.", flush=True)
    failed = [name for name in options.names if not _measure(name, options.pairs, options.seconds)]
    results = _kept([name for name in options.names if name not in failed])
    print(f"\n{table.plain(results)}")
    for name in failed:
        print(f"{name}: NOT measured; what it said is above.")
    return 1 if failed or not all(result.holds for result in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
