"""How much of one client is read at once, and of one that was refused: others, and the log, have their turn."""

import asyncio
from collections import Counter
from typing import Any

import uvloop
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from messaging import frames
from messaging.frames import EXTENSION, FrameProtocol

MESSAGES = 5_000


class Reader:
    """An application that notes in which step of the loop each message came; it lets the client rest at some."""

    def __init__(self, rests_at: int = -1) -> None:
        self.rests_at = rests_at
        self.step = 0
        self.came: list[tuple[int, float]] = []
        self.said: list[bytes] = []
        self.protocol: FrameProtocol | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one socket."""
        await receive()
        await send({"type": "websocket.accept", "subprotocol": None})
        self.protocol = scope["extensions"][EXTENSION]
        self.protocol.attach(self._received, lambda: None)
        self._count()
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def _count(self) -> None:
        self.step += 1
        asyncio.get_running_loop().call_soon(self._count)

    def _received(self, data: bytes) -> None:
        assert self.protocol is not None
        if len(self.came) == self.rests_at:
            self.protocol.rest()
        self.came.append((self.step, asyncio.get_running_loop().time()))
        self.said.append(data)


async def _poured(reader: Reader) -> None:
    """Send all messages in one go, and wait until they have come, the end as well."""
    config = Config(reader, ws=FrameProtocol, ws_per_message_deflate=False)
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: FrameProtocol(config, ServerState(), {}), "127.0.0.1", 0
    )
    async with connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws/", proxy=None) as client:
        said = [Frame(Opcode.TEXT, b"%d" % n).serialize(mask=True) for n in range(MESSAGES)]
        client.transport.write(b"".join(said))
        await client.close()
    async with asyncio.timeout(30):
        while reader.protocol is None or not reader.protocol.disconnected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    server.close()
    assert reader.said == [b"%d" % n for n in range(MESSAGES)]


def test_much_at_once_is_taken_in_slices() -> None:
    reader = Reader()
    uvloop.run(_poured(reader))
    smallest = 7  # a masked frame of one byte
    assert max(Counter(step for step, _ in reader.came).values()) <= frames.SLICE_BYTES // smallest


def test_who_was_refused_is_not_read_for_a_moment() -> None:
    """What is in the slice already is taken; then there is a pause, and everything comes."""
    reader = Reader(rests_at=MESSAGES // 2)
    uvloop.run(_poured(reader))
    times = [at for _, at in reader.came]
    rested = [n for n in range(1, MESSAGES) if times[n] - times[n - 1] >= frames.REST_S]
    assert len(rested) == 1
    assert 0 <= rested[0] - MESSAGES // 2 <= frames.SLICE_BYTES // 7
