"""A hub's line to the other processes: what it commits goes out a batch at a time, what they commit comes in."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from channels.layers import get_channel_layer

from messaging import publishing
from messaging.entry import Entry

logger = logging.getLogger(__name__)

PUBLISH_EVENTS = 500
PUBLISH_TIMEOUT_S = 5.0
#: More than so many that Redis does not take are left to the comparison of heads.
OUTGOING = 10_000
PROBE_S = 1.0
LISTEN_AGAIN_S = 1.0


class Exchange:
    """Publishes under a hub's name, and hands it what is heard."""

    def __init__(self, hub: str, heard: Callable[[dict[str, Any]], None]) -> None:
        self._hub = hub
        self._heard = heard
        self._outgoing: list[Entry] = []
        self._has_outgoing = asyncio.Event()
        self._hears_itself = asyncio.Event()

    def tell(self, entries: Sequence[Entry]) -> None:
        """Have the other processes told, soon."""
        self._outgoing.extend(entries[: OUTGOING - len(self._outgoing)])
        self._has_outgoing.set()

    async def publish(self) -> None:
        """Send what is to be told, until cancelled; what Redis does not take the others find themselves."""
        while True:
            await self._has_outgoing.wait()
            self._has_outgoing.clear()
            while self._outgoing:
                entries, self._outgoing = self._outgoing[:PUBLISH_EVENTS], self._outgoing[PUBLISH_EVENTS:]
                try:
                    async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                        await publishing.send(publishing.message(entries, self._hub))
                except Exception as error:
                    logger.warning("could not publish %d events: %s", len(entries), error)

    async def listen(self) -> None:
        """Hand on what the others send, until cancelled."""
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(publishing.GROUP, channel)
                while True:  # one receive at a time, never cancelled: a cancelled one drops the subscription
                    self._take(await layer.receive(channel))
            except Exception as error:
                logger.warning("could not listen to the other processes: %s", error)
            await asyncio.sleep(LISTEN_AGAIN_S)

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("hub") == self._hub:
            self._hears_itself.set()
            return
        try:
            self._heard(message)
        except Exception:
            logger.exception("a message of another process could not be read")

    async def hears(self) -> bool:
        """Tell whether what is sent to all processes is heard here."""
        self._hears_itself.clear()
        await self.probe()
        return self._hears_itself.is_set()

    async def probe(self) -> None:
        """Send a message to oneself until it is heard: only then does the subscription deliver. Gives up soon."""
        deadline = asyncio.get_running_loop().time() + PROBE_S
        while not self._hears_itself.is_set() and asyncio.get_running_loop().time() < deadline:
            try:
                async with asyncio.timeout(PROBE_S):
                    await publishing.send({"type": publishing.PROBE, "hub": self._hub})
                    async with asyncio.timeout(0.05):
                        await self._hears_itself.wait()
            except Exception as error:
                logger.debug("probe: %s", error)
                await asyncio.sleep(0.02)
