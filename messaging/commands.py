"""Commands to the log, and what it answers: the typed form behind frames, REST, imports and administration."""

import os
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec

_canonical = msgspec.json.Encoder(order="sorted")

SALT_BYTES = 16


def content(body: str | None, payload: dict[str, Any] | None) -> bytes:
    """Give the canonical form of what an event says, which its digest binds: JSON of [body, payload], keys sorted."""
    return _canonical.encode([body, payload])


class Command(msgspec.Struct, kw_only=True):
    """One thing to put into a conversation's log.

    `is_vouched`: the caller has checked the rights itself (a domain function, an import), so that the log only numbers.
    Such a command may also point at what the same call appends before it, by the number that this will get.
    """

    conversation: int
    author: int
    kind: str
    id: UUID = msgspec.field(default_factory=uuid4)
    body: str | None = None
    target: int | None = None
    thread: int | None = None
    payload: dict[str, Any] | None = None
    said_at: datetime | None = None
    source: int | None = None
    is_vouched: bool = False
    salt: bytes = msgspec.field(default_factory=lambda: os.urandom(SALT_BYTES))

    def digest(self) -> bytes:
        """Commit to the content: SHA-256(salt ‖ content)."""
        return sha256(self.salt + content(self.body, self.payload)).digest()


class Verdict(NamedTuple):
    """What became of a command: a place in the log, or the code of a refusal.

    `why` narrows the code down where a sentence of its own helps; `retry_after_s`: until then waiting helps.
    """

    code: str | None
    seq: int = 0
    at: datetime | None = None
    n: int = 0
    is_duplicate: bool = False
    #: Until when the event is shown; None for good.
    expires_at: datetime | None = None
    why: str | None = None
    retry_after_s: float | None = None
