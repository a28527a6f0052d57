"""Redis loses a third of what the processes tell one another: everybody has everything all the same, within 15 s."""

import asyncio

from tests.faults import schedule
from tests.faults.crowd import GAP_S
from tests.faults.trial import trial
from tests.serving import Serve


async def test_a_third_of_pub_sub_is_lost(server: Serve) -> None:
    served = server(workers=2, PARLEY_LIMITS="on", DJANGO_SETTINGS_MODULE="tests.faults.lossy")
    async with trial(served, schedule.seed(), rate=20) as crowd:
        await asyncio.sleep(2 * GAP_S)  # the length of the load, of which the watch judges the first half
        assert {each.ends.total() for each in crowd.clients} == {0}  # healed without a reconnect
