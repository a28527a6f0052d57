"""Added and removed while connected: rights travel in the log, to every process, with Redis and without."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from accounts.models import User
from messaging import conversations, database, history
from messaging.commands import Command
from messaging.entry import Entry
from tests import worlds
from tests.messaging.hub.frail import Frail
from tests.messaging.hub.inside import Tape, eventually, hear, last_event, quiet_hub, seat
from tests.messaging.hub.test_no_hole import Gate
from tests.messaging.hub.test_redis import FOUND_WITHIN_S
from tests.serving import Server
from tests.talking import PATIENCE_S, Frame, Talker, spread
from tests.worlds import built


def about(talker: Talker | Tape, conversation: int) -> list[Frame]:
    """Give the frames that speak of a conversation, but for the welcome and receipts."""
    found = []
    for frame in talker.frames:
        spoken = frame.get("conversation")
        id = spoken["id"] if isinstance(spoken, dict) else spoken
        if id == conversation and frame["type"] not in ("ack", "receipt"):
            found.append(frame)
    return found


def check_removed(talker: Talker | Tape, conversation: int, member: User, *, is_leave_seen: bool = True) -> None:
    """Check that somebody's own leave, then `removed`, are the last that was heard of a conversation."""
    *_, leave, removed = [None, *about(talker, conversation)]
    assert removed is not None
    assert (removed["type"], removed["change"]) == ("conversation", "removed")
    assert removed["conversation"]["name"] == ""
    if is_leave_seen:
        assert leave is not None
        event = leave if leave["type"] == "event" else leave["events"][-1]
        assert (event["kind"], event["member"]) == ("leave", member.pk)


@pytest.mark.parametrize("kind", ["channel", "group"])
async def test_added_while_connected(pair: Server, alice: User, bob: User, carol: User, kind: str) -> None:
    conversation = await built(getattr(worlds, kind), alice, bob)
    await built(worlds.say, alice, conversation, "before")
    token = await built(worlds.bearer, alice)
    async with spread(pair, await built(worlds.bearer, carol)) as carols, pair.client(token) as client:
        for (talker,) in carols:
            await talker.hello()
        added = await client.post(f"/api/v1/conversations/{conversation}/members", json={"user": carol.pk})
        assert added.status_code == 201
        for (talker,) in carols:
            shown = (await talker.first("conversation", change="added"))["conversation"]
            assert (shown["id"], shown["kind"], shown["role"]) == (conversation, kind, "member")
        seqs = [await built(worlds.say, bob, conversation, f"{number}") for number in range(3)]
        for (talker,) in carols:
            await talker.reached(conversation, seqs[-1])
            shown = talker.all("conversation")[0]["conversation"]
            assert talker.seqs(conversation) == list(range(shown["seq"] + 1, seqs[-1] + 1))
            assert len(talker.all("conversation")) == 1
            # what came before is hers to ask for, as far as she may see it
            (page,) = await talker.sync({conversation: 0})
            assert [e["seq"] for e in page["events"]] == list(range(1 if kind == "channel" else 4, seqs[-1] + 1))


async def test_a_new_conversation_appears(pair: Server, alice: User, bob: User) -> None:
    """Everybody in it is shown it, on each process; the creator too."""
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with spread(pair, tokens[0]) as alices, spread(pair, tokens[1]) as bobs, pair.client(tokens[0]) as client:
        everybody = [talker for (talker,) in (*alices, *bobs)]
        for talker in everybody:
            await talker.hello()
        made = await client.post("/api/v1/conversations", json={"kind": "direct", "members": [bob.pk]})
        for talker in everybody:
            shown = (await talker.first("conversation", change="added"))["conversation"]
            assert shown["id"] == made.json()["id"]
        ack = await alices[0][0].said(made.json()["id"], "hello")
        for talker in everybody:
            await talker.reached(ack["conversation"], ack["seq"])


async def test_removed_while_connected(pair: Server, alice: User, bob: User, carol: User) -> None:
    """Everybody talks on both processes while carol is removed: hers ends with her leave, theirs goes on."""
    conversation = await built(worlds.channel, alice, bob, carol)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob, carol)]
    async with (
        spread(pair, tokens[1]) as bobs,
        spread(pair, tokens[2]) as carols,
        pair.client(tokens[0]) as client,
    ):
        for (talker,) in (*bobs, *carols):
            await talker.hello()

        async def talk(talker: Talker) -> None:
            ids = [await talker.say(conversation, f"{number}") for number in range(200)]
            for id in ids:
                await talker.answer(id, "ack")

        talking = [asyncio.create_task(talk(talker)) for (talker,) in bobs]
        removed = await client.delete(f"/api/v1/conversations/{conversation}/members/{carol.pk}")
        assert removed.status_code == 204
        await asyncio.gather(*talking)
        head = 3 + 200 * len(bobs) + 1  # the joins, what was said, and the leave, which may be the last
        for (talker,) in bobs:
            await talker.reached(conversation, head)
        for (talker,) in carols:
            await talker.first("conversation", change="removed")
            await talker.echo()
            check_removed(talker, conversation, carol)
            seqs = talker.seqs(conversation)
            assert seqs == list(range(seqs[0], seqs[-1] + 1))
            refused = await talker.error("read", conversation=conversation, seq=1)
            assert refused["code"] == "not_found"
            (answer,) = await talker.sync({conversation: 1})
            assert answer["code"] == "not_found"
            said = await talker.answer(await talker.say(conversation, "still here?"))
            assert said["code"] == "not_found"
        for (talker,) in bobs:
            assert talker.seqs(conversation) == list(range(talker.seqs(conversation)[0], head + 1))


async def test_removed_with_redis_away(frail: Frail, alice: User, bob: User, carol: User) -> None:
    """The other process hears nothing of the removal, and yet delivers nothing of what came after it."""
    conversation = await built(worlds.channel, alice, bob, carol)
    tokens = [await built(worlds.bearer, user) for user in (bob, carol)]
    async with spread(frail.server, tokens[0]) as bobs, spread(frail.server, tokens[1]) as carols:
        for (talker,) in (*bobs, *carols):
            await talker.hello()
        frail.queue.pause()
        await built(worlds.remove, alice, conversation, carol)  # by a third process, which publishes elsewhere
        for (talker,) in bobs:
            await talker.said(conversation, "she should not hear this")
        for (talker,) in carols:
            await talker.until(lambda t=talker: t.all("conversation", change="removed"), "removed", FOUND_WITHIN_S)  # type: ignore[misc]
        await bobs[0][0].said(conversation, "nor this")
        for (talker,) in carols:
            await talker.echo()
            check_removed(talker, conversation, carol)
            assert talker.seqs(conversation) == [4]


async def test_in_out_and_in_again(pair: Server, alice: User, bob: User, carol: User) -> None:
    """In a group one sees just the spans in which one was a member."""
    conversation = await built(worlds.group, alice, bob, carol)
    async with spread(pair, await built(worlds.bearer, carol)) as carols:
        for (talker,) in carols:
            await talker.hello()
        first = await built(worlds.say, alice, conversation, "she is in")
        await built(worlds.remove, alice, conversation, carol)
        for (talker,) in carols:
            await talker.first("conversation", change="removed")
        await built(worlds.say, alice, conversation, "she is out")
        await built(worlds.add, alice, conversation, carol)
        for (talker,) in carols:
            await talker.first("conversation", change="added")
        last = await built(worlds.say, alice, conversation, "she is in again")
        for (talker,) in carols:
            await talker.reached(conversation, last)
            assert talker.seqs(conversation) == [first, first + 1, last]
            (page,) = await talker.sync({conversation: 0})
            assert [event["seq"] for event in page["events"]] == [1, 2, 3, first, first + 1, last - 1, last]


STATEMENTS = {"ids": conversations.IDS, "summaries": conversations.SUMMARIES, "since": history.SINCE}


@pytest.mark.parametrize("heard", ["at once", "later", "never"])
@pytest.mark.parametrize("is_known", [False, True], ids=["new room", "room in use"])
@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("statement", list(STATEMENTS))
async def test_removed_at_the_moment_of_hello(
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    carol: User,
    statement: str,
    is_before: bool,
    is_known: bool,
    heard: str,
) -> None:
    """Her hello is held at one statement while she is removed, and more is said."""
    conversation = await built(worlds.channel, alice, carol)
    await built(worlds.say_many, alice, conversation, 120)
    async with quiet_hub() as hub:
        if is_known:
            await hub.catchup.hello(seat(hub, alice)[0], {})
        peer, tape = seat(hub, carol)
        gate = Gate(STATEMENTS[statement], is_before)
        monkeypatch.setattr(database, "fetch", gate)
        unknown = {0: 0} if statement == "ids" else {}  # where others follow all that she has, they are not asked for
        arriving = asyncio.create_task(hub.catchup.hello(peer, {conversation: 2} | unknown))
        await asyncio.wait_for(gate.reached.wait(), PATIENCE_S)
        entries = await leave_and_go_on(alice, conversation, carol)
        if heard == "at once":
            hear(hub, *entries)
        gate.opened.set()
        await arriving
        hear(hub, *entries) if heard == "later" else await fill(hub.fill, hub.rooms.get(conversation))
        if tape.all("events") and tape.all("events")[-1].get("more"):
            await hub.catchup.sync(peer, {conversation: max(tape.seqs(conversation), default=2)})
            assert tape.frames[-1]["code"] == "not_found"
        leave = entries[0].seq
        assert all(seq <= leave for seq in tape.seqs(conversation))
        assert tape.seqs(conversation) == list(range(3, 3 + len(tape.seqs(conversation))))
        frames = about(tape, conversation)
        is_welcomed = bool(tape.all("welcome")[0]["conversations"])
        assert bool(frames) <= is_welcomed
        if is_welcomed:
            check_removed(tape, conversation, carol, is_leave_seen=leave in tape.seqs(conversation))
        assert peer not in hub.rooms.get(conversation, ())
        assert not peer.catching_up


async def test_who_has_less_than_all_is_let_into_all(alice: User, carol: User) -> None:
    """Others follow here what her client has, and nobody yet what it has not heard of."""
    known = await built(worlds.channel, alice, carol)
    async with quiet_hub() as hub:
        await hub.catchup.hello(seat(hub, alice)[0], {})
        new = await built(worlds.channel, carol)
        peer, tape = seat(hub, carol)
        await hub.catchup.hello(peer, {known: 2})
        assert {each["id"] for each in tape.all("welcome")[0]["conversations"]} == {known, new}
        assert peer in hub.rooms[known]
        assert peer in hub.rooms[new]


async def leave_and_go_on(alice: User, conversation: int, member: User) -> list[Entry]:
    """Remove somebody and say something, in another process, so to speak."""
    leave = Command(
        conversation=conversation, author=alice.pk, kind="leave", payload={"member": member.pk}, is_vouched=True
    )
    entries = []
    for command in (leave, worlds.message(alice, conversation, "after")):
        await built(worlds.put, command, is_published=False)
        entries.append(await last_event(conversation))
    return entries


async def fill(fill: Callable[..., Awaitable[None]], room: object) -> None:
    """Compare a room's head, where there is a room."""
    if room is not None:
        await fill(room)


async def test_added_at_the_moment_of_hello(monkeypatch: pytest.MonkeyPatch, alice: User, carol: User) -> None:
    """She joins after her conversations were read and before she is welcome: she is shown it right after."""
    conversation = await built(worlds.channel, alice)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, carol)
        gate = Gate(conversations.SUMMARIES, is_before=False)
        monkeypatch.setattr(database, "fetch", gate)
        arriving = asyncio.create_task(hub.catchup.hello(peer, {}))
        await asyncio.wait_for(gate.reached.wait(), PATIENCE_S)
        join = Command(
            conversation=conversation, author=alice.pk, kind="join", payload={"member": carol.pk}, is_vouched=True
        )
        await built(worlds.put, join, is_published=False)
        hear(hub, await last_event(conversation))
        await eventually(lambda: hub.people[carol.pk].is_stale, "word of the joining")
        gate.opened.set()
        await arriving
        assert [frame["change"] for frame in tape.all("conversation")] == ["added"]
        assert tape.all("welcome")[0]["conversations"] == []
        assert peer in hub.rooms[conversation]
