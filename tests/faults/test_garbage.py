"""Frames that are none, on a real socket: each is answered, or the socket closed with a code; no process minds.

`EXAMPLES=20000 make faults ARGS="-k garbage"` is the long run; Hypothesis prints what it found.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests import worlds
from tests.faults.closed import Closed
from tests.faults.transports import WebSocket
from tests.serving import Server

EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
#: By which codes a server may close on garbage: malformed (ours), and what RFC 6455 has for frames that are none.
CODES = {4400, 1002, 1003, 1007, 1009}
NESTED = 10_000

TYPES = st.sampled_from(
    ["hello", "sync", "send", "edit", "delete", "react", "read", "delivered", "typing", "watch", "ping"]
)
FIELDS = st.sampled_from(
    ["id", "conversation", "body", "seq", "cursors", "emoji", "on", "thread", "attachments", "said_at", "n", "users"]
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=40)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5)
)
#: Objects that are frames, but for what is in them.
NEARLY = st.builds(
    lambda kind, fields: {"type": kind} | fields, TYPES | VALUES, st.dictionaries(FIELDS, VALUES, max_size=6)
)
JSON_BYTES = NEARLY.map(lambda frame: json.dumps(frame).encode())
MSGPACK_BYTES = NEARLY.map(lambda frame: bytes(msgpack.packb(frame)))
DEEP = st.sampled_from([
    b"[" * NESTED, b'{"type":' * NESTED, b'{"type":"ping","n":' + b"[" * NESTED + b"]" * NESTED + b"}",
    b"\x91" * NESTED, b"\x81\xa4type" * NESTED, b"\xde\xff\xff" * 10, b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
])  # fmt: skip
CUT = st.builds(lambda data, at: data[: at % (len(data) + 1)], JSON_BYTES | MSGPACK_BYTES, st.integers(0, 2**16))
NOT_UTF8 = st.builds(lambda data, at, bad: data[:at] + bad + data[at:], JSON_BYTES, st.integers(0, 40), st.sampled_from(
    [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]
))  # fmt: skip
PAYLOADS = JSON_BYTES | MSGPACK_BYTES | DEEP | CUT | NOT_UTF8 | st.binary(max_size=500)


@pytest.fixture(scope="module")
def garbage_site(data_folder: Path) -> Iterator[Server]:
    """A process that gets nothing but garbage."""
    started = Server(data_folder / "log")
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture(scope="module")
def token(_database_open: None) -> str:
    """Somebody's token."""
    return worlds.bearer(worlds.person("mallory"))


class Thrower:
    """Throws payloads at a process, over a socket that it opens again where the process has closed it."""

    def __init__(self, server: Server, token: str, subprotocol: str) -> None:
        self.server = server
        self._make = lambda: WebSocket(f"{server.url.replace('http', 'ws', 1)}/ws/", token, subprotocol)
        self._way: WebSocket | None = None
        self.loop = asyncio.new_event_loop()
        self._count = 0

    def throw(self, opcode: Opcode, payload: bytes) -> None:
        """Throw one, and see that the process answers it or closes with a code."""
        self.loop.run_until_complete(asyncio.wait_for(self._throw(opcode, payload), 60))
        assert self.server.processes[0].poll() is None, "the process is gone"

    async def _throw(self, opcode: Opcode, payload: bytes) -> None:
        if self._way is None:
            self._way = self._make()
            await self._way.open()
        self._count += 1
        connection: Any = self._way._socket
        try:
            connection.transport.write(Frame(opcode, payload).serialize(mask=True))
            await self._way.send({"type": "ping", "n": self._count})
            while (frame := await self._way.receive()) != {"type": "pong", "n": self._count}:
                assert isinstance(frame["type"], str)
        except (Closed, ConnectionClosed):
            assert connection.close_code in CODES, (connection.close_code, payload)
            self._way = None


@pytest.mark.parametrize("subprotocol", ["parley.json", "parley.msgpack"])
def test_whatever_is_thrown(garbage_site: Server, token: str, subprotocol: str) -> None:
    thrower = Thrower(garbage_site, token, subprotocol)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
    @given(st.sampled_from([Opcode.TEXT, Opcode.BINARY]), PAYLOADS)
    def throws(opcode: Opcode, payload: bytes) -> None:
        thrower.throw(opcode, payload)

    throws()
    for size in (1 << 20, (1 << 20) + 1, 4 << 20):
        thrower.throw(Opcode.TEXT, b'"' + b"x" * (size - 2) + b'"')
    assert "Traceback" not in garbage_site.log.read_text(), garbage_site.log.read_text()[-3000:]


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(pieces=st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5))
def test_bytes_that_are_no_frames(garbage_site: Server, token: str, pieces: list[bytes]) -> None:
    """Whatever comes after the handshake: the next socket is served, and the log has nothing to say."""
    asyncio.run(asyncio.wait_for(_pour(garbage_site, token, pieces), 60))
    assert "Traceback" not in garbage_site.log.read_text(), garbage_site.log.read_text()[-3000:]


async def _pour(server: Server, token: str, pieces: list[bytes]) -> None:
    url = f"{server.url.replace('http', 'ws', 1)}/ws/"
    bad, good = WebSocket(url, token), WebSocket(url, token)
    await bad.open()
    for piece in pieces:
        bad._socket.transport.write(piece)
    await good.open()
    await good.send({"type": "ping", "n": 7})
    assert await good.receive() == {"type": "pong", "n": 7}
    bad._socket.transport.abort()
    await good.close()
