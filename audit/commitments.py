"""What of a deed is personal, and how the trail commits to it without holding it.

A part of a deed ("deed": what was before and after; "origin": where it came from) is split in two: what may stay on the
trail for ever, and its personal fields. The trail keeps the fields' names and SHA-256(salt ‖ canonical JSON of the
fields); the fields and their salt lie beside it and can be erased. Without the salt nothing can be guessed.
"""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from audit import canonical

DEED, ORIGIN = "deed", "origin"
SALT_BYTES = 16

_PLAIN = """
    action algorithm category class command event factor fingerprint format handler job kind level locale
    method mode outcome permission permissions phase policy protocol provider result role roles rule scope
    scopes severity sha256 state status step theme type unit verb verbs version
"""
#: A text under one of these keys is a word of our own and never a person's; under any other it counts as personal.
PLAIN_KEYS = frozenset(_PLAIN.split())
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?")


@dataclass(frozen=True)
class Personal:
    """The personal fields of one part, each by its JSON Pointer (RFC 6901), as canonical JSON with its salt."""

    part: str
    fields: dict[str, Any]
    salt: bytes
    text: str

    @classmethod
    def of(cls, part: str, fields: dict[str, Any]) -> "Personal":
        """Salt the fields."""
        return cls(part, fields, secrets.token_bytes(SALT_BYTES), canonical.encode(fields))

    def promise(self) -> dict[str, Any]:
        """Say what the trail keeps of them."""
        return {"commitment": commitment(self.salt, self.text), "fields": sorted(self.fields)}


def commitment(salt: bytes, text: str) -> str:
    """Commit to fields that are written as canonical JSON (hexadecimal)."""
    return sha256(salt + text.encode()).hexdigest()


def separate(value: Any, pointer: str, fields: dict[str, Any], is_plain: bool = False) -> Any:
    """Take the personal texts out of a value of JSON's types, into `fields`; null stands where one was.

    Numbers, truth values and instants are plain. A mapping whose keys are not all names of our code may be keyed by
    people, so it is personal as a whole.
    """
    match value:
        case str() if is_plain or _INSTANT.fullmatch(value):
            return value
        case dict() if all(map(_NAME.fullmatch, value)):
            return {key: separate(part, f"{pointer}/{key}", fields, key in PLAIN_KEYS) for key, part in value.items()}
        case str() | dict():
            fields[pointer] = value
            return None
        case list():
            return [separate(part, f"{pointer}/{nth}", fields, is_plain) for nth, part in enumerate(value)]
    return value


def restore(document: Any, fields: dict[str, Any]) -> None:
    """Put personal texts back to where they were taken from."""
    for pointer, value in fields.items():
        *way, last = pointer.split("/")[1:]
        at = document
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        at[int(last) if isinstance(at, list) else last] = value
