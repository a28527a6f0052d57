"""Web processes that are told to go, under load: nobody who follows the protocol has an error, and nothing is lost."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from pathlib import Path

from tests.faults import proof, schedule, town
from tests.faults.crowd import Crowd
from tests.faults.transports import TRANSPORTS
from tests.faults.tree import OPTIONS, Tree
from tests.faults.trial import trial
from tests.messaging.hub.inside import eventually
from tests.parts import wait_until
from tests.serving import Serve
from tests.talking import Talker
from tests.up.running import Up
from tests.worlds import bearer, built, person

ROLLS = 2
#: The last is gone so long after the signal; half of those that sit idle go in waves within 1.5 s, fewer all at once.
GONE_S, IDLE, SPREAD_S = 10.0, 1_500, 0.5
#: How a way in may end: told so, turned away by a 503, or cut where a connection was idle or not yet taken.
ENDS = {1012, 1013, None}


async def test_a_rolling_restart(tmp_path: Path) -> None:
    """By SIGUSR2 to `up`, twice, with clients of all four ways in."""
    with Up(tmp_path / "var", *OPTIONS) as up:
        tree, seed = Tree(up), schedule.seed()
        print(f"\nSEED={seed}", flush=True)
        people = await asyncio.to_thread(town.build, up.environment, 7, 2, 4)
        crowd = Crowd(people, tree.origin, seed, 20)
        async with crowd.talking(lambda: tree.dsn):
            await eventually(lambda: all(each.live_since for each in crowd.clients), "everybody")
            for _ in range(ROLLS):
                before = {process.pid for process in tree.web()}
                await asyncio.to_thread(tree.roll)
                assert not before & {process.pid for process in tree.web()}
                await asyncio.sleep(2)
        print(crowd.tally(), flush=True)
        assert proof.breaches(proof.Record(tree.dsn), people.people, crowd.clients) == []
        check_no_errors(crowd)
        assert up.said().count("The web processes are new.") == ROLLS
        assert "starting it again" not in up.said()
        assert "Traceback" not in up.said()


def check_no_errors(crowd: Crowd) -> None:
    """Nothing was refused that could have been done, and every way in ended as the protocol says."""
    passing = sum((each.outbox.passing for each in crowd.clients), Counter[str]())
    assert not passing, passing
    for each in crowd.clients:
        assert set(each.ends) <= ENDS, (each.name, each.ends)
        if each.name.startswith(("owner", "member")):
            assert set(each.outbox.refused) <= {"not_found"}, (each.name, each.outbox.refused)


async def test_sigterm(server: Serve) -> None:
    """1012 in waves, what was acknowledged is stored, gone within ten seconds: with idle sockets and such as talk."""
    served = server(workers=2, PARLEY_LIMITS="on")
    going = served.processes[0]
    tokens = [await built(bearer, await built(person, f"idle{n}")) for n in range(IDLE // 20)]
    async with trial(served, schedule.seed(), rate=40) as crowd:
        talkers = [Talker(served.socket_url, tokens[n % len(tokens)]) for n in range(IDLE)]
        seated: list[Talker] = []
        closed: list[tuple[float, int | None]] = []

        async def sit(talker: Talker) -> None:
            await talker.open()
            await talker.echo()  # the hub knows it from now on, and lets it go in its wave
            seated.append(talker)
            await talker.closed(120)
            closed.append((time.monotonic(), talker.close_code))

        sitting = [asyncio.create_task(sit(talker)) for talker in talkers]
        await eventually(lambda: len(seated) == IDLE, "all that sit idle", 60)
        began = time.monotonic()
        going.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_until, lambda: going.poll() is not None, "its end", GONE_S)
        took = time.monotonic() - began
        served.processes.remove(going)
        served.processes.append(served.spawn())
        ended = list(closed)
        print(f"{len(ended)} idle ones let go, all gone in {took:.1f} s", flush=True)
        assert len(ended) > IDLE // 4  # the kernel spreads them over both
        assert {code for _, code in ended} == {1012}
        first, last = min(at for at, _ in ended), max(at for at, _ in ended)
        assert last - first > SPREAD_S  # not in one go
        await eventually(lambda: all(each.live_since for each in crowd.clients), "everybody again", 60)
    check_no_errors(crowd)
    for task in sitting:
        task.cancel()
    await asyncio.gather(*sitting, return_exceptions=True)
    for talker in talkers:
        with contextlib.suppress(Exception):
            await talker.close()
    assert set(TRANSPORTS) == {each.name.split("/")[1] for each in crowd.clients}
