"""What is taken away under load ends what is open: by every way in, on both processes, whatever Redis does."""

import asyncio
import time
from collections.abc import Callable

import pytest

from accounts.models import User
from tests import worlds
from tests.beside import WAYS
from tests.faults import schedule
from tests.faults.trial import trial
from tests.messaging.hub.queue import Queue
from tests.messaging.hub.test_revocation import WAYS as TAKINGS
from tests.messaging.hub.test_revocation import check_cut
from tests.serving import Serve
from tests.talking import Talker
from tests.worlds import built

REDIS: dict[str, Callable[[Queue], None]] = {
    "up": lambda queue: None,
    "hangs": lambda queue: queue.pause(),
    "killed": lambda queue: queue.kill(),
}
#: Of each way in, enough for both processes, most likely.
EACH = 3


async def arrived(served_url: str, token: str) -> list[Talker]:
    """Open clients of somebody by every way in, and say hello."""
    talkers = [WAYS[way](served_url, token) for way in WAYS for _ in range(EACH)]
    for talker in talkers:
        await talker.open()
        await talker.hello()
    return talkers


@pytest.mark.parametrize("redis", REDIS)
async def test_under_load(server: Serve, queue: Queue, alice: User, redis: str) -> None:
    """A revoked token and a deactivated person are cut within a second or so; who is removed hears nothing more."""
    served = server(workers=2, REDIS_URL=queue.url)
    conversation = await built(worlds.channel, alice)
    people = {deed: await built(worlds.person, "bob") for deed in (*TAKINGS, "removed")}
    tokens = {deed: await built(worlds.bearer, user) for deed, user in people.items()}
    for user in people.values():
        await built(worlds.add, alice, conversation, user)
    async with trial(served, schedule.seed(), rate=20):
        clients = {deed: await arrived(served.socket_url, token) for deed, token in tokens.items()}
        await asyncio.to_thread(REDIS[redis], queue)
        for deed, take in TAKINGS.items():
            started_at = time.monotonic()
            await built(take, people[deed], tokens[deed])
            await check_cut(clients[deed], started_at)
        await built(worlds.remove, alice, conversation, people["removed"])
        seq = await built(worlds.say, alice, conversation, "who is still here?")
        for talker in clients["removed"]:
            await talker.until(
                lambda t=talker: t.all("conversation", change="removed"),  # type: ignore[misc]
                "being told so",
            )
        for talker in [each for talkers in clients.values() for each in talkers]:
            assert seq not in talker.seqs(conversation)
            await talker.close()
