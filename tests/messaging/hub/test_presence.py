"""Who is online, away or offline is told to who watches and may know, from whichever process, at little cost."""

import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from django.conf import LazySettings
from redis.asyncio import Redis

from accounts.models import Barrier, Segment, SegmentMember, User
from messaging import presence, publishing, whereabouts
from messaging.hub import Hub
from messaging.peers import Peer
from messaging.protocol import commands
from tests import worlds
from tests.messaging.hub.frail import Frail
from tests.messaging.hub.inside import Tape, long_ago, quiet_hub, seat
from tests.messaging.hub.queue import Queue
from tests.serving import Serve
from tests.talking import Frame, Talker, spread
from tests.worlds import built


class Clock:
    """The clocks of the process, which a test moves on, and the one of them that somebody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed_s = self.set_by_s = 0.0
        steady, wall = time.monotonic, time.time
        monkeypatch.setattr(time, "monotonic", lambda: steady() + self.passed_s)
        monkeypatch.setattr(time, "time", lambda: wall() + self.passed_s + self.set_by_s)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def own_queue(queue: Queue, settings: LazySettings) -> Queue:
    """A Valkey of this test's own for hubs of its own process."""
    settings.REDIS_URL = queue.url
    return queue


@contextlib.asynccontextmanager
async def hubs(count: int) -> AsyncIterator[list[Hub]]:
    """Make several hubs as if in several processes: what each has to tell the others is carried by `beat`."""
    async with contextlib.AsyncExitStack() as stack:
        made = [await stack.enter_async_context(quiet_hub()) for _ in range(count)]
        for hub in made:
            stack.push_async_callback(hub.watching.presence.close)
        yield made


async def beat(*several: Hub, is_confirmed: bool = True) -> None:
    """Let every hub look up who may know whom, and take two steps, with the news carried between them."""
    for hub in several:
        if is_confirmed:
            await hub.upkeep._confirm()
        await hub.watching.observers.admit()
    for _ in range(2):
        for hub in several:
            await hub.watching.presence.step()
            news = hub.watching._outgoing.pop("presence", [])
            for other in several:
                if other is not hub:
                    other.heard({"type": publishing.NEWS, "hub": hub.name, "presence": news})


def watch(hub: Hub, user: User, *people: User) -> tuple[Peer, Tape]:
    peer, tape = seat(hub, user)
    hub.watching.watch(peer, commands.Watch(users=[person.pk for person in people]))
    return peer, tape


def told(tape: Tape, person: User) -> list[str | None]:
    """Give what a socket was told of somebody, in order."""
    entries: list[Frame] = [entry for frame in tape.all("presence") for entry in frame["users"]]
    return [entry.get("status") for entry in entries if entry["user"] == person.pk]


async def test_from_one_process_to_the_other(alice: User, bob: User, carol: User, clock: Clock) -> None:
    async with hubs(2) as (here, there):
        _peer, tape = watch(here, alice, bob, carol)
        _own, bystander = seat(here, carol)
        await beat(here, there)
        peer, _tape = seat(there, bob)
        await beat(here, there)
        assert told(tape, bob) == ["offline", "online"]
        clock.passed_s = presence.AWAY_S + 1
        peer.heard_at = time.monotonic()
        await beat(there, here)
        peer.input_at = time.monotonic()
        there.watching.presence.touch(bob.pk)
        await beat(there, here)
        assert told(tape, bob) == ["offline", "online", "away", "online"]
        there.leave(peer)
        await beat(there, here)
        clock.passed_s += presence.GRACE_S + 1
        left_at = time.time()
        await beat(there, here)
        assert told(tape, bob) == ["offline", "online", "away", "online", "offline"]
        last = tape.all("presence")[-1]["users"][-1]
        assert last["last_seen"].endswith("Z")
        assert abs(left_at - presence.GRACE_S - _unix(last["last_seen"])) < 60
        assert bystander.all("presence") == []


def _unix(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


async def test_who_is_back_in_a_moment_was_never_gone(alice: User, bob: User, clock: Clock) -> None:
    """A page that is loaded again, or a process that is started anew."""
    async with hubs(2) as (here, there):
        _peer, tape = watch(here, alice, bob)
        peer, _tape = seat(there, bob)
        await beat(there, here)
        there.leave(peer)
        await beat(there, here)
        seat(here, bob)
        await beat(here, there)
        clock.passed_s = presence.GRACE_S + 1
        await beat(there, here)
        assert told(tape, bob) == ["online"]


async def test_one_device_away_and_one_in_use(alice: User, bob: User, clock: Clock) -> None:
    async with hubs(2) as (here, there):
        _peer, tape = watch(here, alice, bob)
        idle, _tape = seat(there, bob)
        clock.passed_s = presence.AWAY_S + 1
        used, _tape = seat(here, bob)
        idle.heard_at = time.monotonic()
        await beat(here, there)
        assert told(tape, bob) == ["online"]
        here.leave(used)
        clock.passed_s += presence.GRACE_S + 1
        await beat(here, there)
        clock.passed_s += presence.GRACE_S + 1
        await beat(here, there)
        assert told(tape, bob) == ["online", "away"]


async def test_who_does_not_ping_is_gone(alice: User, bob: User, clock: Clock) -> None:
    async with hubs(1) as (here,):
        watcher, tape = watch(here, alice, bob)
        seat(here, bob)
        await beat(here)
        for passed_s in (presence.GONE_S + 1, presence.GONE_S + presence.GRACE_S + 2):
            clock.passed_s = passed_s
            watcher.heard_at = time.monotonic()
            await beat(here)
        assert told(tape, bob) == ["online", "offline"]


async def test_a_process_that_ends_without_a_word(
    alice: User, bob: User, own_queue: Queue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its part in Redis runs out within two heartbeats, and who was there was last seen."""
    assert whereabouts.LIFE_S + presence.REREAD_S <= presence.GONE_S
    monkeypatch.setattr(whereabouts, "LIFE_S", 1)
    async with hubs(1) as (here,):
        _peer, tape = watch(here, alice, bob)
        async with hubs(1) as (there,):
            seat(there, bob)
            await there.watching.presence.step()
            there.watching.presence._due.clear()
            await there.watching.presence.step()
            await beat(here)
        async with Redis.from_url(own_queue.url) as client:
            while await client.exists(f"{whereabouts.PREFIX}:here:{there.name}"):
                await client.wait(1, 50)
        clock.passed_s = presence.REREAD_S + 1
        await beat(here)
        assert told(tape, bob) == ["online", "offline"]
        assert "last_seen" in tape.all("presence")[-1]["users"][0]


# Who may know of whom


def wall(one: User, other: User) -> None:
    """Put a barrier between two people."""
    segments = [Segment.objects.create(name=secrets.token_hex(8)) for _ in range(2)]
    for segment, user in zip(segments, (one, other), strict=True):
        SegmentMember.objects.create(segment=segment, user=user)
    Barrier.objects.create(one=segments[0], other=segments[1], reason="a test")


async def test_mallory_learns_of_nobody_she_may_not_know(alice: User, bob: User, mallory: User) -> None:
    """Not across a barrier, not as a guest; and of who is not there she is told the same."""
    guest = await built(worlds.person, "guest", is_guest=True)
    gone = await built(worlds.person, "gone", is_active=False)
    nobody = User(pk=10**9)
    await built(wall, mallory, alice)
    await built(worlds.channel, alice, mallory)
    shared = await built(worlds.channel, bob, guest)
    async with hubs(1) as (here,):
        for user in (alice, bob):
            seat(here, user)
        _peer, hers = watch(here, mallory, alice, gone, nobody)
        visitor, theirs = watch(here, guest, alice, bob, gone, nobody)
        await beat(here)
        assert hers.frames == []
        assert [told(theirs, user) for user in (alice, bob, gone, nobody)] == [[], ["online"], [], []]
        await built(worlds.remove, bob, shared, guest)
        await here.watching.observers.check_again()
        assert told(theirs, bob) == ["online", None]
        here.watching.watch(visitor, commands.Watch(users=[bob.pk]))
        await beat(here)
        assert told(theirs, bob) == ["online", None]


async def test_whom_a_dead_process_had_is_gone_where_the_clock_is_set_back(
    alice: User, bob: User, own_queue: Queue, clock: Clock
) -> None:
    """Redis' clock is set back with the hosts', so what the process left there expires an hour later than meant."""
    async with hubs(2) as (here, there), Redis.from_url(own_queue.url) as redis:
        _, tape = watch(here, alice, bob)
        seat(there, bob)
        await beat(here, there)
        assert told(tape, bob)[-1] == "online"
        left = f"{whereabouts.PREFIX}:here:{there.name}"
        await redis.expire(left, 3600)
        clock.passed_s, clock.set_by_s = presence.REREAD_S + 1, -3600
        await beat(here)
        assert await redis.exists(left)
        assert told(tape, bob)[-1] == "offline"


async def test_a_barrier_that_rises_ends_what_is_told(alice: User, bob: User, clock: Clock) -> None:
    async with hubs(1) as (here,):
        _peer, tape = watch(here, alice, bob)
        peer, _tape = seat(here, bob)
        await beat(here)
        await built(wall, alice, bob)
        await here.watching.observers.check_again()
        here.leave(peer)
        await beat(here)
        clock.passed_s = presence.GRACE_S + 1
        await beat(here)
        assert told(tape, bob) == ["online", None]


async def test_nothing_is_told_under_rights_that_cannot_be_confirmed(alice: User, bob: User) -> None:
    async with hubs(1) as (here,):
        peer, tape = watch(here, alice, bob)
        await beat(here)
        long_ago(here)
        seat(here, bob)
        await beat(here, is_confirmed=False)
        here.watching.watch(peer, commands.Watch(users=[bob.pk, alice.pk]))
        await beat(here, is_confirmed=False)
        assert (told(tape, bob), told(tape, alice)) == (["offline"], [])
        await beat(here)
        assert (told(tape, bob), told(tape, alice)) == (["offline", "online"], ["online"])


async def test_what_is_no_longer_on_the_screen_is_told_no_more(alice: User, bob: User, carol: User) -> None:
    async with hubs(1) as (here,):
        peer, tape = watch(here, alice, bob)
        await beat(here)
        here.watching.watch(peer, commands.Watch(users=[carol.pk]))
        seat(here, bob)
        await beat(here)
        assert (told(tape, bob), told(tape, carol)) == (["offline"], ["offline"])
        here.leave(peer)
        assert here.watching.observers.watched() == set()


# What it costs


async def commands_of(queue: Queue) -> int:
    """Count the commands that a Valkey has carried out, but for this look and for opening connections."""
    async with Redis.from_url(queue.url) as client:
        stats = await client.info("commandstats")
    return sum(
        stat["calls"]
        for name, stat in stats.items()
        if not name.startswith(("cmdstat_info", "cmdstat_auth", "cmdstat_hello", "cmdstat_client", "cmdstat_select"))
    )


async def test_many_who_come_back_make_no_storm(alice: User, own_queue: Queue, clock: Clock) -> None:
    """300 sockets that watch 100 people each: a few commands a step, a frame a socket; a restart is no news at all."""
    people = [await built(worlds.person, "one") for _ in range(300)]
    async with hubs(2) as (here, there):
        await here.watching.presence.step()  # with nobody there
        await there.watching.presence.step()
        before = await commands_of(own_queue)
        seats = [watch(here, person, *people[:100]) for person in people]
        await beat(here, there)
        came = await commands_of(own_queue) - before
        for _peer, tape in seats:
            assert len(tape.all("presence")) == 1
            assert {entry["status"] for entry in tape.all("presence")[0]["users"]} == {"online"}
        for peer, _tape in seats:
            here.leave(peer)
        clock.passed_s = 1
        seats = [watch(there, person, *people[:100]) for person in people]
        await beat(there, here)
        moved = await commands_of(own_queue) - before - came
        clock.passed_s = presence.GRACE_S + 2
        await beat(here, there)
        gone = await commands_of(own_queue) - before - came - moved
        assert [len(tape.all("presence")) for _peer, tape in seats] == [1] * 300
        assert max(came, moved, gone) <= 25
        assert sum((came, moved, gone)) >= 15


# With real processes


async def test_in_real_processes(frail: Frail, alice: User, bob: User) -> None:
    assert presence.GRACE_S == 10
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with spread(frail.server, tokens[0]) as alices:
        watchers = [talker for (talker,) in alices]
        for talker in watchers:
            await talker.put("watch", users=[bob.pk])
            await talker.until(lambda t=talker: t.all("presence"), "the first of it")  # type: ignore[misc]
        async with Talker(frail.server.socket_url, tokens[1]) as other:
            await other.put("active")
            await other.echo()
            for talker in watchers:
                await talker.until(lambda t=talker: status(t) == "online", "online")  # type: ignore[misc]
        for talker in watchers:
            await talker.until(lambda t=talker: status(t) == "offline", "gone")  # type: ignore[misc]


async def test_without_redis_it_is_not_known_and_is_back_by_itself(
    server: Serve, queue: Queue, alice: User, bob: User
) -> None:
    assert (presence.SCAN_S, presence.RENEW_S, presence.UNKNOWN_S) == (5, 10, 5)
    hurried = {f"messaging.presence.{name}": 1.0 for name in ("SCAN_S", "RENEW_S", "UNKNOWN_S")}
    served = server(hurried=hurried, REDIS_URL=queue.url)
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(served.socket_url, tokens[0]) as watcher, Talker(served.socket_url, tokens[1]) as other:
        for talker in (watcher, other):
            await talker.hello()
        await watcher.put("watch", users=[bob.pk], conversations=[conversation])
        await watcher.until(lambda: status(watcher) == "online", "online")
        queue.kill()
        await watcher.until(lambda: status(watcher) is None, "not known")
        await other.put("typing", conversation=conversation)
        await watcher.first("typing", conversation=conversation, users=[bob.pk])
        ack = await other.said(conversation, "while Redis is away")
        await watcher.reached(conversation, ack["seq"])
        queue.start()
        await watcher.until(lambda: status(watcher) == "online", "online again")


def status(talker: Talker) -> str | None:
    """Give what a socket was last told."""
    frames = talker.all("presence")
    return frames[-1]["users"][-1].get("status") if frames else "nothing"
