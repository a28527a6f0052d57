"""Too much of something: commands, slowness, sockets. Nobody else suffers by it.

`SOCKETS=100000 make faults ARGS="-k thousand"` is the long run.
"""

import asyncio
import os
from collections import Counter

import psutil

from accounts.models import User
from bench.sockets import HELLO, Socket, bearer, opened
from tests import worlds
from tests.messaging.hub.deaf import Deaf
from tests.messaging.hub.inside import eventually
from tests.messaging.hub.test_slow_reader import connections, resident
from tests.serving import Serve
from tests.talking import MSGPACK, Talker
from tests.worlds import built

SOCKETS = int(os.environ.get("SOCKETS", "5000"))
AT_ONCE = 50
#: Memory is compared from here on: caches and pools are full by then.
WARM = 2_000
#: What a socket may leave behind of itself (bytes).
LEFT_BY_A_SOCKET = 256
#: What the process may have grown by in any case: the allocator's own coming and going (bytes).
BREATH_BYTES = 12 << 20

FLOOD = 3_000


async def test_a_client_that_floods(server: Serve, alice: User, bob: User) -> None:
    """Each of its commands has one answer, those beyond the allowance `rate_limited`; others talk on meanwhile."""
    served = server(PARLEY_LIMITS="on")
    conversation, own = await built(worlds.channel, alice, bob), await built(worlds.channel, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(served.socket_url, tokens[0]) as talker, Talker(served.socket_url, tokens[1], MSGPACK) as flood:
        await talker.hello()
        await flood.hello()
        flooding = asyncio.gather(*(flood.say(own, f"flood {i}") for i in range(FLOOD)))
        for number in range(20):
            ack = await talker.said(conversation, f"calm {number}")
            await talker.reached(conversation, ack["seq"])
        sent = await flooding
        answers = lambda: [f for f in flood.frames if f["type"] in ("ack", "error")]  # noqa: E731
        await flood.until(lambda: len(answers()) >= FLOOD, "an answer to each", 120)
        assert Counter(f["id"] for f in answers()) == Counter(sent)
        refused = flood.all("error")
        # Nothing else than its own allowance, or where the machine is slower than the flood, the queue's age.
        assert "rate_limited" in {f["code"] for f in refused} <= {"rate_limited", "unavailable"}
        assert all(f["retry_after"] > 0 for f in refused)
        assert len(await built(worlds.log_of, own)) == 1 + FLOOD - len(refused)
        await flood.echo()
    assert "Traceback" not in served.log.read_text()


async def test_a_client_that_reads_a_byte_a_second(server: Serve, alice: User, bob: User) -> None:
    """It is let go when it is a mebibyte behind, however alive it looks."""
    served = server()
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(served.socket_url, tokens[0]) as speaker:
        await speaker.hello()
        slow = await Deaf(served, tokens[1]).open()
        before, reading = resident(served), asyncio.create_task(_trickle(slow))
        for number in range(150):
            await speaker.said(conversation, f"{number}" + "🎈" * 15_000)
        await eventually(lambda: connections(served) == 1, "the end of the slow one", 60)
        assert resident(served) - before < (40 << 20)
        await speaker.echo()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        slow.close()
    assert "Traceback" not in served.log.read_text()


async def _trickle(slow: Deaf) -> None:
    loop = asyncio.get_running_loop()
    while await loop.sock_recv(slow._socket, 1):  # noqa: ASYNC110 - it is that slow
        await asyncio.sleep(1)


class _Greeted(Socket):
    greeting = HELLO


async def test_sockets_come_and_go_by_the_thousand(server: Serve, alice: User, bob: User) -> None:
    """What is left of them is nothing: no memory, no file, no task that logs."""
    served = server()
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    files = psutil.Process(served.processes[0].pid).num_fds
    warm, before = 0, 0
    for number in range(0, SOCKETS, AT_ONCE):
        if number == WARM:
            warm, before = resident(served), files()
        async with opened(served.socket_url, _Greeted, [bearer(tokens[number // AT_ONCE % 2])] * AT_ONCE):
            pass
    await eventually(lambda: connections(served) == 0, "the end of all")
    grown = resident(served) - warm
    print(f"\n{SOCKETS} sockets: {warm >> 10} KiB after {WARM}, {grown >> 10} KiB more at the end", flush=True)
    assert grown < BREATH_BYTES + LEFT_BY_A_SOCKET * (SOCKETS - WARM)
    assert files() <= before + 2
    async with Talker(served.socket_url, tokens[0]) as talker:
        await talker.hello()
        await talker.said(conversation, "still here")
    assert "Traceback" not in served.log.read_text()
