"""What was measured, kept as `bench/results/NAME.json`."""

from datetime import datetime
from pathlib import Path
from statistics import median

import msgspec

from bench.machine import Commit, Machine
from bench.pairs import Bound, Pair

FOLDER = Path(__file__).parent / "results"


class Line(msgspec.Struct):
    """What came out of one kind of figure: the medians of both sides' and of the pairs' ratios."""

    what: str
    unit: str
    bound: Bound
    pairs: list[Pair]

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
        return median(pair.ratio for pair in self.pairs)

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        return self.bound.holds(self.ours, self.ratio)


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
    #: Details that are held to bounds as well.
    also: dict[str, Bound] = {}

    @property
    def lines(self) -> list[Line]:
        """The measure's own figure, and below it the details that have bounds."""
        first = Line(self.what, self.unit, self.bound, self.pairs)
        return [first, *(self._detail(name, bound) for name, bound in self.also.items())]

    def _detail(self, name: str, bound: Bound) -> Line:
        words, _, unit = name.rpartition("_")
        return Line(f"{self.name}: {words}", unit, bound, [pair.of(name) for pair in self.pairs])

    @property
    def holds(self) -> bool:
        """Whether every bound holds."""
        return all(line.holds for line in self.lines)

    def keep(self) -> None:
        """Write it where the last one was."""
        FOLDER.mkdir(exist_ok=True)
        first = self.lines[0]
        summary = {"ours": first.ours, "yardstick": first.yardstick, "ratio": first.ratio, "holds": self.holds}
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
