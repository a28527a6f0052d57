"""An event on its way from the log to the sockets: decoded once, encoded once a codec."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from messaging.commands import Command, Verdict
from messaging.protocol import codec, events

_decode = msgspec.json.Decoder(events.Event).decode


def instant(at: datetime) -> str:
    """Write an instant as the protocol does: RFC 3339, UTC, microseconds."""
    return f"{at.isoformat(timespec='microseconds')[:26]}Z"


class Entry:
    """One event of a log, and its bytes."""

    __slots__ = ("_msgpack", "conversation", "event", "json", "n", "seq")

    def __init__(self, event: events.Event, n: int, json: bytes | None = None) -> None:
        self.event = event
        self.conversation = event.conversation
        self.seq = event.seq
        self.n = n
        self.json = codec.JSON.encode(event) if json is None else json
        self._msgpack: bytes | None = None

    def is_shown(self, now: str) -> bool:
        """Tell whether it may still be shown at an instant, as `instant` writes it: such texts sort by time."""
        return self.event.expires_at is None or self.event.expires_at > now

    @property
    def msgpack(self) -> bytes:
        """The event in MessagePack, encoded when the first socket that speaks it wants it."""
        if self._msgpack is None:
            self._msgpack = codec.MSGPACK.encode(self.event)
        return self._msgpack

    @classmethod
    def of_command(cls, command: Command, verdict: Verdict, source: str | None) -> "Entry":
        """Make the entry of a command that was just committed."""
        assert verdict.at is not None
        common: dict[str, Any] = {
            "conversation": command.conversation,
            "seq": verdict.seq,
            "id": command.id,
            "user": command.author,
            "at": instant(verdict.at),
        }
        if command.said_at is not None:
            common["said_at"] = instant(command.said_at)
        if source is not None:
            common["source"] = source
        if verdict.expires_at is not None:
            common["expires_at"] = instant(verdict.expires_at)
        event = events.event(command.kind, common, command.target, command.thread, command.body, command.payload)
        return cls(event, verdict.n)

    @classmethod
    def of_json(cls, json: bytes, n: int) -> "Entry":
        """Read an entry that another process published."""
        return cls(_decode(json), n, json)


#: The columns of `of_row`, of the log `e` and its source `source`.
COLUMNS = """e.conversation_id, e.seq, e.n, e.id, e.kind, e.author_id, e.at, e.said_at,
    case when source.id is not null then source.kind || ':' || source.sha256
        when e.said_at is not null then 'client' end,
    e.target, e.thread, e.body, e.payload, e.expires_at"""
SOURCE = "left join source on source.id = e.source_id"


def common_of(row: Sequence[Any]) -> dict[str, Any]:
    """Read what every event has from a row of COLUMNS."""
    common: dict[str, Any] = {
        "conversation": row[0],
        "seq": row[1],
        "id": row[3],
        "user": row[5],
        "at": instant(row[6]),
    }
    if row[7] is not None:
        common["said_at"] = instant(row[7])
    if row[8] is not None:
        common["source"] = row[8]
    if row[13] is not None:
        common["expires_at"] = instant(row[13])
    return common


def of_row(row: Sequence[Any]) -> Entry:
    """Read an entry from a row of COLUMNS."""
    return Entry(events.event(row[4], common_of(row), row[9], row[10], row[11], row[12]), row[2])
