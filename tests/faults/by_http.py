"""The ways in where no WebSocket gets through: server-sent events and long polling, with commands by POST."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import httpx

from tests.faults.closed import Closed

Frame = dict[str, Any]
#: A stream says something each 15 s, a poll answers after its wait, a command within 15 s (seconds).
PATIENCE_S = 20.0
POLL_S = 5
MOST = 100
#: How a refusal by HTTP would close a socket.
CODES = {401: 4401, 429: 1013, 503: 1013}


class ByHttp:
    """What both have: frames that wait to be received, commands that are posted one request after the other."""

    def __init__(self, origin: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.api = httpx.AsyncClient(base_url=f"{origin}/api/v1/events", headers=headers, timeout=PATIENCE_S)
        self._frames: asyncio.Queue[Frame | Closed] = asyncio.Queue()
        self._to_post: asyncio.Queue[Frame] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Begin to post; the way itself opens with the `hello`."""
        self._begin(self._post())

    async def send(self, frame: Frame) -> None:
        """Open the way for a `hello`; hand on a command. Both ways sync by themselves, and ping by what they are."""
        if frame["type"] == "hello":
            cursors = ",".join(f"{conversation}:{seq}" for conversation, seq in frame["cursors"].items())
            self._begin(self.listen(cursors))
        elif frame["type"] == "ping":
            self.give({"type": "pong", "n": frame["n"]})
        elif frame["type"] != "sync":
            self._to_post.put_nowait(frame)

    async def receive(self) -> Frame:
        """Give the next frame."""
        found = await self._frames.get()
        if isinstance(found, Closed):
            raise found
        return found

    async def close(self) -> None:
        """Let go of everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.api.aclose()

    def give(self, frame: Frame) -> None:
        """Put a frame among those that are received."""
        self._frames.put_nowait(frame)

    async def listen(self, cursors: str) -> None:
        """Give what comes after the cursors, until it ends. Raises Closed."""
        raise NotImplementedError

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(self._until_closed(work)))

    async def _until_closed(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Closed as closed:
            self._frames.put_nowait(closed)
        except (httpx.HTTPError, ValueError):
            self._frames.put_nowait(Closed(None))

    async def _post(self) -> None:
        while True:
            frames = [await self._to_post.get()]
            while len(frames) < MOST and not self._to_post.empty():
                frames.append(self._to_post.get_nowait())
            answer = checked(await self.api.post("/commands", json={"frames": frames}))
            for frame in answer.json()["frames"]:
                self.give(frame)


class Stream(ByHttp):
    """Server-sent events."""

    async def listen(self, cursors: str) -> None:
        """Give what the stream says."""
        async with self.api.stream("GET", "/stream", params={"cursors": cursors}) as answer:
            checked(answer)
            kind = ""
            async for line in answer.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    kind = value
                elif field == "data" and kind == "close":
                    raise Closed(json.loads(value)["code"])
                elif field == "data":
                    self.give(json.loads(value))
        raise Closed(None)


class Poll(ByHttp):
    """Long polling."""

    async def listen(self, cursors: str) -> None:
        """Ask again and again, from where the last answer ended."""
        more = {"welcome": "1"}
        while True:
            params = {"cursors": cursors, "wait": str(POLL_S), **more}
            answer = checked(await self.api.get("/poll", params=params)).json()
            for frame in answer["frames"]:
                self.give(frame)
            cursors, more = answer["cursors"], {}


def checked(answer: httpx.Response) -> httpx.Response:
    """Give an answer that is one. Raises Closed."""
    if answer.status_code != 200:
        raise Closed(CODES.get(answer.status_code))
    return answer
