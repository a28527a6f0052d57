"""Processes are killed and stopped at random points of the load; afterwards every promise is put to the proof.

`SEED=… KILLS=200 RATE=400 MINUTES=40 make faults ARGS="-k storm"` is the long run; it ends with its last kill, or after
so many minutes.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import proof, schedule, town
from tests.faults.crowd import Crowd, Watch
from tests.faults.tree import OPTIONS, Tree, unexplained
from tests.up.running import Up

KILLS = int(os.environ.get("KILLS", "20"))
#: Commands a second, of all clients together.
RATE = float(os.environ.get("RATE", "40"))
MINUTES = float(os.environ.get("MINUTES", "25"))


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """The real tree in a folder of its own."""
    with Up(tmp_path / "var", *OPTIONS) as up:
        yield Tree(up)


async def test_every_promise_is_kept(tree: Tree) -> None:
    seed = schedule.seed()
    print(f"\nSEED={seed} KILLS={KILLS} RATE={RATE:g}", flush=True)
    people = await asyncio.to_thread(town.build, tree.up.environment, 9, 3, 5)
    crowd = Crowd(people, tree.origin, seed, RATE)
    watch = Watch(crowd, lambda: tree.dsn, lambda: tree.is_stopped)
    began = time.monotonic()
    async with crowd.talking(lambda: tree.dsn):
        watching = asyncio.create_task(watch.run())
        for fault in schedule.faults(seed, KILLS):
            if time.monotonic() - began > MINUTES * 60:
                break
            await asyncio.sleep(fault.after_s)
            took = await asyncio.to_thread(tree.suffer, fault)
            print(f"{time.monotonic() - began:6.1f} s: {fault}; back after {took:.1f} s", flush=True)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching

    print(f"{tree.kills} kills in {time.monotonic() - began:.0f} s; {crowd.tally()}", flush=True)
    record = proof.Record(tree.dsn)
    found = watch.breaches + proof.breaches(record, people.people, crowd.clients)
    assert not found, f"SEED={seed}: {len(found)} breaches:\n" + "\n".join(found[:20])
    speakers = [each for each in crowd.clients if each.name.startswith(("owner", "member"))]
    assert not [each.outbox.refused for each in speakers if set(each.outbox.refused) - {"not_found"}]
    assert {code for each in crowd.clients for code in each.ends} <= {None, 1012, 1013, 1001, 1006}
    assert not unexplained(tree.up.said())
