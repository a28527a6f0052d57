"""How soon a message is with each of 200 sockets where 20 are said a second."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Iterator, Sequence

import uvloop

from bench import fanout, latency
from bench.pairs import Figure, Sides, Wrong
from bench.parley import Parley
from bench.sockets import HELLO, Socket, opened

RATE, SOCKETS = 20, 200
_PATIENCE_S = 30.0
_MARK = re.compile(rb"#(\d{6});")


class _Ear(Socket):
    """Notes when each message came."""

    def __init__(self, greeting: bytes | None) -> None:
        super().__init__()
        self.greeting = greeting
        self.heard_at: list[float] = []
        self.size = 0
        self.has_all = asyncio.Event()

    def take(self, payload: bytes) -> None:
        """Take a message, which must be the next one."""
        mark = _MARK.search(payload)
        if mark is None:
            super().take(payload)
            return
        if int(mark[1]) != len(self.heard_at):
            raise Wrong(f"message {len(self.heard_at)} is missing or comes late")
        self.heard_at.append(time.perf_counter())
        if len(self.heard_at) == self.size:
            self.has_all.set()


async def _listen(
    url: str, headers: Sequence[dict[str, str]], greeting: bytes | None, message: Callable[[int], bytes], seconds: float
) -> Figure:
    said_at: list[float] = []
    async with opened(url, lambda: _Ear(greeting), headers) as ears:
        for ear in ears:
            ear.size = int(RATE * seconds)
        began = time.perf_counter() + 1
        for number in range(ears[0].size):
            await asyncio.sleep(began + number / RATE - time.perf_counter())
            said_at.append(time.perf_counter())
            ears[0].send(message(number))
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.gather(*(ear.has_all.wait() for ear in ears))
    return latency.of([heard - said for ear in ears for said, heard in zip(said_at, ear.heard_at, strict=True)])


@contextlib.contextmanager
def beside_picows(parley: Parley) -> Iterator[Sides]:
    """Measure a room of 200 sockets; the yardstick echoes as many bytes and stores nothing."""
    headers, message, _to = fanout.room(SOCKETS)
    ours, nobody = parley.url, [dict[str, str]()] * SOCKETS
    with fanout.echoing(parley) as its:
        yield Sides(
            lambda seconds: uvloop.run(_listen(its, nobody, None, fanout.echoed, seconds)),
            lambda seconds: uvloop.run(_listen(ours, headers, HELLO, message, seconds)),
        )
