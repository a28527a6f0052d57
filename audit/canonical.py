"""Canonical JSON: one value, one text, so that a digest of it can be made again (after RFC 8785)."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID


def encode(value: Any) -> str:
    """Write a value as JSON with sorted keys and no spaces; raises ValueError for NaN and infinity.

    Keys are sorted by code point, and numbers are written as Python writes them: what is signed here is a text that is
    kept, and nobody has to make it again from another language's numbers.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def plain(value: Any) -> Any:
    """Turn what a deed says into JSON's own types, with strings that PostgreSQL and UTF-8 can hold.

    Instants become ISO 8601 in UTC. NUL and lone surrogates, which only a stranger's input has, become U+FFFD: a
    sign-in must not fail because it could not be recorded.
    """
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _well_formed(str(value))
        case dict():
            return {_well_formed(str(key)): plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case set() | frozenset():
            return sorted(plain(part) for part in value)
        case datetime():
            return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
    return _well_formed(str(value))


def _well_formed(text: str) -> str:
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "\ufffd")
