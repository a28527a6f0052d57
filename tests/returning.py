"""A client that follows the protocol: it comes back after a jittered pause, and sends again what was not answered."""

import asyncio
import contextlib
import math
import random
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
from websockets.exceptions import WebSocketException

from tests.beside import WAYS
from tests.talking import Frame, Talker

#: A command that is not answered by then is sent again, with its id (seconds).
ANSWER_S = 5.0
LONGEST_PAUSE_S = 0.5


class Returning:
    """Says one thing after the other in a conversation, by one way in, and keeps what it hears from a cursor on."""

    def __init__(self, way: str, url: str, token: str, conversation: int, cursor: int) -> None:
        self.way, self.url, self.token, self.conversation = way, url, token, conversation
        self.cursor = cursor
        self.seqs: list[int] = []
        self.acked: list[str] = []
        self.refused: list[Frame] = []
        self.connections = 0
        self._is_over = False
        self._hears_until: int | None = None
        self.running = asyncio.create_task(self._run())

    async def finish(self, head: int | None = None) -> None:
        """Say no more, hear everything up to a head, and hang up."""
        self._is_over, self._hears_until = True, head
        await asyncio.wait_for(self.running, 60)

    async def _run(self) -> None:
        id = str(uuid4())
        while not (self._is_over and (self._hears_until is None or self.cursor >= self._hears_until)):
            talker = WAYS[self.way](self.url, self.token)
            try:
                await talker.open()
                self.connections += 1
                async with self._following(talker):
                    await talker.hello({self.conversation: self.cursor})
                    while not self._is_over:
                        id = await self._say(talker, id)
                    if self._hears_until is not None:
                        await talker.reached(self.conversation, self._hears_until, 30)
            except (AssertionError, OSError, WebSocketException, httpx.HTTPError):
                await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_S))
            finally:
                self._keep(talker)
                if hasattr(talker, "client") or hasattr(talker, "socket"):
                    await talker.close()

    async def _say(self, talker: Talker, id: str) -> str:
        """Say something until it is answered, and give the id of the next."""
        known = len(self._answers(talker, id))
        await talker.say(self.conversation, f"by {self.way}", id=id)
        await talker.until(lambda: self._answers(talker, id)[known:], "an answer", ANSWER_S)
        answer = self._answers(talker, id)[-1]
        if answer["type"] == "ack":
            self.acked.append(id)
            return str(uuid4())
        if answer["code"] != "unavailable":
            self.refused.append(answer)
        await asyncio.sleep(0.1)
        return id

    @contextlib.asynccontextmanager
    async def _following(self, talker: Talker) -> AsyncIterator[None]:
        """Ask for the next page wherever a socket's was cut: nothing live comes before; the other ways go on alone."""
        task = asyncio.create_task(self._follow(talker)) if self.way == "socket" else None
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _follow(self, talker: Talker) -> None:
        followed = 0
        while True:
            await talker.until(lambda n=followed: len(self._cut(talker)) > n, "a cut page", math.inf)  # type: ignore[misc]
            followed = len(self._cut(talker))
            await talker.put("sync", cursors={str(self.conversation): max(talker.seqs(self.conversation))})

    def _cut(self, talker: Talker) -> list[Frame]:
        return [page for page in talker.all("events", conversation=self.conversation) if page.get("more")]

    @staticmethod
    def _answers(talker: Talker, id: str) -> list[Frame]:
        return [f for f in talker.frames if f.get("id") == id and f["type"] in ("ack", "error")]

    def _keep(self, talker: Talker) -> None:
        heard = talker.seqs(self.conversation)
        self.seqs += heard
        self.cursor = max([self.cursor, *heard])
