"""A client of the WebSocket that knows `protocol.md` and nothing of the server: it keeps every frame it was sent."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import msgpack  # type: ignore[import-untyped]
import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.serving import Server

Frame = dict[str, Any]
JSON, MSGPACK = "parley.json", "parley.msgpack"
#: How long anything may take on a machine that runs other tests as well (seconds).
PATIENCE_S = 30.0


def events_of(frames: Sequence[Frame], conversation: int) -> list[Frame]:
    """Give a conversation's events in the order in which frames brought them, live or by `events`."""
    came: list[Frame] = []
    for frame in frames:
        if frame["type"] == "event" and frame["conversation"] == conversation:
            came.append({name: value for name, value in frame.items() if name != "type"})
        elif frame["type"] == "events" and frame["conversation"] == conversation:
            came.extend(frame["events"])
    return came


class Talker:
    """One socket of one person."""

    def __init__(
        self,
        url: str,
        token: str | None,
        subprotocol: str | None = JSON,
        *,
        headers: Mapping[str, str] | None = None,
        origin: str | None = None,
    ) -> None:
        self.url = url
        self.subprotocol = subprotocol
        self.headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        self.origin = origin
        self.frames: list[Frame] = []
        self.close_code: int | None = None
        self._moved = asyncio.Event()

    async def open(self) -> Self:
        """Shake hands, and keep what comes from now on."""
        self.socket: ClientConnection = await connect(
            self.url,
            subprotocols=[Subprotocol(self.subprotocol)] if self.subprotocol else None,
            additional_headers=self.headers,
            origin=Origin(self.origin) if self.origin else None,
            compression=None,
            ping_interval=None,
            close_timeout=1,
            open_timeout=PATIENCE_S,
            max_size=None,
            max_queue=None,
            proxy=None,
        )
        self._listening = asyncio.create_task(self._listen())
        return self

    async def close(self) -> None:
        """Hang up."""
        await self.socket.close()
        await self._listening

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = self.decode(await self.socket.recv())
                self.frames.append(frame)
                self._moved.set()
        self.close_code = self.socket.close_code
        self._moved.set()

    def decode(self, data: str | bytes) -> Frame:
        """Read a frame in the form that was agreed: text for JSON, binary for MessagePack."""
        assert isinstance(data, bytes) == (self.subprotocol == MSGPACK)
        frame: Frame = msgpack.unpackb(data) if isinstance(data, bytes) else json.loads(data)
        return frame

    def encode(self, frame: Frame) -> str | bytes:
        """Write a frame in the form that was agreed."""
        if self.subprotocol == MSGPACK:
            return bytes(msgpack.packb(frame))
        return json.dumps(frame)

    # Sending

    async def put(self, type: str, **fields: Any) -> None:
        """Send a frame."""
        await self.socket.send(self.encode({"type": type, **fields}))

    async def say(self, conversation: int, body: str, **fields: Any) -> str:
        """Send a message without awaiting its answer; gives its id."""
        id = fields.pop("id", None) or str(uuid4())
        await self.put("send", id=id, conversation=conversation, body=body, **fields)
        return str(id)

    async def said(self, conversation: int, body: str, **fields: Any) -> Frame:
        """Send a message and give its `ack`."""
        return await self.answer(await self.say(conversation, body, **fields), "ack")

    async def hello(self, cursors: Mapping[int, int] | None = None) -> Frame:
        """Say hello and give the welcome."""
        known = len(self.all("welcome"))
        await self.put("hello", cursors={str(c): seq for c, seq in (cursors or {}).items()})
        await self.until(lambda: len(self.all("welcome")) > known, "a welcome")
        return self.all("welcome")[-1]

    async def sync(self, cursors: Mapping[int, int]) -> list[Frame]:
        """Ask for what came after some cursors and give the answers, one a cursor."""
        known = len(self.frames)
        await self.put("sync", cursors={str(c): seq for c, seq in cursors.items()})
        await self.echo()
        answers = lambda: [f for f in self.frames[known:] if f["type"] in ("events", "error")]  # noqa: E731
        await self.until(lambda: len(answers()) >= len(cursors), "the answers to a sync")
        return answers()

    async def error(self, type: str, **fields: Any) -> Frame:
        """Send a frame that is refused and give the error."""
        known = len(self.all("error"))
        await self.put(type, **fields)
        await self.until(lambda: len(self.all("error")) > known, "an error")
        return self.all("error")[-1]

    async def echo(self) -> None:
        """Send a ping and wait for its pong: what was written to this socket before has arrived."""
        known = len(self.all("pong"))
        await self.put("ping", n=known)
        await self.until(lambda: len(self.all("pong")) > known, "a pong")

    # What came

    async def until(self, condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
        """Wait for something to be true of what came; fails with what came instead."""
        try:
            async with asyncio.timeout(within_s):
                while not condition():
                    if self.close_code is not None:
                        raise AssertionError(f"closed with {self.close_code} instead of {what}: {self.frames[-3:]}")
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError(
                f"{what} did not come in {within_s:.0f} s; the last frames: {self.frames[-5:]}"
            ) from None

    async def closed(self, within_s: float = PATIENCE_S) -> int:
        """Wait until the server closes, and give the code."""
        async with asyncio.timeout(within_s):
            while self.close_code is None:
                self._moved.clear()
                await self._moved.wait()
        return self.close_code

    async def answer(self, id: str, type: str | None = None) -> Frame:
        """Wait for the answer to a command and give it; fails where it is of another type."""

        def answers() -> list[Frame]:
            return [f for f in self.frames if f["type"] in ("ack", "error") and f.get("id") == id]

        await self.until(answers, f"an answer to {id}")
        (found,) = answers()
        assert type is None or found["type"] == type, found
        return found

    async def first(self, type: str, **fields: Any) -> Frame:
        """Wait for the first frame of a type with these fields."""
        await self.until(lambda: self.all(type, **fields), f"{type} {fields}")
        return self.all(type, **fields)[0]

    def all(self, type: str, **fields: Any) -> list[Frame]:
        """Give the frames of a type, with these fields, that came so far."""
        return [f for f in self.frames if f["type"] == type and all(f.get(k) == v for k, v in fields.items())]

    def events(self, conversation: int) -> list[Frame]:
        """Give a conversation's events in the order in which they came, live or by `events`."""
        return events_of(self.frames, conversation)

    def seqs(self, conversation: int) -> list[int]:
        """Give the seqs of a conversation's events in the order in which they came."""
        return [event["seq"] for event in self.events(conversation)]

    async def reached(self, conversation: int, seq: int, within_s: float = PATIENCE_S) -> None:
        """Wait until an event, or one after it, came."""
        await self.until(lambda: any(s >= seq for s in self.seqs(conversation)), f"{conversation}/{seq}", within_s)

    def server_pid(self, server: Server) -> int:
        """Tell which of a server's processes has the other end of this socket."""
        own = self.socket.local_address[1]
        for process in server.processes:
            for connection in psutil.Process(process.pid).net_connections("tcp"):
                if connection.raddr and connection.raddr.port == own:
                    return process.pid
        raise AssertionError("no process of the server has this socket")


@contextlib.asynccontextmanager
async def spread(
    server: Server, token: str, count: int = 1, subprotocol: str = JSON
) -> AsyncIterator[list[list[Talker]]]:
    """Open so many sockets on each process of a server: the kernel chooses, so more are opened and hung up again."""
    parts: dict[int, list[Talker]] = {process.pid: [] for process in server.processes}
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(200):
            if all(len(part) == count for part in parts.values()):
                break
            talker = await Talker(server.socket_url, token, subprotocol).open()
            await talker.echo()
            part = parts[talker.server_pid(server)]
            if len(part) < count:
                part.append(await stack.enter_async_context(_closing(talker)))
            else:
                await talker.close()
        else:
            raise AssertionError(f"the kernel gave the processes {[len(p) for p in parts.values()]} of {count} sockets")
        yield list(parts.values())


@contextlib.asynccontextmanager
async def _closing(talker: Talker) -> AsyncIterator[Talker]:
    try:
        yield talker
    finally:
        await talker.close()
