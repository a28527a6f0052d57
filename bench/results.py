"""What was measured, kept as `bench/results/NAME.json`."""

from datetime import datetime
from pathlib import Path
from statistics import median

import msgspec

from bench.machine import Commit, Machine
from bench.pairs import Bound, Pair, ratio

FOLDER = Path(__file__).parent / "results"


class Result(msgspec.Struct):
    """One measure, with all raw figures and what they were taken on."""

    name: str
    what: str
    beside: str
    unit: str
    bound: Bound
    seconds: float
    pairs: list[Pair]
    date: datetime
    machine: Machine
    commit: Commit
    notes: list[str] = []

    @property
    def ours(self) -> float:
        """The median of our figures."""
        return median(pair.ours.value for pair in self.pairs)

    @property
    def yardstick(self) -> float:
        """The median of the yardstick's figures."""
        return median(pair.yardstick.value for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return ratio(self.pairs)

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        return self.bound.holds(self.ratio)

    def keep(self) -> None:
        """Write it where the last one was."""
        FOLDER.mkdir(exist_ok=True)
        summary = {"ours": self.ours, "yardstick": self.yardstick, "ratio": self.ratio, "holds": self.holds}
        fields = msgspec.to_builtins(self)
        text = msgspec.json.format(msgspec.json.encode(fields | summary), indent=1)
        _file(self.name).write_bytes(text + b"\n")


def _file(name: str) -> Path:
    return FOLDER / f"{name}.json"


def kept(name: str) -> Result | None:
    """Read the last result of a measure; None where there is none."""
    try:
        return msgspec.json.decode(_file(name).read_bytes(), type=Result)
    except FileNotFoundError:
        return None


def forget(name: str) -> None:
    """Remove the last result, so that a measure that fails leaves none."""
    _file(name).unlink(missing_ok=True)
