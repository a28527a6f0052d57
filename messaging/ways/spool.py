"""A wire whose frames wait until they are fetched, and that knows how far they reach."""

import asyncio
import re
from collections.abc import Callable, Mapping

import msgspec

from messaging.frames import BUFFER_BYTES
from messaging.protocol import limits
from messaging.protocol.codec import Refused
from messaging.ways.told import Told

#: Cursors that are named in a text: those of the conversations that moved last.
NAMED = 500
_CURSORS = re.compile(r"(?:[1-9][0-9]{0,15}:[0-9]{1,16}(?:,(?=[1-9])|\Z))*\Z")


class _Place(msgspec.Struct):
    seq: int


class _Known(msgspec.Struct):
    id: int
    seq: int


class _Seen(msgspec.Struct):
    """What a frame to the client says of where logs are."""

    type: str
    conversation: int | _Known | None = None
    conversations: list[_Known] = []
    seq: int = 0
    events: list[_Place] = []
    more: bool = False
    change: str = ""


_seen = msgspec.json.Decoder(_Seen)


def read_cursors(text: str) -> dict[int, int]:
    """Read cursors as `12:345,13:9`, conversation and seq. Raises Refused (`malformed`)."""
    if not _CURSORS.match(text) or text.count(",") >= limits.CURSORS:
        what = "`cursors` are `conversation:seq` with commas between, such as 12:345,13:9"
        raise Refused("malformed", f"{what}, at most {limits.CURSORS:,}.")
    pairs = (pair.split(":") for pair in text.split(",") if pair)
    return {int(conversation): min(int(seq), limits.LARGEST_INTEGER) for conversation, seq in pairs}


class Spool:
    """Keeps payloads in JSON for whoever writes them to the client."""

    def __init__(self, cursors: Mapping[int, int], told: Told | None = None) -> None:
        #: Up to where each log was told, the last that moved at the end.
        self.cursors = dict(cursors)
        #: What of the news was told before; None: all is told.
        self.told = told
        #: Conversations of which there is more to be read before anything live comes.
        self.behind: set[int] = set()
        #: True while the client does not take what it was sent.
        self.is_stuck = False
        self.moved = asyncio.Event()
        self.ended = asyncio.Event()
        #: How it ended: the socket's close code, and why.
        self.code: int | None = None
        self.reason = ""
        #: Called, a moment later, where too much waits.
        self.slow: Callable[[], None] = lambda: None
        self._frames: list[bytes] = []
        self._size_bytes = 0

    def write(self, payload: bytes) -> None:
        """Keep a frame."""
        if self.code is not None:
            return
        if self.told is not None:
            news = self.told.news(payload)
            if news is None:
                return
            payload = news
        self._frames.append(payload)
        self._size_bytes += len(payload)
        if self.is_stuck and self._size_bytes > BUFFER_BYTES:
            asyncio.get_running_loop().call_soon(self.slow)
        self._note(_seen.decode(payload))
        self.moved.set()

    def rest(self) -> None:
        """Do nothing: of a request everything is read."""

    def end(self, code: int, reason: str = "") -> None:
        """Take nothing more; the first word counts."""
        if self.code is None:
            self.code, self.reason = code, reason
        self.ended.set()
        self.moved.set()

    def take(self) -> list[bytes]:
        """Give what waits."""
        frames, self._frames = self._frames, []
        self._size_bytes = 0
        self.moved.clear()
        return frames

    def text(self) -> str:
        """Name the cursors, for the client to come back with."""
        return ",".join(f"{conversation}:{seq}" for conversation, seq in list(self.cursors.items())[-NAMED:])

    def _note(self, seen: _Seen) -> None:
        match seen.conversation:
            case int(conversation) if seen.type == "event":
                self._advance(conversation, seen.seq)
            case int(conversation) if seen.type == "events":
                if seen.events:
                    self._advance(conversation, seen.events[-1].seq)
                if seen.more:
                    self.behind.add(conversation)
            case _Known(id=conversation, seq=seq):
                self.cursors.pop(conversation, None)
                if seen.change == "added":
                    self.cursors[conversation] = seq
        for known in reversed(seen.conversations):  # the latest comes first
            self.cursors.setdefault(known.id, known.seq)

    def _advance(self, conversation: int, seq: int) -> None:
        self.cursors.pop(conversation, None)
        self.cursors[conversation] = seq
