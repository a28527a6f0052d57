"""A process that goes away lets its clients go in waves, so that the others are not run over by their return."""

import asyncio
import random
import time

from messaging import gauges
from messaging.hub import Hub
from messaging.peers import Peer

#: The last wave comes so long after the first, where there are many to let go; for few it is sooner.
LONGEST_S = 4.0
PEERS_PER_S = 500
WAVE_S = 0.05
#: How long a command that is with the log may hold up its client's wave.
IN_HAND_S = 1.0


class _Going:
    """Whether this process has begun to go away."""

    is_begun = False


def begin() -> None:
    """Note that this process goes away."""
    _Going.is_begun = True


def is_begun() -> bool:
    """Tell whether this process goes away."""
    return _Going.is_begun


async def drain(hub: Hub) -> None:
    """Close every client with 1012 at a random moment, each once its commands are answered."""
    began_at = time.monotonic()
    peers = [peer for person in hub.people.values() for peer in person.peers]
    within_s = min(LONGEST_S, len(peers) / PEERS_PER_S)
    due = sorted(((random.uniform(0, within_s), n, peer) for n, peer in enumerate(peers)), reverse=True)  # noqa: S311
    waiting: list[tuple[float, Peer]] = []
    while due or waiting:
        passed_s = time.monotonic() - began_at
        while due and due[-1][0] <= passed_s:
            at, _, peer = due.pop()
            waiting.append((at, peer))
        busy = []
        for at, peer in waiting:
            if peer.unanswered and passed_s < at + IN_HAND_S:
                busy.append((at, peer))
            else:
                _let_go(hub, peer)
        waiting = busy
        if due or waiting:
            await asyncio.sleep(WAVE_S)
    for person in list(hub.people.values()):  # who came in meanwhile, by a connection that was open
        for peer in list(person.peers):
            _let_go(hub, peer)
    gauges.show(hub)
    await hub.upkeep.receipts.flush()


def _let_go(hub: Hub, peer: Peer) -> None:
    hub.leave(peer)
    peer.wire.end(1012, "the server is going away")
