"""Passwords that everybody tries first: common ones and those of breaches, as a sorted table of short hashes.

An entry is the first four bytes of the SHA-256 of a password in lower case. Among 2³² values a good password meets one
of the 175,461 by chance once in 24,000 times; then another is asked for. `NOTICE` says where they come from.
"""

import hashlib
import re
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("common_passwords.bin")
_ENTRY = "I"
#: What people put behind a word to get past a rule: up to six digits and signs.
_SUFFIX = re.compile(r"[\W\d_]{1,6}\Z")


def is_common(password: str) -> bool:
    """Tell whether a password is one of them in any case, as it is or with a few digits or signs behind it."""
    text = password.lower()
    return _is_listed(text) or _is_listed(_SUFFIX.sub("", text))


def pack(passwords: Iterable[str]) -> bytes:
    """Make the table of passwords in lower case, as it lies in the file."""
    table = array(_ENTRY, sorted({_hash(password) for password in passwords}))
    if sys.byteorder == "little":
        table.byteswap()
    return table.tobytes()


def unpack(packed: bytes) -> "array[int]":
    """Read the table. Raises ValueError for one that is cut off."""
    table = array(_ENTRY)
    table.frombytes(packed)
    if sys.byteorder == "little":
        table.byteswap()
    return table


@cache
def _table() -> "array[int]":
    return unpack(_FILE.read_bytes())


def _is_listed(text: str) -> bool:
    table, wanted = _table(), _hash(text)
    nth = bisect_left(table, wanted)
    return nth < len(table) and table[nth] == wanted


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4])
