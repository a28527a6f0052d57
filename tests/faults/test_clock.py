"""The clock jumps by an hour under load, forward and back, of the whole host and of it alone, without the database.

Every promise holds, and whatever goes by the clock goes on: the timetable, presence, sessions, what counts guesses.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from messaging.entry import instant
from tests.faults import proof, schedule, town
from tests.faults.crowd import GAP_S, Crowd, Watch
from tests.faults.set_clock import SetClock
from tests.faults.town import Person, Town
from tests.faults.tree import OPTIONS, Tree, unexplained
from tests.talking import Talker
from tests.up.running import Up
from tests.worlds import PASSWORD

HOUR_S = 3600
#: By how much the clock is set, and the database's where that is another (seconds, as of the machine's own).
JUMPS: dict[str, tuple[int, int | None]] = {
    "an hour forward": (HOUR_S, None),
    "an hour back": (0, None),
    "an hour back again": (-HOUR_S, None),
    "an hour forward, not the database's": (0, -HOUR_S),
    "two hours back, not the database's": (-2 * HOUR_S, -HOUR_S),
}
RATE = 30.0
#: By then what is due by the timetable, which looks each five seconds, is done (seconds).
DONE_S = 30.0


@pytest.fixture
def set_clock() -> Iterator[SetClock]:
    """A clock that is right at first."""
    with SetClock() as made:
        yield made


@pytest.fixture
def tree(tmp_path: Path, set_clock: SetClock) -> Iterator[Tree]:
    """The real tree, whose clock the test sets."""
    with Up(tmp_path / "var", *OPTIONS, **set_clock.environment) as up:
        yield Tree(up)


class Life:
    """A few people, of whom one watches another who comes and goes, and one uses pages."""

    def __init__(self, tree: Tree, set_clock: SetClock, few: Town, watching: Talker, signed_in: httpx.AsyncClient):
        self._tree, self._clock, self._few, self._signed_in = tree, set_clock, few, signed_in
        self._watching = watching
        self._other: Talker | None = None

    async def before(self) -> None:
        """Mistype a password, as often as is free or nearly so."""
        async with _pages(self._tree) as client:
            assert [await _sign_in(client, self._few.members[0], "wrong") for _ in range(3)] == [401] * 3

    async def goes_on(self) -> None:
        """Look at everything that goes by a clock and is no promise of the log."""
        await self._is_set()
        assert (await self._signed_in.get("/api/v1/me")).status_code == 200
        async with _pages(self._tree) as client:
            assert await _sign_in(client, self._few.members[0], PASSWORD) == 302
        await self._is_said()
        await self._come_or_go()
        await self._answers("/health/ready", lambda answer: answer.status_code == 200)

    async def _is_set(self) -> None:
        """The clocks are as they were set: of whoever answers by HTTP, and PostgreSQL's."""
        near = timedelta(seconds=10)
        told = lambda answer: parsedate_to_datetime(answer.headers["Date"])  # noqa: E731 — written once a second
        await self._answers("/health/live", lambda answer: abs(told(answer) - self._clock.now()) < near)
        with psycopg.connect(self._tree.dsn) as connection:
            ((database,),) = connection.execute("select clock_timestamp()").fetchall()
        assert abs(database - self._clock.database_now()) < near

    async def _is_said(self) -> None:
        """What is due soon is said soon."""
        (room,), id, talker = self._few.channels[:1], str(uuid4()), self._watching
        due_at = instant(self._clock.database_now() + timedelta(seconds=2))
        command = str(uuid4())
        await talker.put("schedule", id=command, schedule=id, where=room, due_at=due_at, body="later")
        await talker.answer(command, "ack")
        said = lambda: [event for event in talker.events(room) if event["id"] == id]  # noqa: E731
        await talker.until(said, "what was scheduled", DONE_S)
        assert len(said()) == 1

    async def _come_or_go(self) -> None:
        """Who watches is told of who comes, and of who goes."""
        person = self._few.members[0]
        if self._other is None:
            self._other = await _socket(self._tree, person).open()
            await self._other.hello()
            status = "online"
        else:
            await self._other.close()
            self._other, status = None, "offline"
        entries = lambda: [e for f in self._watching.all("presence") for e in f["users"] if e["user"] == person.id]  # noqa: E731
        await self._watching.until(lambda: entries() and entries()[-1].get("status") == status, status, DONE_S)

    async def _answers(self, path: str, condition: Callable[[httpx.Response], bool]) -> None:
        """What is asked for is soon answered so."""
        async with _pages(self._tree) as client, asyncio.timeout(DONE_S):
            while not condition(await client.get(path)):  # noqa: ASYNC110 — of another process
                await asyncio.sleep(0.2)


def _pages(tree: Tree) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=tree.origin, timeout=30)


def _socket(tree: Tree, person: Person) -> Talker:
    return Talker(f"ws://127.0.0.1:{tree.up.port}/ws/", person.token)


async def _sign_in(client: httpx.AsyncClient, person: Person, password: str) -> int:
    page = (await client.get("/signin/")).text
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[:1]
    fields = {"csrfmiddlewaretoken": token, "username": person.name, "password": password}
    return (await client.post("/signin/", data=fields)).status_code


@asynccontextmanager
async def living(tree: Tree, set_clock: SetClock) -> AsyncIterator[Life]:
    """Make the few, of whom one is signed in and one watches."""
    few = await asyncio.to_thread(town.build, tree.up.environment, 1, 0, 1)
    (other,) = few.members
    has_password = f"""from accounts.models import User
user = User.objects.get(pk={other.id})
user.username = {other.name!r}
user.set_password({PASSWORD!r})
user.save()"""
    await asyncio.to_thread(tree.up.shell, has_password)
    async with _pages(tree) as client, _socket(tree, few.owner) as watching:
        assert await _sign_in(client, other, PASSWORD) == 302
        await watching.hello()
        await watching.put("watch", users=[other.id])
        yield Life(tree, set_clock, few, watching, client)


async def test_every_promise_is_kept_and_life_goes_on(tree: Tree, set_clock: SetClock) -> None:
    seed = schedule.seed()
    print(f"\nSEED={seed}", flush=True)
    people = await asyncio.to_thread(town.build, tree.up.environment, 9, 3, 5)
    crowd = Crowd(people, tree.origin, seed, RATE)
    watch = Watch(crowd, lambda: tree.dsn, lambda: False)
    began = time.monotonic()
    async with living(tree, set_clock) as life, crowd.talking(lambda: tree.dsn):
        watching = asyncio.create_task(watch.run())
        await life.goes_on()
        for name, to in JUMPS.items():
            await life.before()
            set_clock.set(*to)
            jumped = time.monotonic()
            await life.goes_on()
            took = time.monotonic() - jumped
            print(f"{time.monotonic() - began:6.1f} s: {name}; everything goes on after {took:.1f} s", flush=True)
            await asyncio.sleep(max(0.0, GAP_S + 1 - took))  # so long that the watch judges what came after it
        watching.cancel()

    print(crowd.tally(), flush=True)
    found = watch.breaches + proof.breaches(proof.Record(tree.dsn), people.people, crowd.clients)
    assert not found, f"SEED={seed}: {len(found)} breaches:\n" + "\n".join(found[:20])
    assert {each.ends.total() for each in crowd.clients} == {0}
    speakers = [each for each in crowd.clients if each.name.startswith(("owner", "member"))]
    assert not [each.outbox.refused for each in speakers if set(each.outbox.refused) - {"not_found"}]
    assert not unexplained(tree.up.said())
