"""What a hub shows of itself for `/metrics` each second: who is connected, how old its rights are, what was written."""

import asyncio
import time
from collections import Counter as Counts
from typing import TYPE_CHECKING

from messaging import measures, peers

if TYPE_CHECKING:
    from messaging.hub import Hub

EVERY_S = 1.0


async def run(hub: "Hub") -> None:
    """Show until cancelled."""
    while True:
        show(hub)
        await asyncio.sleep(EVERY_S)


def show(hub: "Hub") -> None:
    """Bring this process's measures up to date."""
    measures.CONFIRMED.labels("rights").set(time.time() - hub.upkeep.confirmed_s_ago())
    measures.LOG_AWAY.set(hub.log.writers_away())
    measures.COMMANDS_WAITING.set(hub.log.waiting())
    connected = Counts(peer.outlet for person in hub.people.values() for peer in person.peers)
    totals = Counts[tuple[str, str]]()
    for outlet in peers.all_outlets():
        totals[outlet.labels] += connected[outlet]
        if outlet.frames:
            events, outlet.events = outlet.events, 0
            frames, outlet.frames = outlet.frames, 0
            measures.EVENTS.labels(*outlet.labels).inc(events)
            measures.FRAMES.labels(*outlet.labels).inc(frames)
    for labels, count in totals.items():
        measures.CLIENTS.labels(*labels).set(count)
