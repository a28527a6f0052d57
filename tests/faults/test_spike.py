"""A minute of ten times the rate, more than one process can store: what is too much is refused, and nobody cut off.

`SPIKE_S=300 make faults ARGS="-k spike"` is a longer one.
"""

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import psycopg

from bench.sockets import bearer, opened
from messaging import log, pending
from tests import worlds
from tests.chatproject.test_metrics import scrape, value
from tests.faults.client import Client
from tests.faults.paced import Sender, capacity, paced
from tests.faults.transports import TRANSPORTS
from tests.messaging.hub.inside import eventually
from tests.messaging.hub.test_slow_reader import resident
from tests.serving import Serve, Server
from tests.worlds import built

SENDERS = 300
#: How long everybody sends as fast as answers come, so that it is known what the process can store.
MEASURE_S, IN_FLIGHT = 5.0, 10
BEFORE_S, SPIKE_S, AFTER_S = 5.0, float(os.environ.get("SPIKE_S", "60")), 15.0
TIMES = 10
#: The base rate is such a part of what can be stored: ten times that is twice as much as can be.
PART = 5
#: So soon after the spike everything must be as before it (seconds).
BACK_S = 5.0
#: Commands that may wait in the process, and what it may grow by meanwhile (bytes).
WAITING, GROWTH_BYTES = log.WRITERS * pending.QUEUE_COMMANDS, 100 << 20


class Gauge:
    """Looks at what waits in a process, all the time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.waiting: list[float] = []
        self.resident: list[int] = [resident(server)]

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.waiting.append(value(await scrape(self._server), "parley_commands_waiting"))
            self.resident.append(resident(self._server))
            await asyncio.sleep(0.5)


@contextlib.asynccontextmanager
async def bystanders(served: Server) -> AsyncIterator[list[Client]]:
    """People who talk as ever meanwhile, by every way in: whoever follows the protocol stays and has everything."""
    users = [await built(worlds.person, f"by{way}") for way in TRANSPORTS]
    channel = await built(worlds.channel, *users)
    clients = []
    for user, (way, made) in zip(users, TRANSPORTS.items(), strict=True):
        token = await built(worlds.bearer, user)
        make = lambda made=made, token=token: made(served.url, token)  # noqa: E731
        clients.append(Client(f"{user.username}/{way}", make, random.Random(way)))
    running = [asyncio.create_task(client.run()) for client in clients]
    await eventually(lambda: all(client.live_since for client in clients), "everybody")

    async def talk() -> None:
        while True:
            for client in clients:
                client.outbox.add("send", conversation=channel, body="as ever")
                await asyncio.sleep(0.25)

    talking = asyncio.create_task(talk())
    try:
        yield clients
        talking.cancel()
        await eventually(lambda: all(client.is_quiet() for client in clients), "an answer to everything", 30)
    finally:
        talking.cancel()
        for client in clients:
            client.stop()
        await asyncio.gather(*running)


async def test_a_spike(server: Serve) -> None:
    served = server()
    users = [await built(worlds.person, f"spike{number}") for number in range(SENDERS)]
    channels = [await built(worlds.channel, user) for user in users]
    headers = [bearer(await built(worlds.bearer, user)) for user in users]
    async with bystanders(served) as clients, opened(served.socket_url, Sender, headers) as senders:
        for sender, channel in zip(senders, channels, strict=True):
            sender.conversation = channel
        per_s = await capacity(senders, IN_FLIGHT, MEASURE_S) / PART
        await _answered(senders)
        gauge = Gauge(served)
        gauging = asyncio.create_task(gauge.run())
        began_at = time.monotonic()
        await paced(senders, per_s, BEFORE_S)
        spike_at = time.monotonic()
        assert await paced(senders, per_s * TIMES, SPIKE_S) > 0.95 * per_s * TIMES * SPIKE_S
        ended_at = time.monotonic()
        await paced(senders, per_s, AFTER_S)
        await _answered(senders)
        gauging.cancel()
        _tell(senders, per_s, (began_at, spike_at, ended_at), gauge)
        _check(senders, (began_at, spike_at, ended_at))
        assert max(gauge.waiting) <= WAITING
        assert max(gauge.resident) - gauge.resident[0] < GROWTH_BYTES
    for client in clients:
        assert (client.ends, client.connections, client.held.breaches) == (Counter(), 1, [])
    _check_stored(senders, channels)
    assert "Traceback" not in served.log.read_text()


async def _answered(senders: Sequence[Sender]) -> None:
    await eventually(lambda: not any(sender.unanswered for sender in senders), "an answer to each command", 30)


def _tell(senders: Sequence[Sender], per_s: float, moments: tuple[float, ...], gauge: Gauge) -> None:
    """Say what happened before, during and after, in figures."""
    for name, since, until in zip(("before", "spike", "after"), moments, (*moments[1:], float("inf")), strict=True):
        found = [a for sender in senders for a in sender.answers if since <= a.sent_at < until]
        took = sorted(a.answered_at - a.sent_at for a in found if a.code is None)
        print(
            f"\n{name}: {Counter(a.code for a in found)}, acks p50 {took[len(took) // 2]:.3f} s, "
            f"p99 {took[len(took) * 99 // 100]:.3f} s, longest {took[-1]:.2f} s",
            end="",
        )
    grown = max(gauge.resident) - gauge.resident[0]
    print(f"\nbase {per_s:.0f}/s; {max(gauge.waiting):.0f} waited at the most; {grown >> 10} KiB more", flush=True)


def _check(senders: Sequence[Sender], moments: tuple[float, float, float]) -> None:
    """Refused during the spike alone; five seconds after it nothing is left of it."""
    began_at, spike_at, ended_at = moments
    answers = [answer for sender in senders for answer in sender.answers if answer.sent_at >= began_at]
    refused = [answer for answer in answers if answer.code is not None]
    assert refused
    assert {answer.code for answer in refused} == {"unavailable"}
    assert all(float(str(answer.frame["retry_after"])) > 0 for answer in refused)
    assert min(answer.sent_at for answer in refused) >= spike_at
    assert max(answer.sent_at for answer in refused) < ended_at + BACK_S
    late = [answer for answer in answers if answer.sent_at < ended_at and answer.answered_at > ended_at + BACK_S]
    assert not late, (len(late), max(answer.answered_at for answer in late) - ended_at)


def _check_stored(senders: Sequence[Sender], channels: Sequence[int]) -> None:
    """What was acknowledged is in the log once, where the ack says."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute(
            "select id::text, conversation_id, seq from event where conversation_id = any(%s)", [list(channels)]
        ).fetchall()
    places = {id: (conversation, seq) for id, conversation, seq in found}
    assert len(places) == len(found)
    acks = [answer for sender in senders for answer in sender.answers if answer.code is None]
    assert len({answer.id for answer in acks}) == len(acks)
    assert [places.get(a.id) for a in acks] == [(a.frame["conversation"], a.frame["seq"]) for a in acks]
