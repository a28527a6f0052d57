"""One process of two restarts under 5,000 people, who come back with jitter and catch up."""

import asyncio
import contextlib
import multiprocessing
import random
import re
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import NamedTuple

import msgspec
import uvloop
from django.db import transaction
from picows import ws_connect

from bench.crowd import crowd, public_room, settle, tokens
from bench.pairs import Figure, Sides
from bench.parley import Parley, sockets_at, web
from bench.people import channel, people
from bench.sockets import Socket, bearer
from bench.talkers import BODY, Talkers
from messaging.commands import Command
from messaging.log import append_in
from messaging.models import Head

PEOPLE, GROUPS, CONVERSATIONS, BEHIND = 5000, 20, 20, 20
#: A client that was let go waits up to so long before it comes back.
JITTER_S = 8.0
#: Who talks at the other process, and how often all of them do together.
TALKERS, RATE = 20, 100
_PATIENCE_S = 90.0
_SOURCES = re.compile(r'^parley_conversations_caught_up_total\{source="(\w+)"\} (\S+)$', re.MULTILINE)


class _Group(NamedTuple):
    """People who share twenty conversations, of which the first is the busy one."""

    tokens: list[str]
    rooms: list[int]
    owner: int


class _Returning(Socket):
    """Comes back with the cursors that it had, and has caught up when it holds its busy conversation's head."""

    def __init__(self, cursors: dict[int, int], busy: int, head: int) -> None:
        super().__init__()
        self.greeting = msgspec.json.encode({"type": "hello", "cursors": {str(k): v for k, v in cursors.items()}})
        self._is_behind, self._last = cursors[busy] < head, f'"seq":{head},'.encode()
        self.caught_up_at = 0.0
        self.has_caught_up = asyncio.Event()

    def take(self, payload: bytes) -> None:
        """Take the welcome, and what was missed."""
        super().take(payload)
        is_welcome = payload.startswith(b'{"type":"welcome"')
        if self._last in payload if self._is_behind and not is_welcome else is_welcome and not self._is_behind:
            self.caught_up_at = time.perf_counter()
            self.has_caught_up.set()


def _world() -> list[_Group]:
    (like,) = people(1)
    everybody, size = crowd(PEOPLE, like.id), PEOPLE // GROUPS
    groups = []
    for start in range(0, PEOPLE, size):
        members = everybody[start : start + size]
        rooms = [public_room(f"{start} {nth}", members[0], members[1:]) for nth in range(CONVERSATIONS)]
        groups.append(_Group(tokens(members), rooms, members[0]))
    settle()
    return groups


def _say(groups: list[_Group]) -> None:
    """Say in each busy conversation what its people will have missed."""
    for group in groups:
        said = [
            Command(conversation=group.rooms[0], author=group.owner, kind="message", body=BODY) for _ in range(BEHIND)
        ]
        with transaction.atomic():
            append_in(said)


def _heads() -> dict[int, int]:
    return dict(Head.objects.values_list("conversation_id", "seq"))


def _sources(port: int) -> dict[str, float]:
    """Read from where catching up was answered so far, by all processes."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        return {source: float(count) for source, count in _SOURCES.findall(answer.read().decode())}


async def _come_back(url: str, groups: list[_Group], cursors: dict[int, int], heads: dict[int, int]) -> float:
    """Let everybody come back, and give when the last had caught up (seconds from now)."""
    began, gate = time.perf_counter(), asyncio.Semaphore(200)
    sockets: list[_Returning] = []

    async def one(group: _Group, token: str) -> None:
        await asyncio.sleep(random.uniform(0, JITTER_S))
        busy = group.rooms[0]
        held = {room: cursors[room] for room in group.rooms}
        async with gate:
            _, socket = await ws_connect(lambda: _Returning(held, busy, heads[busy]), url, extra_headers=bearer(token))
        assert isinstance(socket, _Returning)
        sockets.append(socket)
        await socket.has_caught_up.wait()

    try:
        async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as tasks:
            for group in groups:
                for token in group.tokens:
                    tasks.create_task(one(group, token))
        return max(socket.caught_up_at for socket in sockets) - began
    finally:
        for socket in sockets:
            socket.transport.disconnect()


class _Town:
    """The people who come back, and those who talk at the other process meanwhile."""

    def __init__(self, parley: Parley, beside: Executor) -> None:
        self._parley = parley
        self._groups = _world()
        talking = people(TALKERS)
        channels = [channel(f"talk-{person.id}", [person.id]) for person in talking]
        self._talkers = Talkers(parley.url, [person.token for person in talking], channels)
        self._beside = beside

    def before(self) -> Figure:
        """Measure acknowledgements where nobody restarts."""
        return _p99(self._talk().result())

    def _talk(self) -> Future[Figure]:
        """Talk from a process of their own: where the crowd's has no time to listen, no server is slow."""
        return self._beside.submit(self._talkers.talk, RATE, JITTER_S)

    def returns(self, *, is_behind: bool) -> tuple[float, Figure, dict[str, float]]:
        """Start a process, let everybody come back to it: when all had caught up, acks meanwhile, answered by what."""
        cursors = _heads()
        if is_behind:
            _say(self._groups)
        heads, before = _heads(), _sources(self._parley.port)

        with web(self._parley) as (port, _process):
            talk = self._talk()
            took = uvloop.run(_come_back(sockets_at(port), self._groups, cursors, heads))
            acks = talk.result(_PATIENCE_S)
            time.sleep(2.0)  # what it has counted is written each second
            after = _sources(self._parley.port)
        return took, acks, {source: after[source] - before.get(source, 0.0) for source in after}


def _p99(figure: Figure) -> Figure:
    return Figure(figure.details["p99_ms"], {"p50_ms": figure.value})


@contextlib.contextmanager
def _town(parley: Parley) -> Iterator[_Town]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as beside:
        yield _Town(parley, beside)


@contextlib.contextmanager
def behind_beside_abreast(parley: Parley) -> Iterator[Sides]:
    """Measure until the last has caught up; details say what answered: the hub's last events, or PostgreSQL's log."""
    with _town(parley) as town:

        def side(is_behind: bool) -> Figure:
            took, _acks, sources = town.returns(is_behind=is_behind)
            return Figure(took, sources)

        yield Sides(lambda seconds: side(False), lambda seconds: side(True))


@contextlib.contextmanager
def acks_beside_before(parley: Parley) -> Iterator[Sides]:
    """Measure acknowledgements at the process that does not restart."""
    with _town(parley) as town:
        yield Sides(lambda seconds: town.before(), lambda seconds: _p99(town.returns(is_behind=True)[1]))
