"""Clients for where no WebSocket gets through: server-sent events and long polls, with commands by POST.

They do what `Talker` does, so that a test speaks by either.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self
from uuid import uuid4

import httpx
import psutil

from accounts.models import User
from messaging.ways import routes
from tests import worlds
from tests.serving import Server
from tests.talking import PATIENCE_S, Frame, Talker
from tests.worlds import built

#: By HTTP, what a close code says.
CODES = {400: 4400, 401: 4401, 429: 1013, 503: 1012}


class Here:
    """The test's own process, where a hub runs: of all ways it offers polls and commands alone."""

    url, socket_url = "http://here", "ws://here/ws/"


async def _nothing_else(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError("this process answers nothing else")


class ByHttp(Talker):
    """What a stream and a poll have in common: commands go by POST, and their answers come back with it."""

    def __init__(self, url: str, token: str | None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(url, token, headers=headers)
        self.base = url.replace("ws://", "http://").removesuffix("/ws/")
        self.device = str(uuid4())
        #: Where commands go: to the same server, or to another process of the same workspace.
        self.commands = f"{self.base}/api/v1/events/commands"
        self.calls: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    async def open(self) -> Self:
        """Make the connections' pool; nothing is asked yet."""
        mounts = {Here.url: httpx.ASGITransport(routes.beside(_nothing_else))}
        self.client = httpx.AsyncClient(base_url=self.base, headers=self.headers, timeout=PATIENCE_S, mounts=mounts)
        self.listening: asyncio.Task[None] | None = None
        return self

    async def close(self) -> None:
        """Hang up."""
        for task in (self.listening, *self.calls):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self.client.aclose()

    async def put(self, type: str, **fields: Any) -> None:
        """Send a frame: one request after the other, so that they keep their order."""
        if type == "hello":
            self.listening = asyncio.create_task(self._listen_from(fields["cursors"]))
            return
        call = asyncio.create_task(self._post({"type": type, **fields}))
        self.calls.add(call)
        call.add_done_callback(self.calls.discard)

    async def _post(self, *frames: Frame) -> None:
        try:
            async with self._turn:
                answer = await self.client.post(self.commands, json={"frames": list(frames), "device": self.device})
        except httpx.HTTPError:
            return  # not answered: whoever wants it done sends it again
        if answer.status_code == 200:
            self._keep(answer.json()["frames"])
        else:
            self._closed(CODES[answer.status_code])

    def _keep(self, frames: list[Frame]) -> None:
        self.frames.extend(frames)
        self._moved.set()

    def _closed(self, code: int) -> None:
        self.close_code = code
        self._moved.set()

    async def _listen_from(self, cursors: Mapping[str, int]) -> None:
        raise NotImplementedError

    def server_pid(self, server: Server) -> int:
        """Tell which of a server's processes has the other end."""
        raise NotImplementedError


def named(cursors: Mapping[str, int]) -> str:
    """Write cursors as the address has them."""
    return ",".join(f"{conversation}:{seq}" for conversation, seq in cursors.items())


class Streamer(ByHttp):
    """Listens by server-sent events."""

    last_id = ""

    async def _listen_from(self, cursors: Mapping[str, int]) -> None:
        given = {"Last-Event-ID": self.last_id} if self.last_id else {}
        params = {"device": self.device, **({"cursors": named(cursors)} if cursors else {})}
        async with self.client.stream("GET", "/api/v1/events/stream", params=params, headers=given) as answer:
            if answer.status_code != 200:
                self._closed(CODES[answer.status_code])
                return
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            self.port = answer.extensions["network_stream"].get_extra_info("client_addr")[1]
            with contextlib.suppress(httpx.HTTPError):
                async for name, data in self._events(answer):
                    if name == "close":
                        self._closed(json.loads(data)["code"])
                        return
                    self._keep([json.loads(data)])
        self._closed(1006)

    async def _events(self, answer: httpx.Response) -> AsyncIterator[tuple[str, str]]:
        """Read events as a browser does: an empty line sends one off, and only then does its id count."""
        name, data, id = "message", "", self.last_id
        async for line in answer.aiter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data += value
            elif field == "id":
                id = value
            elif not line:
                self.last_id = id
                if data:
                    yield name, data
                name, data = "message", ""

    def server_pid(self, server: Server) -> int:
        for process in server.processes:
            for connection in psutil.Process(process.pid).net_connections("tcp"):
                if connection.raddr and connection.raddr.port == self.port:
                    return process.pid
        raise AssertionError("no process of the server has this stream")


class Poller(ByHttp):
    """Listens by long polls."""

    async def _listen_from(self, cursors: Mapping[str, int]) -> None:
        """Begin with a welcome and what came since the cursors, then go on from those that each poll gives."""
        params = {"cursors": named(cursors), "welcome": "1", "device": self.device}
        while True:
            try:
                answer = await self.client.get("/api/v1/events/poll", params=params, timeout=60)
            except httpx.HTTPError:
                self._closed(1006)
                return
            if answer.status_code != 200:
                self._closed(CODES[answer.status_code])
                return
            params = {"cursors": answer.json()["cursors"], "device": self.device}
            self._keep(answer.json()["frames"])


#: The ways in, by name.
WAYS: dict[str, type[Talker]] = {"socket": Talker, "stream": Streamer, "poll": Poller}


async def arrive(way: str, served: Server | type[Here], user: User, cursors: dict[int, int] | None = None) -> Talker:
    """Open a client of somebody, by a token of its own, and say hello."""
    talker = await WAYS[way](served.socket_url, await built(worlds.bearer, user)).open()
    await talker.hello(cursors)
    return talker
