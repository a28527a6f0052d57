"""A measure: one figure of ours beside one of a yardstick's, taken in turns, so that the machine's moods hit both."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from bench.running import rest


class Figure(msgspec.Struct, frozen=True):
    """What a side did, and what else is worth knowing about it."""

    value: float
    details: dict[str, float] = {}


class Pair(msgspec.Struct, frozen=True):
    """A figure of each side, taken one right after the other."""

    yardstick: Figure
    ours: Figure

    @property
    def ratio(self) -> float:
        """Ours to the yardstick's."""
        return self.ours.value / self.yardstick.value

    def of(self, detail: str) -> "Pair":
        """Give the pair of one of the details, which both sides have."""
        return Pair(Figure(self.yardstick.details[detail]), Figure(self.ours.details[detail]))


#: Measures one side for so many seconds.
Side = Callable[[float], Figure]


class Sides(NamedTuple):
    """The two sides of a measure, ready to be measured any number of times."""

    yardstick: Side
    ours: Side
    #: What whoever reads the figures should know.
    notes: tuple[str, ...] = ()


class Wrong(Exception):
    """A side did not do the work that it was measured at."""


class Bound(msgspec.Struct, frozen=True):
    """What the ratio must reach, or must not pass; or, where it is absolute, our figure itself."""

    limit: float
    is_most: bool = False
    is_absolute: bool = False

    def holds(self, ours: float, ratio: float) -> bool:
        """Tell whether our figure and its ratio to the yardstick's are within it."""
        figure = ours if self.is_absolute else ratio
        return figure <= self.limit if self.is_most else figure >= self.limit

    def __str__(self) -> str:
        return f"{'at most' if self.is_most else 'at least'} {self.limit:g}{' in itself' if self.is_absolute else ''}"


def take(sides: Sides, pairs: int, seconds: float) -> Iterator[Pair]:
    """Take pairs, the yardstick first in every other, each figure after everything has come to rest."""
    for number in range(pairs):
        figures = {}
        for side in (sides.yardstick, sides.ours) if number % 2 == 0 else (sides.ours, sides.yardstick):
            rest()
            figures[side] = side(seconds)
        yield Pair(figures[sides.yardstick], figures[sides.ours])
