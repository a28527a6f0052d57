"""What the trail's digests are made of. The database makes them (`migrations/0003_chain.py`); here they are made again.

No Django: an auditor can read this file by itself. Integers are signed and big endian, instants are microseconds since
1970 in UTC.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

#: What the first link has before it.
GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """Count an instant's microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def entry_digest(at: datetime, content: str) -> bytes:
    """Digest an entry: SHA-256 over its instant (8 bytes) and its content's UTF-8."""
    return sha256(struct.pack(">q", microseconds(at)) + content.encode()).digest()


def entries_digest(digests: Iterable[bytes]) -> bytes:
    """Digest a deed: SHA-256 over the digests of its entries, in the order of their ids."""
    whole = sha256()
    for digest in digests:
        whole.update(digest)
    return whole.digest()


@dataclass(frozen=True)
class Link:
    """What a link's hash is made of."""

    seq: int
    first: int
    entries: int
    at: datetime
    previous: bytes
    entries_digest: bytes

    def hash(self) -> bytes:
        """Hash it: SHA-256 over 0x01, the previous hash, seq, first, entries (4 bytes), the instant, the digest."""
        numbers = struct.pack(">qqiq", self.seq, self.first, self.entries, microseconds(self.at))
        return sha256(b"\x01" + self.previous + numbers + self.entries_digest).digest()
