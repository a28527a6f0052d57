"""What 5,000 sockets cost that only say, every 25 seconds, that they are there."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

import psutil
import uvloop

from bench.cost import cpu_s
from bench.memory import SOCKETS, bare, signed_in
from bench.pairs import Figure, Sides, Wrong
from bench.parley import Parley, sockets_at, web
from bench.sockets import HELLO, Socket, opened

HEARTBEAT_S = 25.0
_PING = b'{"type":"ping"}'
_SLICE_S = 0.1


class _Idler(Socket):
    """Counts what is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.pongs = 0

    def take(self, payload: bytes) -> None:
        """Take an answer."""
        if payload.startswith(b'{"type":"pong"'):
            self.pongs += 1
        else:
            super().take(payload)


class _Greeting(_Idler):
    greeting = HELLO


async def _ping(sockets: Sequence[Socket]) -> None:
    """Let each ping once within a heartbeat, evenly."""
    began = time.perf_counter()
    for number, socket in enumerate(sockets):
        due = began + number / len(sockets) * HEARTBEAT_S
        if due > time.perf_counter() + _SLICE_S:
            await asyncio.sleep(_SLICE_S)
        socket.send(_PING)
    await asyncio.sleep(began + HEARTBEAT_S - time.perf_counter())


async def _idle(
    url: str, headers: Sequence[dict[str, str]], make: Callable[[], _Idler], process: psutil.Process, parley: Parley
) -> Figure:
    async with opened(url, make, headers) as sockets:
        await _ping(sockets)  # whatever opening them left to do is done by then
        answered = sum(socket.pongs for socket in sockets)
        used, all_used, began = cpu_s([process]), cpu_s([process, parley.process]), time.perf_counter()
        await _ping(sockets)
        took = time.perf_counter() - began
        figure = Figure(
            (cpu_s([process]) - used) / took * 100,
            {"all_percent": (cpu_s([process, parley.process]) - all_used) / took * 100},
        )
        if make is _Greeting and sum(socket.pongs for socket in sockets) - answered < SOCKETS:
            raise Wrong("a ping was not answered")
        return figure


@contextlib.contextmanager
def beside_bare_sockets(parley: Parley) -> Iterator[Sides]:
    """Measure a web process of its own for each figure; a bare socket answers nothing."""
    headers, nobody = signed_in(), [dict[str, str]()] * SOCKETS

    def its(seconds: float) -> Figure:
        with bare(parley) as (url, process):
            return uvloop.run(_idle(url, nobody, _Idler, process, parley))

    def ours(seconds: float) -> Figure:
        with web(parley) as (port, process):
            return uvloop.run(_idle(sockets_at(port), headers, _Greeting, process, parley))

    yield Sides(its, ours)
