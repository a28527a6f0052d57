"""A hub that can't confirm rights for 15 s delivers nothing; when it can again, it catches up."""

import asyncio
import time

import psycopg
import pytest

from accounts.models import User
from chatproject import places
from messaging import upkeep
from tests import worlds
from tests.messaging.hub.inside import committed_elsewhere, eventually, hear, long_ago, quiet_hub, seat
from tests.serving import Serve
from tests.talking import Frame, Talker
from tests.worlds import built


async def test_nothing_is_delivered_and_then_all(alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, bob)
        await hub.catchup.hello(peer, {})
        long_ago(hub)
        hear(hub, *[await committed_elsewhere(alice, conversation, f"{number}") for number in range(3)])
        hub.committed([await committed_elsewhere(bob, conversation, "of this process")])
        await hub.fill(hub.rooms[conversation])
        assert tape.seqs(conversation) == []
        late, late_tape = seat(hub, bob)
        with pytest.raises(TimeoutError):
            await hub.catchup.hello(late, {conversation: 0})
        with pytest.raises(TimeoutError):
            await hub.catchup.sync(peer, {conversation: 0})
        assert (late_tape.frames, tape.all("events")) == ([], [])
        await hub.upkeep._confirm()
        await eventually(lambda: tape.seqs(conversation) == [3, 4, 5, 6], "what was held back")
        await hub.catchup.hello(late, {conversation: 0})
        assert late_tape.seqs(conversation) == [1, 2, 3, 4, 5, 6]


async def test_nobody_is_welcomed(alice: User, bob: User) -> None:
    """Also where the hub has all that the log holds: a credential may have been revoked meanwhile."""
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        await hub.catchup.hello(seat(hub, alice)[0], {})
        long_ago(hub)
        peer, tape = seat(hub, bob)
        with pytest.raises(TimeoutError):
            await hub.catchup.hello(peer, {conversation: 0})
        assert tape.frames == []


async def test_who_left_meanwhile_gets_the_leave_and_no_more(alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, bob)
        await hub.catchup.hello(peer, {})
        long_ago(hub)
        await built(worlds.remove, alice, conversation, bob)
        hear(hub, await committed_elsewhere(alice, conversation, "he should not hear this"))
        await hub.upkeep._confirm()
        await eventually(lambda: hub.rooms[conversation].seq == 4, "the rest of the log")
        assert tape.seqs(conversation) == [3]
        assert tape.frames[-1]["change"] == "removed"


async def test_with_the_revocations_locked_away(server: Serve, alice: User, bob: User) -> None:
    """Only the revocations can't be read: the sockets fall silent, and after that hear all of it, each once."""
    assert upkeep.CONFIRMED_S == 15
    served = server(hurried={"messaging.upkeep.CONFIRMED_S": 4})
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(served.socket_url, tokens[0]) as speaker, Talker(served.socket_url, tokens[1]) as hearer:
        await speaker.hello()
        await hearer.hello()
        acks: list[Frame] = []
        with psycopg.connect(places.database_url("owner") or "") as owner:
            owner.execute("lock table revocation in access exclusive mode")
            deadline = time.monotonic() + 30
            while len(acks) - len(hearer.seqs(conversation)) < 3:  # until what is said is no longer delivered
                assert time.monotonic() < deadline, "events go on being delivered"
                acks.append(await speaker.said(conversation, f"{len(acks)}"))
                await hearer.echo()  # what was delivered has arrived
                await asyncio.sleep(0.2)
            assert hearer.seqs(conversation) == [ack["seq"] for ack in acks[: len(hearer.seqs(conversation))]]
            owner.rollback()
        for talker in (speaker, hearer):
            await talker.reached(conversation, acks[-1]["seq"])
            assert talker.seqs(conversation) == [ack["seq"] for ack in acks]
