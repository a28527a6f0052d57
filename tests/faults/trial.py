"""A town on web processes of the tests' own database, for a trial that kills nobody."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

from tests.faults import proof, town
from tests.faults.crowd import Crowd, Watch
from tests.faults.tree import unexplained
from tests.serving import Server


@contextlib.asynccontextmanager
async def trial(server: Server, seed: int, rate: float, origin: str | None = None) -> AsyncIterator[Crowd]:
    """Let a crowd talk during the block, and put every promise to the proof after it."""
    people = await asyncio.to_thread(town.build, server.environment, 7, 2, 4)
    crowd = Crowd(people, origin or server.url, seed, rate)
    dsn = os.environ["DATABASE_URL"]
    watch = Watch(crowd, lambda: dsn, lambda: False)
    print(f"\nSEED={seed}", flush=True)
    async with crowd.talking(lambda: dsn):
        watching = asyncio.create_task(watch.run())
        try:
            yield crowd
        finally:
            watching.cancel()
    print(crowd.tally(), flush=True)
    record = proof.Record(dsn)
    found = watch.breaches + proof.breaches(record, people.people, crowd.clients)
    assert not found, f"SEED={seed}: {len(found)} breaches:\n" + "\n".join(found[:20])
    assert unexplained(server.log.read_text()) == []
