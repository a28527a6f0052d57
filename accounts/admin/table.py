"""Tables as the administration's templates show them: on a phone each row is read with its headings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from django.utils.functional import Promise

Tone = Literal["", "good", "alert", "quiet"]
if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Words = StrOrPromise
else:
    Words = str | Promise


class Cell(NamedTuple):
    """What stands in a cell: words or an instant, how loud, where they lead, and a second line."""

    text: Words = ""
    tone: Tone = ""
    url: str = ""
    note: Words = ""
    at: datetime | None = None
    is_code: bool = False


class Row(NamedTuple):
    """A line of a table: its cells, each with its heading; the first one names the line."""

    cells: Sequence[tuple[Words, Cell]]


class Table(NamedTuple):
    """A table, with what is said where it is empty."""

    headings: Sequence[Words]
    rows: Sequence[Row]
    empty: Words


def table(headings: Sequence[Words], rows: Iterable[Sequence[Cell | Words | datetime | None]], empty: Words) -> Table:
    """Make a table out of rows of cells, words and instants."""
    made = [Row([(heading, cell(value)) for heading, value in zip(headings, row, strict=True)]) for row in rows]
    return Table(headings, made, empty)


def cell(value: "Cell | Words | datetime | int | None") -> Cell:
    """Make a cell of what is to be shown."""
    if isinstance(value, Cell):
        return value
    if isinstance(value, datetime):
        return Cell(at=value)
    return Cell("" if value is None else value if isinstance(value, str | Promise) else str(value))
