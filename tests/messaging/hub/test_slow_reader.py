"""Who does not read is cut, and costs nobody else memory."""

import asyncio

import psutil

from accounts.models import User
from messaging.frames import BUFFER_BYTES, CLOSE_TIMEOUT_S
from tests import worlds
from tests.messaging.hub.deaf import Deaf
from tests.messaging.hub.inside import eventually
from tests.serving import Serve, Server
from tests.talking import Talker
from tests.worlds import built

BODY = "🎈" * 16_000  # 64 kB
MESSAGES = 400
DEAF = 10
#: What the process may grow: the bound of each buffer, twice for what one turn writes beyond it, and the last messages.
BOUND_BYTES = DEAF * 2 * BUFFER_BYTES + 100 * 2 * len(BODY.encode()) + (40 << 20)


def resident(server: Server) -> int:
    """Tell the memory of a server's one process (bytes)."""
    return int(psutil.Process(server.processes[0].pid).memory_info().rss)


def connections(server: Server) -> int:
    """Count a server's connections."""
    found = psutil.Process(server.processes[0].pid).net_connections("tcp")
    return sum(connection.status == psutil.CONN_ESTABLISHED for connection in found)


async def test_cut_and_bounded(server: Serve, alice: User, bob: User) -> None:
    """Ten sockets that read nothing of 25 MB: unbounded that is 250 MB; one of them begins to read and sees why."""
    served = server()
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(served.socket_url, tokens[0]) as speaker, Talker(served.socket_url, tokens[1]) as hearer:
        await speaker.hello()
        await hearer.hello()
        deaf = [await Deaf(served, tokens[1]).open() for _ in range(DEAF)]
        assert connections(served) == 2 + DEAF
        before = highest = resident(served)
        for first in range(0, MESSAGES, 20):
            ids = [await speaker.say(conversation, BODY) for _ in range(20)]
            for id in ids:
                await speaker.answer(id, "ack")
            highest = max(highest, resident(served))
            if first == 120:  # 8 MB: beyond what the kernel keeps (4 MB) and the bound
                codes = [await deaf[0].listen()]
        assert highest - before < BOUND_BYTES, f"{(highest - before) >> 20} MiB"
        await eventually(lambda: connections(served) == 2, "the end of the deaf", CLOSE_TIMEOUT_S + 20)
        codes += await asyncio.gather(*(each.listen() for each in deaf[1:]))
        assert codes[0] == 1013
        assert set(codes[1:]) <= {1013, None}
        head = 2 + MESSAGES
        for talker in (speaker, hearer):
            await talker.reached(conversation, head)
            assert talker.seqs(conversation) == list(range(3, head + 1))
        for each in deaf:
            each.close()
        async with Talker(served.socket_url, tokens[1]) as again:  # and syncs later
            await again.hello({conversation: head - 10})
            await again.reached(conversation, head)
            assert again.seqs(conversation) == list(range(head - 9, head + 1))
    assert "Traceback" not in served.log.read_text()


async def test_a_deaf_socket_that_only_asks(server: Serve, alice: User) -> None:
    """Answers are bounded like events: who asks without end and reads nothing is cut as well."""
    served = server()
    conversation = await built(worlds.channel, alice)
    await built(worlds.say_many, alice, conversation, 200, "🎈" * 15_000)
    before = resident(served)
    deaf = await Deaf(served, await built(worlds.bearer, alice)).open()
    deaf._protocol.send_text(b'{"type":"sync","cursors":{"%d":0}}' % conversation)
    question = b"".join(deaf._protocol.data_to_send())
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(60):
            while connections(served):
                await loop.sock_sendall(deaf._socket, question)
                await asyncio.sleep(0.05)
    except ConnectionError:
        pass
    assert resident(served) - before < (200 << 20)
    async with Talker(served.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
    deaf.close()
