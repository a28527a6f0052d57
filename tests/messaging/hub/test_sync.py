"""`sync`: what came after some cursors, at any time, also for a socket that is live already."""

import asyncio

import pytest

from accounts.models import User
from messaging import database, history
from tests import worlds
from tests.messaging.hub.inside import committed_elsewhere, hear, quiet_hub, seat
from tests.messaging.hub.test_hello import caught_up
from tests.messaging.hub.test_no_hole import Gate
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built


async def test_not_found_for_what_is_not_ones_own(site: Server, alice: User, bob: User, mallory: User) -> None:
    """Whether it exists can't be told from the answer, nor from its order or number."""
    conversation = await built(worlds.channel, alice, bob)
    own = await built(worlds.channel, mallory)
    async with Talker(site.socket_url, await built(worlds.bearer, mallory)) as talker:
        await talker.hello()
        (there,) = await talker.sync({conversation: 0})
        (nowhere,) = await talker.sync({2**53 - 1: 0})
        assert there == nowhere
        assert (there["type"], there["code"]) == ("error", "not_found")
        answers = await talker.sync({conversation: 0, own: 0})
        assert [answer["type"] for answer in answers] == ["error", "events"]


async def test_one_who_left_is_told_not_found(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    await built(worlds.remove, alice, conversation, bob)
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        await talker.hello({conversation: 1})
        (answer,) = await talker.sync({conversation: 1})
        assert answer["code"] == "not_found"
        assert not talker.all("events")


@pytest.mark.parametrize("key", ["abc", "", "1.5", "-1", "0", "1_0", " 1", "٣", "99999999999999999999", "9" * 5000])
async def test_a_key_that_is_no_conversation(site: Server, alice: User, key: str) -> None:
    """The frame is malformed: in a `sync` the socket stays open, a `hello` closes it."""
    conversation = await built(worlds.channel, alice)
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
        await talker.put("sync", cursors={key: 1, str(conversation): 0})
        assert (await talker.first("error"))["code"] == "malformed"
        await talker.echo()
        await talker.put("hello", cursors={key: 1})
        assert await talker.closed() == 4400


async def test_a_live_socket_asks_from_the_beginning(site: Server, alice: User, bob: User) -> None:
    """A client that lost its cache: while there is more, nothing live; what comes is contiguous, and then live."""
    conversation = await built(worlds.channel, alice, bob)
    await built(worlds.say_many, alice, conversation, 500)
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        await talker.hello()
        (page,) = await talker.sync({conversation: 0})
        assert page["more"] is True
        seq = await built(worlds.say, alice, conversation, "not yet")
        other = await built(worlds.channel, alice, bob)
        await talker.first("conversation", change="added")
        await talker.reached(other, await built(worlds.say, alice, other, "live"))
        await talker.echo()
        assert not talker.all("event", conversation=conversation)
        await caught_up(talker, conversation)
        await talker.reached(conversation, await built(worlds.say, alice, conversation, "live again"))
        assert talker.seqs(conversation) == list(range(1, seq + 2))


async def test_a_live_socket_gets_nothing_twice_while_its_sync_is_read(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    """An event is heard while the log is being read for somebody who was live before."""
    conversation = await built(worlds.channel, alice, bob)
    await built(worlds.say_many, alice, conversation, 120)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, bob)
        await hub.catchup.hello(peer, {})
        gate = Gate(history.SINCE, is_before=False)
        monkeypatch.setattr(database, "fetch", gate)
        asking = asyncio.create_task(hub.catchup.sync(peer, {conversation: 2}))
        await gate.reached.wait()
        hear(hub, await committed_elsewhere(alice, conversation, "meanwhile"))
        gate.opened.set()
        await asking
        hear(hub, await committed_elsewhere(alice, conversation, "after"))
        assert tape.seqs(conversation) == list(range(3, 125))


async def test_questions_of_one_socket_are_answered_in_order_and_bounded(site: Server, alice: User) -> None:
    """Five hundred at once: each gets its answer or is told to wait."""
    conversation = await built(worlds.channel, alice)
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
        for _ in range(500):
            await talker.put("sync", cursors={str(conversation): 0})
        await talker.until(lambda: len(talker.all("events")) + len(talker.all("error")) == 500, "500 answers")
        assert all(answer["code"] == "rate_limited" for answer in talker.all("error"))
        assert all(answer["retry_after"] > 0 for answer in talker.all("error"))
        assert len(talker.all("events")) >= 100
