"""One socket, as the hub sees it: whose it is, what it speaks, and how bytes get there."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import msgspec

from accounts.access.identity import Identity
from messaging.entry import Entry
from messaging.framing import deflated, frame
from messaging.protocol import limits
from messaging.protocol.codec import JSON, MSGPACK, Codec

if TYPE_CHECKING:
    from messaging.ways.told import Told

#: What is smaller is not worth compressing.
DEFLATED_BYTES = 1024


class Form(Enum):
    """How a socket wants its bytes."""

    #: A payload, which others frame.
    BARE = "bare"
    #: A ready frame.
    FRAMED = "framed"
    #: A ready frame, compressed where it is the same for many and large enough to gain by it.
    DEFLATED = "deflated"


class Outlet:
    """A form in which clients of one kind want an event, and the codec.

    It counts what was written in it, until `gauges` takes the counts.
    """

    __slots__ = ("codec", "events", "form", "frames", "labels")

    def __init__(self, way: str, codec: Codec, form: Form = Form.BARE) -> None:
        self.codec = codec
        self.form = form
        #: The way in and the codec, as `/metrics` calls them.
        self.labels = (way, "json" if codec is JSON else "msgpack")
        self.frames = self.events = 0

    def wrap(self, payload: bytes) -> bytes:
        """Make a payload ready to be written."""
        return payload if self.form is Form.BARE else frame(self.codec.opcode, payload)

    def event(self, entry: Entry) -> bytes:
        """Make an event ready to be written to any number of sockets."""
        payload = self.codec.event_payload(self.encoded(entry))
        if self.form is Form.DEFLATED and len(payload) > DEFLATED_BYTES:
            return deflated(self.codec.opcode, payload)
        return self.wrap(payload)

    def encoded(self, entry: Entry) -> bytes:
        """Give an event's bytes in this codec."""
        return entry.json if self.codec is JSON else entry.msgpack


#: Those of sockets, on a server with frames of ours or without.
OUTLETS: dict[tuple[Codec, Form], Outlet] = {
    (codec, form): Outlet("socket", codec, form) for codec in (JSON, MSGPACK) for form in Form
}
STREAM, POLL, REQUEST = Outlet("stream", JSON), Outlet("poll", JSON), Outlet("request", JSON)


def all_outlets() -> list[Outlet]:
    """List the outlets of every way in."""
    return [*OUTLETS.values(), STREAM, POLL, REQUEST]


class Wire(Protocol):
    """What carries bytes to the client."""

    def write(self, ready: bytes, /) -> None:
        """Write them."""

    def rest(self) -> None:
        """Read nothing from the client for a moment."""

    def end(self, code: int, reason: str = "") -> None:
        """Close with a code."""


class Peer:
    """A socket of somebody."""

    __slots__ = (
        "catching_up", "device", "heard_at", "identity", "input_at", "is_here", "is_used", "is_welcome", "malformed",
        "outlet", "told", "unanswered", "wire", "write",
    )  # fmt: skip

    def __init__(self, identity: Identity, wire: Wire, outlet: Outlet, device: UUID | None = None) -> None:
        self.identity = identity
        self.wire = wire
        self.write: Callable[[bytes], None] = wire.write
        self.outlet = outlet
        #: What a stream or a poll is known by to the requests of the same client.
        self.device = device
        #: What the polls of the device were told before.
        self.told: Told | None = None
        #: It shows that its person is here. The requests of a device do not; of a poll it is asked first since when.
        self.is_here = device is None or outlet not in (REQUEST, POLL)
        self.heard_at = time.monotonic()
        #: When somebody last did something there.
        self.input_at = self.heard_at
        #: Commands that are with the log.
        self.unanswered = 0
        #: A command came since the upkeep last looked: a ping is no use of a session.
        self.is_used = False
        #: Conversations of which nothing live is sent, since the client has yet to ask for the rest.
        self.catching_up: set[int] = set()
        self.is_welcome = False
        self.malformed: deque[float] | None = None

    def send(self, struct: msgspec.Struct) -> None:
        """Encode a frame for this socket alone and write it."""
        self.outlet.frames += 1
        self.write(self.outlet.wrap(self.outlet.codec.encode(struct)))

    def send_events(
        self, conversation: int, first: int, entries: list[Entry], *, more: bool = False, gap: bool = False
    ) -> None:
        """Write an `events` frame."""
        self.outlet.frames += 1
        self.outlet.events += len(entries)
        encoded = [self.outlet.encoded(entry) for entry in entries]
        self.write(self.outlet.wrap(self.outlet.codec.events_payload(conversation, first, encoded, more, gap)))

    def is_flooding(self) -> bool:
        """Count a malformed frame, and tell whether there were too many within a minute."""
        now = time.monotonic()
        self.malformed = self.malformed or deque(maxlen=limits.MALFORMED_PER_MINUTE)
        self.malformed.append(now)
        return len(self.malformed) == limits.MALFORMED_PER_MINUTE and now - self.malformed[0] < 60


def write_to(peers: Iterable[Peer], struct: msgspec.Struct) -> None:
    """Write a frame to many sockets, encoded once for each form in which they want it."""
    ready: dict[Outlet, bytes] = {}
    for peer in peers:
        if peer.outlet not in ready:
            ready[peer.outlet] = peer.outlet.wrap(peer.outlet.codec.encode(struct))
        peer.outlet.frames += 1
        peer.write(ready[peer.outlet])


class Person:
    """Somebody who has sockets in this process."""

    __slots__ = ("conversations", "is_stale", "peers")

    def __init__(self) -> None:
        self.peers: set[Peer] = set()
        #: The conversations in whose rooms some of the sockets are.
        self.conversations: set[int] = set()
        #: A conversation was joined while a socket was still being welcomed.
        self.is_stale = False


class Allowance:
    """How many commands somebody may still send (a token bucket). It outlives the person's sockets until it is full."""

    __slots__ = ("_burst", "_filled_at", "_per_s", "_tokens")

    def __init__(self, per_s: int = limits.COMMANDS_PER_S, burst: int = limits.COMMANDS_BURST) -> None:
        self._per_s, self._burst = per_s, burst
        self._tokens = float(burst)
        self._filled_at = time.monotonic()

    def _fill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_s)
        self._filled_at = now

    def is_full(self) -> bool:
        """Tell whether nothing is used up."""
        self._fill()
        return self._tokens >= self._burst

    def has_any(self) -> bool:
        """Tell whether there is a command left. Changes nothing, so that any thread may ask."""
        return self._tokens + (time.monotonic() - self._filled_at) * self._per_s >= 1

    def wait_s(self) -> float:
        """Take a command out; more than 0: there was none, and so long until there is one again."""
        self._fill()
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_s
        self._tokens -= 1
        return 0.0


def describe(identity: Identity) -> dict[str, Any]:
    """Give who somebody is, for `welcome`."""
    return {"id": identity.id, "username": identity.username, "name": identity.name}
