"""The network between the clients and Parley is cut, half open, and slow; no promise depends on it."""

import asyncio
import random

from tests.faults import schedule
from tests.faults.client import SILENCE_S
from tests.faults.proxy import Network
from tests.faults.trial import trial
from tests.serving import Serve

ROUNDS = 3


async def test_cut_half_open_and_slow(server: Serve) -> None:
    served = server(workers=2, PARLEY_LIMITS="on")
    seed = schedule.seed()
    rng = random.Random(f"network {seed}")
    async with Network(served.port) as network, trial(served, seed, 20, network.origin) as crowd:
        for _ in range(ROUNDS):
            await asyncio.sleep(rng.uniform(0.5, 2))
            network.cut()
            await asyncio.sleep(rng.uniform(0.5, 2))
            network.half_open()  # shorter and longer than a client waits before it gives up
            await asyncio.sleep(rng.choice((0.4, 1.6)) * SILENCE_S)
            network.restore()
            await asyncio.sleep(rng.uniform(0.5, 2))
            network.bytes_per_s = 4_000
            await asyncio.sleep(5)
            network.restore()
        assert all(each.connections > ROUNDS for each in crowd.clients)
