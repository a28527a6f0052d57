"""What a client says is the same however it is cut into frames, and however those come in."""

import asyncio
from typing import Any

import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from messaging.frames import EXTENSION, FrameProtocol

SIZES = st.sampled_from([0, 1, 125, 126, 127, 4_000, 65_535, 65_536])
PARTS = st.lists(st.tuples(st.sampled_from([Opcode.TEXT, Opcode.BINARY]), st.lists(SIZES, min_size=1, max_size=3)))


class Listener:
    """An application that keeps what is said to it."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.attached: asyncio.Future[FrameProtocol] = asyncio.get_running_loop().create_future()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one socket."""
        await receive()
        await send({"type": "websocket.accept", "subprotocol": None})
        protocol = scope["extensions"][EXTENSION]
        protocol.attach(self.said.append, lambda: None)
        self.attached.set_result(protocol)
        while (await receive())["type"] != "websocket.disconnect":
            pass


async def heard(chunks: list[bytes]) -> list[bytes]:
    """Give what is heard of bytes that come in such chunks, up to the close frame at their end."""
    listener = Listener()
    config = Config(listener, ws=FrameProtocol, ws_per_message_deflate=False)
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: FrameProtocol(config, ServerState(), {}), "127.0.0.1", 0
    )
    async with asyncio.timeout(30), connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", proxy=None) as one:
        protocol = await listener.attached
        for chunk in chunks:
            protocol.data_received(chunk)
        await one.wait_closed()
    assert one.close_code == 1000
    server.close()
    return listener.said


@settings(max_examples=60, deadline=None)
@given(PARTS, st.lists(st.integers(1, 9_000), max_size=12), st.data())
def test_a_message_is_the_same_in_whatever_frames_and_chunks(
    messages: list[tuple[Opcode, list[int]]], cuts: list[int], data: st.DataObject
) -> None:
    said, stream = [], b""
    for number, (opcode, sizes) in enumerate(messages):
        bodies = [bytes([65 + number % 26]) * size for size in sizes]
        for nth, body in enumerate(bodies):
            is_last = nth == len(bodies) - 1
            stream += Frame(opcode if nth == 0 else Opcode.CONT, body, is_last).serialize(mask=True)
            if data.draw(st.booleans()):
                stream += Frame(Opcode.PING, b"between").serialize(mask=True)
        said.append(b"".join(bodies))
    stream += Frame(Opcode.CLOSE, (1000).to_bytes(2, "big")).serialize(mask=True)
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(stream[at : at + cut])
        at += cut
    chunks.append(stream[at:])
    assert uvloop.run(heard([chunk for chunk in chunks if chunk])) == said
