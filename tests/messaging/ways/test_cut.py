"""What was taken away ends what is open by every way in, on every process, Redis up or down."""

import contextlib
import time

from websockets.exceptions import ConnectionClosed

from accounts.models import User
from tests import worlds
from tests.beside import WAYS, arrive
from tests.messaging.hub.frail import Frail
from tests.messaging.hub.test_revocation import WAYS as TAKINGS
from tests.messaging.hub.test_revocation import check_cut
from tests.talking import Talker
from tests.worlds import built, person


async def test_within_a_second(frail: Frail, alice: User) -> None:
    served = frail.server
    conversation = await built(worlds.channel, alice)
    kept = [await arrive(way, served, alice) for way in WAYS]
    cases = [(taking, await built(person, "bob"), is_redis_up) for is_redis_up in (True, False) for taking in TAKINGS]
    clients: dict[User, list[Talker]] = {}
    tokens: dict[User, str] = {}
    for _, bob, _ in cases:
        await built(worlds.add, alice, conversation, bob)
        tokens[bob] = await built(worlds.bearer, bob)
        clients[bob] = [WAYS[way](served.socket_url, tokens[bob]) for way in WAYS for _ in range(2)]
        for talker in clients[bob]:
            await talker.open()
            await talker.hello()
    for taking, bob, is_redis_up in cases:
        if not is_redis_up:
            frail.queue.pause()
        started_at = time.monotonic()
        await built(TAKINGS[taking], bob, tokens[bob])
        await check_cut(clients[bob], started_at)
        seq = await built(worlds.say, alice, conversation, "who is still here?")
        for talker in kept:
            await talker.reached(conversation, seq, 20)
        for talker in clients[bob]:
            assert seq not in talker.seqs(conversation)
            await talker.close()
        for way in WAYS:
            again = await WAYS[way](served.socket_url, tokens[bob]).open()
            with contextlib.suppress(ConnectionClosed):  # a socket may hear so before it has said anything
                await again.put("hello", cursors={})
            assert await again.closed() == 4401
            await again.close()
    for talker in kept:
        await talker.close()
