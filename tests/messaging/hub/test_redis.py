"""Redis only makes it quick: without it every event arrives all the same, once and in order."""

import asyncio
import time

import pytest

from accounts.models import User
from messaging.commands import Command
from tests import worlds
from tests.messaging.hub.frail import HURRIED, Frail
from tests.messaging.hub.queue import Queue
from tests.serving import Serve
from tests.talking import Talker, spread
from tests.worlds import built

pytestmark = pytest.mark.slow

#: The contract says 15 s, and here heads are compared more often; the rest is for a busy machine.
FOUND_WITHIN_S = 20.0


async def test_what_was_published_to_nowhere_arrives(frail: Frail, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with spread(frail.server, await built(worlds.bearer, bob)) as bobs:
        for (talker,) in bobs:
            await talker.hello()
        seqs = await built(worlds.say_many, alice, conversation, 3)
        for (talker,) in bobs:
            await talker.reached(conversation, seqs[-1], FOUND_WITHIN_S)
            assert talker.seqs(conversation) == seqs


async def test_a_joining_that_nobody_heard_of_is_found(frail: Frail, alice: User, bob: User) -> None:
    """The membership is compared as well as the heads."""
    conversation = await built(worlds.channel, alice)
    join = Command(
        conversation=conversation,
        author=alice.pk,
        kind="join",
        payload={"member": bob.pk, "role": "member", "from": 1},
        is_vouched=True,
    )
    async with spread(frail.server, await built(worlds.bearer, bob)) as bobs:
        for (talker,) in bobs:
            await talker.hello()
        await built(worlds.put, join, is_published=False)
        for (talker,) in bobs:
            await talker.until(lambda t=talker: t.all("conversation", change="added"), "added", FOUND_WITHIN_S)  # type: ignore[misc]
            assert talker.all("conversation")[0]["conversation"]["id"] == conversation


async def test_while_redis_hangs(frail: Frail, alice: User, bob: User) -> None:
    """Sockets of the same process get everything at once, those of the other within 15 s, and nothing twice after."""
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with spread(frail.server, tokens[0]) as alices, spread(frail.server, tokens[1]) as bobs:
        (here,), (there,) = alices
        hearers = [talker for (talker,) in bobs]
        for talker in (here, there, *hearers):
            await talker.hello()
        await said_quickly(here, hearers, conversation)
        frail.queue.pause()
        seqs = [(await here.said(conversation, f"{number}"))["seq"] for number in range(5)]
        await hearers[0].reached(conversation, seqs[-1], 5)
        for talker in (there, *hearers):
            await talker.reached(conversation, seqs[-1], FOUND_WITHIN_S)
        last = (await there.said(conversation, "from the other side"))["seq"]
        for talker in (here, *hearers):
            await talker.reached(conversation, last, FOUND_WITHIN_S)
        frail.queue.resume()
        await said_quickly(here, hearers, conversation)
        for talker in (here, there, *hearers):
            await talker.echo()
            assert talker.seqs(conversation) == list(
                range(talker.seqs(conversation)[0], here.seqs(conversation)[-1] + 1)
            )


async def test_redis_killed_and_started_again(frail: Frail, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with spread(frail.server, tokens[0]) as alices, spread(frail.server, tokens[1]) as bobs:
        hearers = [talker for (talker,) in bobs]
        for (talker,) in (*alices, *bobs):
            await talker.hello()
        await said_quickly(alices[0][0], hearers, conversation)
        frail.queue.kill()
        while_away = await alices[0][0].said(conversation, "while Redis is away")
        for talker in hearers:
            await talker.reached(conversation, while_away["seq"], FOUND_WITHIN_S)
        frail.queue.start()
        for (speaker,) in alices:
            await said_quickly(speaker, hearers, conversation)
        head = alices[1][0].seqs(conversation)[-1]
        for talker in hearers:
            await talker.reached(conversation, head)
            assert talker.seqs(conversation) == list(range(3, head + 1))


@pytest.mark.parametrize("is_hanging", [False, True], ids=["away", "hanging"])
async def test_without_redis_from_the_start(
    server: Serve, queue: Queue, alice: User, bob: User, is_hanging: bool
) -> None:
    """Sockets open, speak and hear; when Redis comes after all, it is used."""
    if is_hanging:
        queue.pause()
    else:
        queue.kill()
    served = server(workers=2, hurried=HURRIED, REDIS_URL=queue.url)
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with spread(served, tokens[0]) as alices, spread(served, tokens[1]) as bobs:
        hearers = [talker for (talker,) in bobs]
        for (talker,) in (*alices, *bobs):
            await talker.hello()
        ack = await alices[0][0].said(conversation, "alone")
        await hearers[0].reached(conversation, ack["seq"], 5)
        for talker in hearers:
            await talker.reached(conversation, ack["seq"], FOUND_WITHIN_S)
        if is_hanging:
            queue.resume()
        else:
            queue.start()
        for (speaker,) in alices:
            await said_quickly(speaker, hearers, conversation)


async def said_quickly(speaker: Talker, hearers: list[Talker], conversation: int) -> None:
    """Speak until five messages in a row are everywhere within a second each: no comparison of heads is so frequent.

    A conversation is compared once in four seconds here.
    """
    deadline = time.monotonic() + 40
    quick = 0
    while quick < 5:
        assert time.monotonic() < deadline, "what is said does not reach the other process by way of Redis"
        seq = (await speaker.said(conversation, "is it quick?"))["seq"]
        try:
            await asyncio.gather(*(hearer.reached(conversation, seq, 1) for hearer in hearers))
            quick += 1
        except AssertionError:
            quick = 0
