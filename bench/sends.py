"""A thousand people who each say something, wait until it is stored, and say the next thing."""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from uuid import uuid4

import msgspec
import uvloop

from bench import cores
from bench.append import BODY, store
from bench.append import world as world_of_the_yardstick
from bench.pairs import Figure, Sides, Wrong
from bench.parley import Parley, sockets_at, web
from bench.people import Person, channel, messages, people
from bench.sockets import HELLO, Socket, bearer, opened
from bench.steady import rate

SENDERS = 1000
_PATIENCE_S = 30.0


class _Sender(Socket):
    """Sends its next message when the last is acknowledged, until time is up; the same again where it was refused."""

    greeting = HELLO
    conversation: int
    ends_at: float

    def __init__(self) -> None:
        super().__init__()
        self.took: list[float] = []
        self.refused = 0
        self.through = asyncio.Event()

    def say(self) -> None:
        """Say something."""
        self._id, self._said_at = str(uuid4()), time.perf_counter()
        self._send()

    def _send(self) -> None:
        said = {"type": "send", "id": self._id, "conversation": self.conversation, "body": BODY}
        self.send(msgspec.json.encode(said))

    def take(self, payload: bytes) -> None:
        """Take an ack, or a refusal for now; one's own message comes back too, and is let pass."""
        if payload.startswith(b'{"type":"error"') and b'"unavailable"' in payload:
            self.refused += 1
            asyncio.get_running_loop().call_later(msgspec.json.decode(payload)["retry_after"], self._send)
            return
        if not payload.startswith(b'{"type":"ack"'):
            super().take(payload)
            return
        if self._id.encode() not in payload:
            raise Wrong(f"{payload.decode()} acknowledges what was not asked")
        now = time.perf_counter()
        self.took.append(now - self._said_at)
        if now < self.ends_at:
            self.say()
        else:
            self.through.set()


async def _send(urls: Sequence[str], senders: list[Person], channels: list[int], seconds: float) -> Figure:
    async with opened(urls, _Sender, [bearer(person.token) for person in senders]) as sockets:
        began = time.perf_counter()
        for socket, conversation in zip(sockets, channels, strict=True):
            socket.conversation, socket.ends_at = conversation, began + seconds
            socket.say()
        async with asyncio.timeout(seconds + _PATIENCE_S):
            await asyncio.gather(*(socket.through.wait() for socket in sockets))
        took = time.perf_counter() - began
    figure = rate([each for socket in sockets for each in socket.took], took)
    return Figure(figure.value, {**figure.details, "refused": sum(socket.refused for socket in sockets)})


def _sides(urls: Sequence[str]) -> Sides:
    """Measure, through sockets, a channel of one's own for each; the yardstick as `append` does."""
    senders = people(SENDERS)
    channels = [channel(f"sends-{person.id}", [person.id]) for person in senders]
    author, others = world_of_the_yardstick()

    def ours(seconds: float) -> Figure:
        before = messages(channels)
        figure = uvloop.run(_send(urls, senders, channels, seconds))
        stored = messages(channels) - before
        if stored != figure.details["done"]:
            raise Wrong(f"{stored} stored, {figure.details['done']} acknowledged")
        return figure

    return Sides(lambda seconds: store(author, others, seconds), ours)


@contextlib.contextmanager
def beside_one_transaction(parley: Parley) -> Iterator[Sides]:
    """Measure one process."""
    yield _sides([parley.url])


@contextlib.contextmanager
def two_beside_one_transaction(parley: Parley) -> Iterator[Sides]:
    """Measure two processes, of which the second shares the client's core."""
    with web(parley, core=cores.CLIENT) as (port, _process):
        yield _sides([parley.url, sockets_at(port)])
