"""What a device says by requests, of its screen and of who is at it, reaches the stream or polls by which it hears."""

import asyncio
import functools
import itertools
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import get_channel_layer

from accounts.access.identity import Identity
from accounts.models import User
from messaging import database, devices, hub, observers, presence, publishing, receipts, typing
from messaging.hub import Hub
from messaging.peers import POLL, REQUEST, STREAM, Outlet, Peer
from messaging.protocol import commands, frames, limits
from messaging.protocol.codec import JSON
from messaging.pulse import Pulse
from messaging.ways.spool import Spool
from messaging.ways.told import WRITING_S, Told
from tests import worlds
from tests.beside import ByHttp, Here, Poller, arrive
from tests.messaging.hub.inside import eventually, quiet_hub, seat
from tests.messaging.hub.queue import Queue
from tests.messaging.hub.test_presence import Clock, beat, clock, hubs, own_queue, told
from tests.serving import Server
from tests.worlds import built

__all__ = ["clock", "own_queue"]


def listening(hub: Hub, user: User, device: UUID, outlet: Outlet = STREAM) -> tuple[Peer, Spool]:
    """Open a stream or a poll of a device in a hub."""
    spool = Spool({}, Told() if outlet is POLL else None)
    peer = Peer(Identity(user.pk, user.username, user.name, ("token", "0")), spool, outlet, device)
    peer.told = spool.told
    assert hub.enter(peer)
    return peer, spool


def news_of(spool: Spool) -> list[tuple[int, str | None]]:
    """Take what came of people: each with how they are."""
    came = [json.loads(frame) for frame in spool.take()]
    return [(each["user"], each.get("status")) for f in came if f["type"] == "presence" for each in f["users"]]


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """This process as one more of the workspace's, where news is gathered for no longer than a moment."""
    for module in (observers, presence, receipts, typing):
        monkeypatch.setattr(module, "Pulse", functools.partial(Pulse, every_s=0.01))
    running = await hub.current()
    yield running
    await running.stop()
    await database.close_pool()
    await get_channel_layer().flush()


async def test_presence_typing_and_receipts_come_by_every_way(
    site: Server, here: Hub, alice: User, bob: User, mallory: User
) -> None:
    """Whoever watches by a POST is told, wherever that POST came; and nobody else's POST changes it."""
    conversation = await built(worlds.channel, alice, bob)
    other = await arrive("socket", site, alice)
    talkers = [await arrive("stream", site, bob), await arrive("stream", site, bob), await arrive("poll", Here, bob)]
    stranger = await arrive("stream", site, mallory)
    doors = [f"{where.url}/api/v1/events/commands" for where in (site, Here)]
    for talker, door in zip(talkers, (doors[0], doors[1], doors[0]), strict=True):
        assert isinstance(talker, ByHttp)
        talker.commands = door
        await talker.put("watch", users=[alice.pk], conversations=[conversation])
    await other.put("watch", users=[], conversations=[conversation])
    for talker in talkers:
        await talker.first("presence", users=[{"user": alice.pk, "status": "online"}])
    assert isinstance(stranger, ByHttp)
    for talker, door in itertools.product(talkers, doors):
        stranger.device, stranger.commands = talker.device, door  # type: ignore[attr-defined]
        await stranger.put("watch", users=[bob.pk], conversations=[conversation])
        await stranger.put("watch", users=[bob.pk])
        await stranger.echo()
    for writer in (other, talkers[-1]):
        await writer.put("typing", conversation=conversation)
    seq = (await talkers[0].said(conversation, "read this"))["seq"]
    await other.put("read", conversation=conversation, seq=seq)
    for talker in talkers:
        await talker.first("typing", conversation=conversation, users=[alice.pk])
        await talker.until(
            lambda t=talker: any(each["user"] == alice.pk for f in t.all("receipt") for each in f["receipts"]),  # type: ignore[misc]
            "a receipt",
        )
    await other.first("typing", conversation=conversation, users=[bob.pk])
    assert [f["type"] for f in stranger.frames if f["type"] in ("typing", "receipt")] == []
    for each in (*talkers, stranger, other):
        await each.close()


async def test_a_poll_waits_for_what_is_new(here: Hub, alice: User, bob: User) -> None:
    """Each poll begins its watch anew; what the one before told is no answer to it."""
    talker = Poller(Here.socket_url, await built(worlds.bearer, bob))
    told_of = here.watching.presence._told
    async with talker:
        place: dict[str, str] = {}

        async def poll(**more: Any) -> list[Any]:
            answer = await talker.client.get("/api/v1/events/poll", params={"device": talker.device, **more})
            place["cursors"] = answer.json()["cursors"]
            return [f["users"] for f in answer.json()["frames"] if f["type"] == "presence"]

        await poll(wait=0)
        await talker.put("watch", users=[alice.pk])
        await eventually(lambda: not talker.calls, "the answer")
        assert await poll(**place) == [[{"user": alice.pk, "status": "offline"}]]
        await eventually(lambda: alice.pk not in told_of, "the end of the watch")
        waiting = asyncio.create_task(poll(**place))
        await eventually(lambda: alice.pk in told_of, "that it is known once more where she is")
        seat(here, alice)
        assert await waiting == [[{"user": alice.pk, "status": "online"}]]


async def test_what_is_no_device(site: Server, alice: User) -> None:
    """A watch that names none reaches nothing, and says so; a name that is none is refused."""
    async with site.client(await built(worlds.bearer, alice)) as client:
        answer = await client.post("/api/v1/events/commands", json={"frames": [{"type": "watch", "users": [1]}]})
        (error,) = answer.json()["frames"]
        assert error["code"] == "malformed"
        assert "device" in error["detail"]
        body = {"frames": [{"type": "ping"}], "device": "mine"}
        assert (await client.post("/api/v1/events/commands", json=body)).status_code == 400
        for way in ("stream", "poll"):
            refused = await client.get(f"/api/v1/events/{way}", params={"device": "mine"})
            assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


async def test_input_by_requests_keeps_a_device_from_being_away(alice: User, bob: User, clock: Clock) -> None:
    """Also from another process; and that a client asks something by itself is no input."""
    device = uuid4()
    async with hubs(2) as (here, there):
        watcher, tape = seat(here, alice)
        here.watching.watch(watcher, commands.Watch(users=[bob.pk]))
        peer, _spool = listening(there, bob, device)
        await beat(there, here)
        clock.passed_s = presence.AWAY_S + 1
        peer.heard_at = watcher.heard_at = time.monotonic()
        asking = Peer(peer.identity, Spool({}), REQUEST, device)
        assert there.enter(asking)
        await beat(there, here)
        assert told(tape, bob) == ["online", "away"]
        await carried(here, there, here.devices.active(bob.pk, device))
        await beat(there, here)
        assert told(tape, bob) == ["online", "away", "online"]


async def carried(sender: Hub, receiver: Hub, saying: Any) -> None:
    """Let a device say something to a hub, and bring what that tells the other processes to the other hub."""
    await saying
    news = json.loads(json.dumps(sender.watching._outgoing.pop("devices", [])))
    receiver.heard({"type": publishing.NEWS, "hub": sender.name, "devices": news})


async def test_a_poll_takes_up_what_its_device_has_on_its_screen(alice: User, bob: User, clock: Clock) -> None:
    """On any process: its watch, since when nobody is at it, and what was told already."""
    device = uuid4()
    async with hubs(2) as (here, there):
        watcher, tape = seat(here, alice)
        here.watching.watch(watcher, commands.Watch(users=[bob.pk]))
        first, spool = listening(here, bob, device, POLL)
        await here.devices.begin(first, is_new=True)
        await here.devices.watch(bob.pk, device, commands.Watch(users=[alice.pk]))
        await beat(here, there)
        assert news_of(spool) == [(alice.pk, "online")]
        assert spool.told is not None
        await here.devices.end(first, spool.told.packed())
        here.leave(first)
        clock.passed_s = presence.AWAY_S + 1
        watcher.heard_at = watcher.input_at = time.monotonic()
        second, spool = listening(there, bob, device, POLL)
        await there.devices.begin(second, is_new=False)
        await beat(here, there)
        clock.passed_s += presence.GRACE_S + 1  # now the first process lets go
        await beat(here, there)
        await beat(there, here)
        assert news_of(spool) == []
        assert told(tape, bob)[-1] == "away"
        await carried(here, there, here.devices.watch(bob.pk, device, commands.Watch(users=[])))
        await carried(here, there, here.devices.watch(bob.pk, device, commands.Watch(users=[alice.pk])))
        await beat(here, there)
        assert news_of(spool) == [(alice.pk, "online")]


async def test_what_comes_while_older_things_are_read_stays(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User, carol: User, clock: Clock
) -> None:
    """A watch, and that somebody is at the device."""
    device = uuid4()
    async with hubs(1) as (hub,):
        await hub.devices.watch(bob.pk, device, commands.Watch(users=[alice.pk]))
        await hub.devices.active(bob.pk, device)
        clock.passed_s = 60
        peer, _spool = listening(hub, bob, device)
        read = hub.devices._read

        async def slowly(person: int, of: UUID) -> Any:
            kept = await read(person, of)
            hub.devices.heard(
                [[str(device), bob.pk, {"type": "watch", "users": [carol.pk]}], [str(device), bob.pk, None]]
            )
            return kept

        monkeypatch.setattr(hub.devices, "_read", slowly)
        made_at = peer.input_at
        await hub.devices.begin(peer, is_new=True)
        assert hub.watching.observers._wishes == {peer: frozenset([carol.pk])}
        assert peer.input_at >= made_at


async def test_without_redis_a_watch_reaches_what_is_here_or_is_refused(
    monkeypatch: pytest.MonkeyPatch, own_queue: Queue, alice: User, bob: User
) -> None:
    """After one that got no answer nobody waits for it."""
    monkeypatch.setattr(devices, "REST_S", 1e9)
    device = uuid4()
    frame = commands.Watch(users=[alice.pk])
    async with quiet_hub() as hub:
        peer, _spool = listening(hub, bob, device, POLL)
        own_queue.pause()
        beginning = asyncio.create_task(hub.devices.begin(peer, is_new=False))
        await eventually(lambda: hub.devices._beginning, "the beginning")
        beginning.cancel()  # its client hangs up
        await asyncio.wait([beginning])
        assert (beginning.cancelled(), hub.devices._beginning, peer.is_here) == (True, set(), False)
        hub.leave(peer)
        own_queue.kill()
        with pytest.raises(TimeoutError):
            await hub.devices.watch(bob.pk, device, frame)
        with monkeypatch.context() as unasked:
            unasked.setattr(hub.devices, "_redis", None)
            with pytest.raises(TimeoutError):
                await hub.devices.watch(bob.pk, device, frame)
            peer, _spool = listening(hub, bob, device, POLL)
            await hub.devices.begin(peer, is_new=False)
            assert peer.is_here
            await hub.devices.end(peer, b"")
            await hub.devices.active(bob.pk, device)
            await hub.devices.watch(bob.pk, device, frame)
        assert hub.watching.observers._wishes == {peer: frozenset([alice.pk])}
        await hub.devices.close()


async def test_the_devices_of_a_person_are_bounded(
    monkeypatch: pytest.MonkeyPatch, own_queue: Queue, bob: User
) -> None:
    """Whoever makes up devices makes Redis hold no more than so many."""
    monkeypatch.setattr(limits, "DEVICES_PER_PERSON", 2)
    async with hubs(1) as (hub,):
        made = [uuid4() for _ in range(9)]
        for device in made:
            await hub.devices.watch(bob.pk, device, commands.Watch(users=[bob.pk]))
            assert 0 < await hub.devices._redis.hlen(f"parley:devices:{bob.pk}") <= 6
        assert (await hub.devices._read(bob.pk, made[-1])).watch is not None
        assert 0 < await hub.devices._redis.ttl(f"parley:devices:{bob.pk}") <= 120


def test_what_was_told_is_not_told_again(clock: Clock) -> None:
    def presence_of(*people: frames.Whereabout) -> bytes:
        return JSON.encode(frames.Presence(users=list(people)))

    one, two = frames.Whereabout(user=1, status="online"), frames.Whereabout(user=2, status="away")
    first = Told()
    assert first.news(presence_of(one)) == presence_of(one)
    typing = JSON.encode(frames.Typing(conversation=7, users=[1]))
    assert first.news(typing) == typing
    again = Told()
    again.recall(first.packed().decode())
    assert again.news(presence_of(one)) is None
    assert again.news(presence_of(one, two)) == presence_of(two)
    assert again.news(typing) is None
    clock.passed_s = WRITING_S
    assert again.news(typing) == typing
    clock.passed_s = -3_600  # it was set back
    assert again.news(typing) == typing
    again.keep([2], [])
    assert again.news(presence_of(one, two)) == presence_of(one)
    assert again.news(typing) == typing
    assert again.news(b'{"type":"pong"}') == b'{"type":"pong"}'
