"""Two hundred people who each say something, wait until it is stored, and say the next thing."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from uuid import uuid4

import msgspec
import uvloop

from bench.append import AT_ONCE, BODY, store
from bench.append import world as world_of_the_yardstick
from bench.pairs import Figure, Sides, Wrong
from bench.parley import Parley
from bench.people import Person, channel, messages, people
from bench.sockets import HELLO, Socket, bearer, opened
from bench.steady import rate

_PATIENCE_S = 30.0


class _Sender(Socket):
    """Sends its next message when the last is acknowledged, until time is up."""

    greeting = HELLO
    conversation: int
    ends_at: float

    def __init__(self) -> None:
        super().__init__()
        self.took: list[float] = []
        self.through = asyncio.Event()

    def say(self) -> None:
        """Send a message."""
        self._id = str(uuid4())
        said = {"type": "send", "id": self._id, "conversation": self.conversation, "body": BODY}
        self._sent_at = time.perf_counter()
        self.send(msgspec.json.encode(said))

    def take(self, payload: bytes) -> None:
        """Take an acknowledgement; one's own message comes back too, and is let pass."""
        if not payload.startswith(b'{"type":"ack"'):
            super().take(payload)
            return
        if self._id.encode() not in payload:
            raise Wrong(f"{payload.decode()} acknowledges what was not asked")
        now = time.perf_counter()
        self.took.append(now - self._sent_at)
        if now < self.ends_at:
            self.say()
        else:
            self.through.set()


async def _send(url: str, senders: list[Person], channels: list[int], seconds: float) -> Figure:
    async with opened(url, _Sender, [bearer(person.token) for person in senders]) as sockets:
        began = time.perf_counter()
        for socket, conversation in zip(sockets, channels, strict=True):
            socket.conversation, socket.ends_at = conversation, began + seconds
            socket.say()
        async with asyncio.timeout(seconds + _PATIENCE_S):
            await asyncio.gather(*(socket.through.wait() for socket in sockets))
        took = time.perf_counter() - began
    return rate([each for socket in sockets for each in socket.took], took)


@contextlib.contextmanager
def beside_one_transaction(parley: Parley) -> Iterator[Sides]:
    """Measure, through sockets, a channel of one's own for each; the yardstick as `append` does."""
    senders = people(AT_ONCE)
    channels = [channel(f"sends-{person.id}", [person.id]) for person in senders]
    author, others = world_of_the_yardstick()

    def ours(seconds: float) -> Figure:
        before = messages(channels)
        figure = uvloop.run(_send(f"ws://127.0.0.1:{parley.port}/ws/", senders, channels, seconds))
        stored = messages(channels) - before
        if stored != figure.details["done"]:
            raise Wrong(f"{stored} stored, {figure.details['done']} acknowledged")
        return figure

    yield Sides(lambda seconds: store(author, others, seconds), ours)
