"""Two processes: every connected member gets each event once, in order, wherever it was said."""

import asyncio

from accounts.models import User
from tests import worlds
from tests.serving import Server
from tests.talking import Talker, spread
from tests.worlds import built

EACH = 50


async def test_each_member_gets_each_event_once_in_order_with_senders_on_both(
    pair: Server, alice: User, bob: User, mallory: User
) -> None:
    """A hundred sends on each process at once: four sockets and the log tell the same story."""
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob, mallory)]
    async with spread(pair, tokens[0]) as alices, spread(pair, tokens[1]) as bobs, spread(pair, tokens[2]) as outsiders:
        members = [talker for part in (*alices, *bobs) for talker in part]
        strangers = [talker for part in outsiders for talker in part]
        for talker in (*members, *strangers):
            await talker.hello()
        start = members[0].all("welcome")[0]["conversations"][0]["seq"]

        async def talk(talker: Talker) -> None:
            ids = [await talker.say(conversation, f"{number}") for number in range(EACH)]
            for id in ids:
                await talker.answer(id, "ack")

        await asyncio.gather(*(talk(talker) for talker in members))
        head = start + EACH * len(members)
        for talker in members:
            await talker.reached(conversation, head)
        for talker in (*members, *strangers):
            await talker.echo()
        log = [event.seq for event in await built(worlds.log_of, conversation)][start:]
        assert log == list(range(start + 1, head + 1))
        for talker in members:
            assert talker.seqs(conversation) == log
        first = members[0].events(conversation)
        assert all(talker.events(conversation) == first for talker in members)
        for talker in strangers:
            assert {frame["type"] for frame in talker.frames} == {"pong", "welcome"}


async def test_one_socket_is_acknowledged_where_it_stands_and_heard_on_the_other_process(
    pair: Server, alice: User, bob: User
) -> None:
    """Each ack names the place where everybody finds the message."""
    conversation = await built(worlds.channel, alice, bob)
    async with (
        spread(pair, await built(worlds.bearer, alice)) as alices,
        spread(pair, await built(worlds.bearer, bob)) as bobs,
    ):
        for part in (*alices, *bobs):
            await part[0].hello()
        for (speaker,) in alices:
            ack = await speaker.said(conversation, "here")
            for (hearer,) in (*alices, *bobs):
                event = await hearer.first("event", conversation=conversation, seq=ack["seq"])
                assert (event["id"], event["at"], event["user"]) == (ack["id"], ack["at"], alice.pk)


async def test_what_is_said_by_http_reaches_sockets_on_both_processes(pair: Server, alice: User, bob: User) -> None:
    """A post is committed in a thread of one of the processes."""
    conversation = await built(worlds.channel, alice, bob)
    token = await built(worlds.bearer, alice)
    async with spread(pair, await built(worlds.bearer, bob)) as bobs, pair.client(token) as client:
        for (talker,) in bobs:
            await talker.hello()
        for number in range(10):
            id = f"00000000-0000-4000-8000-{number:012}"
            said = await client.post(f"/api/v1/conversations/{conversation}/messages", json={"id": id, "body": "post"})
            assert said.status_code == 201
        for (talker,) in bobs:
            await talker.reached(conversation, said.json()["seq"])
            seqs = talker.seqs(conversation)
            assert seqs == list(range(seqs[0], seqs[0] + 10))
