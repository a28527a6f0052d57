"""Reading people from a CSV file (RFC 4180, UTF-8, comma or semicolon): rows, and what is wrong with each."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models import username_validator

LARGEST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 50_000
NAME_LENGTH = 128
EMAIL_LENGTH = 254
REQUIRED = ("username", "name", "email")
OPTIONAL = ("role", "channels")
ROLES = ("member", "guest")
#: Between the names of channels, which may hold spaces and commas.
BETWEEN_CHANNELS = "|"


class Fault(NamedTuple):
    """What is wrong with a line (from 1, the headings'), in which column, and what would be right."""

    line: int
    field: str
    wrong: str
    right: str


class Row(NamedTuple):
    """A person to be."""

    line: int
    username: str
    name: str
    email: str
    is_guest: bool = False
    channels: tuple[str, ...] = ()


class Parsed(NamedTuple):
    """What a file says: the good rows in their order, all that is wrong, and the others that could be read."""

    rows: list[Row]
    faults: list[Fault]
    others: list[Row] = []


def parse(data: bytes) -> Parsed:
    """Read a file. Never raises: what can't be read is a fault."""
    if len(data) > LARGEST_BYTES:
        return _hopeless(1, _("The file is larger than 5 MB."), _("Split it into smaller files."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _hopeless(line, _("This is not UTF-8."), _("Save the file as “CSV UTF-8”."))
    lines = _lines(text)
    try:
        _number, headings = next(lines)
        columns = [heading.strip().lower() for heading in headings]
        faults = _of_headings(columns)
        return Parsed([], faults) if faults else _body(columns, lines)
    except csv.Error as error:
        return _hopeless(1, _("The headings can't be read as CSV: %s.") % error, _("Write them without quotes."))
    except StopIteration:
        return _hopeless(1, _("The file is empty."), _("Begin with the headings: %s.") % ",".join(REQUIRED))


def _hopeless(line: int, wrong: str, right: str) -> Parsed:
    return Parsed([], [Fault(line, "", wrong, right)])


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the lines that hold something, each with the number of its first line in the file."""
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for fields in reader:
        if any(field.strip() for field in fields):
            yield line, fields
        line = reader.line_num + 1


def _of_headings(columns: list[str]) -> list[Fault]:
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in (*REQUIRED, *OPTIONAL)]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    right = _("The headings are %s, and as you like %s.") % (", ".join(REQUIRED), ", ".join(OPTIONAL))
    return [
        *(Fault(1, name, _("This column is missing."), right) for name in missing),
        *(Fault(1, name[:64], _("There is no such column."), right) for name in unknown),
        *(Fault(1, name[:64], _("This column is there twice."), right) for name in twice),
    ]


def _body(columns: list[str], lines: Iterator[tuple[int, list[str]]]) -> Parsed:
    rows: list[Row] = []
    others: list[Row] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    line = 1
    try:
        for nth, (line, fields) in enumerate(lines, start=1):
            if nth > MOST_ROWS:
                faults.append(
                    Fault(line, "", _("The file has more than 50,000 rows."), _("Split it into smaller files."))
                )
                break
            if len(fields) != len(columns):
                wrong = _("There are %(found)s fields, and %(expected)s headings.")
                counts = {"found": len(fields), "expected": len(columns)}
                faults.append(Fault(line, "", wrong % counts, _("Put a text that holds a comma into quotes.")))
                continue
            row, found = _row(line, dict(zip(columns, (field.strip() for field in fields), strict=True)), seen)
            faults += found
            (others if found else rows).append(row)
    except csv.Error as error:
        right = _("Put the text into quotes, and double each quote within it. What follows was not read.")
        faults.append(Fault(line + 1, "", _("This can't be read as CSV: %s.") % error, right))
    return Parsed(rows, faults, others)


def _row(line: int, given: dict[str, str], seen: dict[tuple[str, str], int]) -> tuple[Row, list[Fault]]:
    role = given.get("role", "").lower() or "member"
    named = given.get("channels", "").replace("\x00", "\ufffd").split(BETWEEN_CHANNELS)  # the database takes no NUL
    channels = tuple(dict.fromkeys(name.strip() for name in named if name.strip()))
    row = Row(line, given["username"], given["name"], given["email"], role == "guest", channels)
    faults = [*_of_username(row), *_of_name(row), *_of_email(row)]
    if role not in ROLES:
        faults.append(Fault(line, "role", _("There is no role %s to import.") % role[:64], _("Write member or guest.")))
    for field, value in (("username", row.username.lower()), ("email", row.email.lower())):
        before = seen.setdefault((field, value), line)
        if value and before != line:
            wrong = _("The same %(field)s stands on line %(line)s.") % {"field": field, "line": before}
            faults.append(Fault(line, field, wrong, _("Each person has one row.")))
    return row, faults


def _of_username(row: Row) -> list[Fault]:
    try:
        username_validator(row.username)
    except ValidationError as error:
        return [Fault(row.line, "username", _("This is no username."), " ".join(error.messages))]
    return []


def _of_name(row: Row) -> list[Fault]:
    if 1 <= len(row.name) <= NAME_LENGTH and row.name.isprintable():
        return []
    return [Fault(row.line, "name", _("This is no name."), _("Write 1 to %s printable characters.") % NAME_LENGTH)]


def _of_email(row: Row) -> list[Fault]:
    try:
        validate_email(row.email)
        if len(row.email) <= EMAIL_LENGTH:
            return []
    except ValidationError:
        pass
    return [Fault(row.line, "email", _("This is no e-mail address."), _("Write it like name@example.com."))]
