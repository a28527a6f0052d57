"""Slack's times, exact to the microsecond: whole numbers all the way, for a float loses the last digit."""

import re
from datetime import UTC, datetime, timedelta

_TS = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The first microsecond after the year 9999, where Python's and PostgreSQL's calendars part.
_END = 253_402_300_800_000_000


def micros(ts: str | None) -> int | None:
    """Read a `ts` like "1359212661.000001" as microseconds since 1970; None where it is no time."""
    match = _TS.fullmatch(ts or "")
    if match is None:
        return None
    at = int(match[1] + (match[2] or "").ljust(6, "0"))
    return at if at < _END else None


def moment(at: int) -> datetime:
    """Turn microseconds since 1970 into a time in UTC."""
    return _EPOCH + timedelta(microseconds=at)
