"""The same talk by every way in: a socket, server-sent events, long polls."""

import asyncio

import pytest

from accounts.models import User
from tests import worlds
from tests.beside import WAYS, arrive
from tests.messaging.hub.frail import Frail
from tests.messaging.hub.test_membership import check_removed
from tests.messaging.hub.test_redis import FOUND_WITHIN_S
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built

pytestmark = pytest.mark.parametrize("way", list(WAYS))


async def test_each_event_once_in_order(pair: Server, alice: User, bob: User, mallory: User, way: str) -> None:
    """All talk at once, by each way, over two processes; every member hears all of it, the outsider nothing."""
    conversation = await built(worlds.channel, alice, bob)
    members = [await arrive(each, pair, user) for each in WAYS for user in (alice, bob)]
    members += [await arrive(way, pair, bob) for _ in range(2)]
    stranger = await arrive(way, pair, mallory)

    async def talk(talker: Talker) -> list[str]:
        ids = [await talker.say(conversation, f"{number}") for number in range(20)]
        for id in ids:
            assert (await talker.answer(id, "ack"))["conversation"] == conversation
        return ids

    said = await asyncio.gather(*(talk(talker) for talker in members))
    head = 2 + 20 * len(members)
    log = [str(event.id) for event in await built(worlds.log_of, conversation)]
    for ids in said:
        assert [id for id in log if id in ids] == ids  # in the order sent
    for talker in members:
        await talker.reached(conversation, head)
        assert talker.seqs(conversation) == list(range(3, head + 1))
        assert talker.events(conversation) == members[0].events(conversation)
    await stranger.echo()
    assert {frame["type"] for frame in stranger.frames} == {"pong", "welcome"}
    for talker in (*members, stranger):
        await talker.close()


async def test_a_command_sent_again(site: Server, alice: User, way: str) -> None:
    conversation = await built(worlds.channel, alice)
    talker = await arrive(way, site, alice)
    ack = await talker.said(conversation, "once")
    await talker.put("send", id=ack["id"], conversation=conversation, body="once")
    await talker.until(lambda: len(talker.all("ack")) == 2, "the second ack")
    assert talker.all("ack")[1] == {**ack, "duplicate": True}
    await talker.reached(conversation, ack["seq"])
    assert talker.seqs(conversation) == [ack["seq"]]
    await talker.close()


async def test_caught_up_after_an_absence(pair: Server, alice: User, bob: User, way: str) -> None:
    """Further behind than one page, while somebody goes on talking."""
    conversation, other = await built(worlds.channel, alice, bob), await built(worlds.channel, alice, bob)
    await built(worlds.say_many, alice, conversation, 450)
    speaker = await arrive("socket", pair, alice)
    ids = [await speaker.say(conversation, "meanwhile") for _ in range(20)]
    talker = await arrive(way, pair, bob, {conversation: 2, other: 2})
    ids += [await speaker.say(conversation, "meanwhile") for _ in range(20)]
    head = (await speaker.answer(ids[-1], "ack"))["seq"]
    if way == "socket":  # the others page by themselves
        await talker.until(lambda: talker.seqs(conversation), "the page that follows the welcome")
        while talker.seqs(conversation)[-1:] != [head]:
            await talker.sync({conversation: max(talker.seqs(conversation), default=2)})
    await talker.reached(conversation, head)
    assert talker.seqs(conversation) == list(range(3, 450 + 2 + 40 + 1))
    live = (await speaker.said(other, "live"))["seq"]
    await talker.reached(other, live)
    assert talker.seqs(other) == [live]
    await talker.close()
    await speaker.close()


async def test_joined_and_removed_while_connected(pair: Server, alice: User, bob: User, carol: User, way: str) -> None:
    conversation = await built(worlds.channel, alice, bob)
    speaker, talker = await arrive("socket", pair, bob), await arrive(way, pair, carol)
    await built(worlds.add, alice, conversation, carol)
    await talker.first("conversation", change="added")
    heard = await speaker.said(conversation, "welcome")
    await talker.reached(conversation, heard["seq"])
    await built(worlds.remove, alice, conversation, carol)
    await speaker.said(conversation, "she should not hear this")
    await talker.first("conversation", change="removed")
    await speaker.said(conversation, "nor this")
    refused = await talker.error("read", conversation=conversation, seq=1)
    assert refused["code"] == "not_found"
    said = await talker.answer(await talker.say(conversation, "still here?"))
    assert said["code"] == "not_found"
    (answer,) = await talker.sync({conversation: 1})
    assert answer["code"] == "not_found"
    check_removed(talker, conversation, carol, is_leave_seen=way != "poll")
    assert talker.seqs(conversation)[-1] <= heard["seq"] + 1
    await talker.close()
    await speaker.close()


async def test_read_on_one_device_read_on_all(pair: Server, alice: User, bob: User, way: str) -> None:
    conversation = await built(worlds.channel, alice, bob)
    seq = await built(worlds.say, alice, conversation, "read this")
    talker, other = await arrive(way, pair, bob), await arrive("socket", pair, bob)
    await talker.put("read", conversation=conversation, seq=seq)
    (told,) = (await other.first("receipt", conversation=conversation))["receipts"]
    assert (told["user"], told["read"]) == (bob.pk, seq)
    await talker.close()
    await other.close()


@pytest.mark.slow
async def test_while_redis_hangs(frail: Frail, alice: User, bob: User, way: str) -> None:
    """What is said on either process arrives all the same, once and in order."""
    conversation = await built(worlds.channel, alice, bob)
    talkers = [await arrive(way, frail.server, bob) for _ in range(4)]
    speaker = await arrive("socket", frail.server, alice)
    frail.queue.pause()
    seqs = [(await speaker.said(conversation, f"{number}"))["seq"] for number in range(5)]
    for talker in talkers:
        await talker.reached(conversation, seqs[-1], FOUND_WITHIN_S)
    frail.queue.resume()
    last = (await speaker.said(conversation, "again"))["seq"]
    for talker in talkers:
        await talker.reached(conversation, last, FOUND_WITHIN_S)
        assert talker.seqs(conversation) == [*seqs, last]
        await talker.close()
    await speaker.close()
