"""From the process that committed to all others: one message a batch, on one group of the channel layer.

Every hub hears everything and drops what nobody here follows, by a look-up a conversation: that is cheaper than a
subscription and a message a conversation until the whole workspace speaks faster than any of its processes could
(`docs/decisions/one-group.md` has the figures), and it leaves no moment in which a hub is not yet subscribed.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from messaging.entry import Entry
from messaging.protocol.events import Join

logger = logging.getLogger(__name__)

GROUP = "log"
#: The types of messages: a batch of the log; what is not in the log (`messaging.watching` sends and takes it); and one
#: by which a hub finds out whether it hears.
EVENTS, NEWS, PROBE = "log.events", "watch.news", "log.probe"

#: The hub of this process, where one runs: it is told first. Set by `Hub.start`.
_here: tuple[asyncio.AbstractEventLoop, Callable[[list[Entry]], None]] | None = None


def attach(loop: asyncio.AbstractEventLoop, committed: Callable[[list[Entry]], None]) -> None:
    """Make this process's hub the way out for what its other threads commit."""
    global _here  # noqa: PLW0603 - one hub a process
    _here = (loop, committed)


def detach() -> None:
    """Forget this process's hub."""
    global _here  # noqa: PLW0603 - one hub a process
    _here = None


def message(entries: Sequence[Entry], hub: str = "") -> dict[str, Any]:
    """Make the channel layer's message of a batch: who joined what stands beside, for hubs that follow it not yet.

    `hub` names the one that sends it, which has delivered it already.
    """
    return {
        "type": EVENTS,
        "hub": hub,
        "events": [[entry.conversation, entry.seq, entry.n, entry.json] for entry in entries],
        "joined": sorted({entry.event.member for entry in entries if isinstance(entry.event, Join)}),
    }


async def send(sent: dict[str, Any]) -> None:
    """Send a message to every process."""
    await get_channel_layer().group_send(GROUP, sent)


def tell(kind: str, news: Sequence[Any]) -> None:
    """Tell every process some news, from outside an event loop. What Redis loses is learned with the next welcome."""
    try:
        async_to_sync(send)({"type": NEWS, "hub": "", kind: list(news)})
    except Exception as error:
        logger.warning("told no news of %s: %s", kind, error)


def publish(entries: list[Entry]) -> None:
    """Hand on what a transaction outside the event loop has committed. What Redis loses, the hubs find."""
    if _here is not None and not _here[0].is_closed():
        _here[0].call_soon_threadsafe(_here[1], entries)
        return
    try:
        async_to_sync(send)(message(entries))
    except Exception as error:
        logger.warning("published nothing: %s", error)
