"""Something that is done soon after it is wanted, and at most once in a while: how news is gathered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import psycopg

logger = logging.getLogger(__name__)


class Pulse:
    """Calls `beat` when it is wanted: at once after a rest, else `every_s` after the last time.

    What it raises is logged, and it is tried again. With `rest_s` it is called after so long in any case.
    """

    def __init__(self, beat: Callable[[], Awaitable[None]], every_s: float = 1.0, rest_s: float | None = None) -> None:
        self._beat = beat
        self._every_s = every_s
        self._rest_s = rest_s
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Ask for a beat. Costs next to nothing where one is due anyhow."""
        self._wanted.set()

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            try:
                async with asyncio.timeout(self._rest_s):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            try:
                await self._beat()
            except (psycopg.Error, TimeoutError, OSError) as error:
                logger.warning("%s: %s", self._beat.__qualname__, str(error).strip() or type(error).__name__)
                self._wanted.set()
            except Exception:
                logger.exception("%s failed by a fault of ours", self._beat.__qualname__)
            await asyncio.sleep(self._every_s)
