"""A large event is compressed once, the same for all who agreed to that, and nobody gets what was not agreed to."""

import asyncio
import zlib
from typing import NamedTuple
from uuid import uuid4

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from websockets.asyncio.client import connect

from accounts.models import User
from tests.serving import Server
from tests.worlds import bearer, built, channel

LONG = "What was said, and by whom. " * 100
OFFERS = {
    "any": "permessage-deflate",
    "browser": "permessage-deflate; client_max_window_bits",
    "small window": "permessage-deflate; server_max_window_bits=9",
    "none": None,
}


class Taken(NamedTuple):
    """An event as it came."""

    is_compressed: bool
    payload: bytes


class Raw(WSListener):
    """Keeps events as they come on the wire."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.moved = asyncio.Event()
        self.is_welcome = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Greet."""
        transport.send(WSMsgType.TEXT, b'{"type":"hello","cursors":{}}')

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame."""
        payload = frame.get_payload_as_bytes()
        if payload.startswith(b'{"type":"welcome"'):
            self.is_welcome.set()
        elif frame.rsv1 or payload.startswith(b'{"type":"event"'):
            self.taken.append(Taken(frame.rsv1, payload))
            self.moved.set()

    async def has(self, many: int) -> None:
        """Wait for so many events."""
        async with asyncio.timeout(30):
            while len(self.taken) < many:
                self.moved.clear()
                await self.moved.wait()


async def _hear(url: str, key: str, offer: str | None) -> tuple[WSTransport, Raw]:
    headers = {"Authorization": f"Bearer {key}"} | ({"Sec-WebSocket-Extensions": offer} if offer else {})
    transport, raw = await ws_connect(Raw, url, extra_headers=headers)
    assert isinstance(raw, Raw)
    async with asyncio.timeout(30):
        await raw.is_welcome.wait()
    return transport, raw


async def test_a_large_event_is_compressed_for_who_agreed(pair: Server, alice: User) -> None:
    conversation, key = await built(channel, alice), await built(bearer, alice)
    opened = {name: await _hear(pair.socket_url, key, offer) for name, offer in OFFERS.items()}
    speaker = opened["none"][0]
    for body in ("short", LONG):
        said = {"type": "send", "id": str(uuid4()), "conversation": conversation, "body": body}
        speaker.send(WSMsgType.TEXT, msgspec.json.encode(said))
        for _, raw in opened.values():
            await raw.has(1 if body == "short" else 2)
    came = {name: raw.taken for name, (_, raw) in opened.items()}
    for transport, _ in opened.values():
        transport.disconnect()
    plain = [each.payload for each in came["none"]]
    assert msgspec.json.decode(plain[1])["body"] == LONG
    assert {name: [each.is_compressed for each in taken] for name, taken in came.items()} == {
        "any": [False, True],
        "browser": [False, True],
        "small window": [False, False],
        "none": [False, False],
    }
    compressed = came["any"][1].payload
    assert compressed == came["browser"][1].payload
    assert len(compressed) < len(plain[1]) / 2
    assert zlib.decompressobj(wbits=-15).decompress(compressed + b"\x00\x00\xff\xff") == plain[1]
    assert [each.payload for each in came["small window"]] == plain


async def test_what_a_client_compresses_is_read_and_bounded(pair: Server, alice: User) -> None:
    conversation, key = await built(channel, alice), await built(bearer, alice)
    headers = {"Authorization": f"Bearer {key}"}
    async with connect(pair.socket_url, additional_headers=headers, compression="deflate", proxy=None) as client:
        agreed = client.response.headers["Sec-WebSocket-Extensions"] if client.response else ""
        assert "server_no_context_takeover" in agreed
        assert "client_no_context_takeover" in agreed  # nothing is held between messages
        for number in (1, 2):  # each by itself: nothing is carried over
            said = {"type": "send", "id": str(uuid4()), "conversation": conversation, "body": f"{LONG} {number}"}
            await client.send(msgspec.json.encode(said).decode())
            answer = msgspec.json.decode(await client.recv())
            assert answer["type"] == "ack", answer
        await client.send("x" * (1 << 24))  # some 16 kB on the way
        await client.wait_closed()
        assert client.close_code == 1009
