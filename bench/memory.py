"""What an idle socket costs the process that holds it."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence

import psutil
import uvloop

from bench.pairs import Figure, Sides
from bench.parley import Parley, sockets_at, web
from bench.people import channel, people
from bench.running import answers, free_port, running
from bench.sockets import HELLO, Socket, bearer, opened
from chatproject.places import ROOT
from chatproject.up.program import Program

SOCKETS = 5000
PEOPLE = 500
CONVERSATIONS = 20
#: After this long what a connection needed while it was opened is free again.
_IDLE_S = 3.0


class _Greeting(Socket):
    greeting = HELLO


async def _growth(
    url: str, process: psutil.Process, make: Callable[[], Socket], headers: Sequence[dict[str, str]]
) -> Figure:
    """Open a first socket, for all that one alone needs, then the others, and see by how much the process grew."""
    async with opened(url, make, headers[:1]):
        await asyncio.sleep(_IDLE_S)
        before = process.memory_info().rss
        async with opened(url, make, headers[1:]):
            await asyncio.sleep(_IDLE_S)
            after = process.memory_info().rss
    each_kib = (after - before) / 1024 / (len(headers) - 1)
    return Figure(each_kib, {"before_kib": before / 1024, "after_kib": after / 1024})


def signed_in() -> list[dict[str, str]]:
    """Make five hundred people, each in twenty channels of twenty; each opens ten sockets."""
    members = people(PEOPLE)
    for first in range(PEOPLE):
        some = [members[(first + step) % PEOPLE].id for step in range(CONVERSATIONS)]
        channel(f"channel {first}", some)
    return [bearer(members[number % PEOPLE].token) for number in range(SOCKETS)]


@contextlib.contextmanager
def bare(parley: Parley) -> Iterator[tuple[str, psutil.Process]]:
    """Run a server that accepts sockets and waits; gives its address and its process."""
    port = free_port()
    options = ["--port", str(port), "--loop", "uvloop", "--ws", "websockets-sansio"]
    silent = ["--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning"]
    argv = [sys.executable, "-m", "uvicorn", "bench.yardsticks.bare_socket:application", *options, *silent]
    program = Program("bare uvicorn", argv, cwd=ROOT, log=parley.folder / "bare.log")
    with running(program, lambda: answers(port)) as process:
        yield f"ws://127.0.0.1:{port}/", process


@contextlib.contextmanager
def beside_a_bare_socket(parley: Parley) -> Iterator[Sides]:
    """Measure both in a web process that has done nothing yet."""
    headers, nobody = signed_in(), [dict[str, str]()] * SOCKETS

    def its(seconds: float) -> Figure:
        with bare(parley) as (url, process):
            return uvloop.run(_growth(url, process, Socket, nobody))

    def ours(seconds: float) -> Figure:
        with web(parley) as (port, process):
            return uvloop.run(_growth(sockets_at(port), process, _Greeting, headers))

    yield Sides(its, ours)
