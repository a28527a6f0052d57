"""A room of 200,000 beside one of 200: what a message, a member and a look cost in each."""

import contextlib
import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median
from uuid import uuid4

import msgspec
from websockets.sync.client import connect

from bench.caller import Caller
from bench.crowd import crowd, public_room, settle
from bench.pairs import Figure, Side, Sides, Wrong
from bench.parley import Parley, sockets_at, web
from bench.people import Person, people
from bench.sockets import HELLO, bearer
from messaging.database import rows
from messaging.receipts import ADVANCE

SMALL, LARGE = 200, 200_000
CURVE = (10, 1_000, 10_000)
#: So many people's reading is written at once, as the hub does each second.
_READERS = 100
_BODY = "x" * 300

#: What is timed, by its name.
Deeds = dict[str, Callable[[], object]]


class _Talker:
    """The room's owner, on a socket."""

    def __init__(self, port: int, person: Person) -> None:
        self._socket = connect(sockets_at(port), additional_headers=bearer(person.token), compression=None)
        self._socket.send(HELLO.decode())

    def say(self, room: int, body: str) -> None:
        """Say something and wait for the ack."""
        command = {"type": "send", "id": str(uuid4()), "conversation": room, "body": body}
        self._socket.send(msgspec.json.encode(command).decode())
        while True:
            answer = msgspec.json.decode(self._socket.recv(timeout=30))
            if answer.get("id") == command["id"]:
                if answer["type"] == "error":
                    raise Wrong(str(answer))
                if answer["type"] == "ack":
                    return

    def close(self) -> None:
        """Go."""
        self._socket.close()


def _deeds(room: int, members: list[int], owner: _Talker, caller: Caller, newcomer: Person) -> Deeds:
    """List what is done in a room. Whoever joins leaves again, so that it stays as large as it is."""
    to, own = f"/conversations/{room}", f"/conversations/{room}/members/{newcomer.id}"
    readers, seq = members[:_READERS], count(len(members) + 2)

    def read() -> None:
        params = {"people": readers, "conversations": [room] * len(readers), "delivered": [0] * len(readers)}
        found = rows(ADVANCE, params | {"reads": [next(seq)] * len(readers)})
        if len(found) != len(readers):
            raise Wrong(f"{len(found)} of {len(readers)} have read")

    return {
        "send": lambda: owner.say(room, _BODY),
        "channel": lambda: owner.say(room, f"<!channel> {_BODY}"),
        "join": lambda: caller.call("POST", f"{to}/join"),
        "leave": lambda: caller.call("DELETE", own),
        "members": lambda: caller.ask(f"{to}/members?limit=100"),
        "read": read,
        "receipts": lambda: caller.ask(f"{to}/receipts"),
    }


#: These take turns, since one undoes the other, and the looks are a member's.
_ORDER = ("send", "channel", "join", "members", "receipts", "leave", "read")


def _time(deeds: Deeds, seconds: float) -> Figure:
    """Do all of it in turns, and give the median time of each, in ms; the first is the measure's figure."""
    took: dict[str, list[float]] = {name: [] for name in _ORDER}
    ends_at = time.perf_counter() + seconds
    while time.perf_counter() < ends_at or len(took["send"]) < 3:
        for name in _ORDER:
            began = time.perf_counter()
            deeds[name]()
            took[name].append((time.perf_counter() - began) * 1e3)
    return Figure(median(took["send"]), {f"{name}_ms": median(each) for name, each in took.items()})


def _curve(size: int, figure: Figure) -> str:
    return f"{size:,} members: " + ", ".join(f"{k.removesuffix('_ms')} {v:.3g} ms" for k, v in figure.details.items())


@contextlib.contextmanager
def large_beside_small(parley: Parley) -> Iterator[Sides]:
    """Measure both rooms through one process; notes have the curve of other sizes."""
    owner, newcomer = people(2)
    everybody = crowd(LARGE - 1, owner.id)
    # A hub that is up would tell the owner of each join.
    made = {size: public_room(f"room {size}", owner.id, everybody[: size - 1]) for size in (SMALL, *CURVE, LARGE)}
    settle()
    with web(parley) as (port, _process), contextlib.closing(_Talker(port, owner)) as talker:
        caller = Caller(port, newcomer.token)

        def side(size: int) -> Side:
            deeds = _deeds(made[size], everybody[: size - 1], talker, caller, newcomer)
            return lambda seconds: _time(deeds, seconds)

        sides = {size: side(size) for size in made}
        curve = tuple(_curve(size, sides[size](3.0)) for size in (*CURVE, LARGE))
        yield Sides(sides[SMALL], sides[LARGE], curve)
