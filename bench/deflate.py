"""permessage-deflate: what it saves on the way, and what it costs the server."""

import asyncio
import contextlib
import itertools
import os
import time
import zlib
from collections.abc import Iterator
from uuid import uuid4

import msgspec
import psutil
import uvloop
from picows import WSFrame, WSMsgType, WSTransport

from bench.cost import cpu_s
from bench.pairs import Figure, Side, Sides, Wrong
from bench.parley import Parley, sockets_at, web
from bench.people import channel, people
from bench.sockets import HELLO, Socket, bearer, opened
from chatproject.places import ROOT

SOCKETS, PEOPLE, RATE = 500, 20, 20
#: A long message, as people paste them: prose with names and code.
BODY_CHARACTERS = 2_000
_OFFER = {"Sec-WebSocket-Extensions": "permessage-deflate"}
_TAIL = b"\x00\x00\xff\xff"
_PATIENCE_S = 30.0


def _bodies() -> Iterator[str]:
    text = (ROOT / "docs" / "architecture.md").read_text()
    return itertools.cycle(text[at : at + BODY_CHARACTERS] for at in range(0, len(text) - BODY_CHARACTERS, 977))


class _Reader(Socket):
    """Counts bytes and events; what is compressed it reads as any client does, each message by itself."""

    greeting = HELLO

    def __init__(self) -> None:
        super().__init__()
        self.events = self.bytes = 0

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame, compressed or not."""
        if frame.msg_type is not WSMsgType.TEXT:
            super().on_ws_frame(transport, frame)
            return
        payload = frame.get_payload_as_bytes()
        size_bytes = len(payload)
        if frame.rsv1:
            payload = zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(payload + _TAIL)
        if payload.startswith(b'{"type":"event"'):
            self.events += 1
            self.bytes += size_bytes
        else:
            self.take(payload)


async def _listen(url: str, headers: list[dict[str, str]], to: int, process: psutil.Process, seconds: float) -> Figure:
    bodies = _bodies()
    async with opened(url, _Reader, headers) as readers:
        used, began, said = cpu_s([process]), time.perf_counter(), int(RATE * seconds)
        for number in range(said):
            await asyncio.sleep(began + number / RATE - time.perf_counter())
            message = {"type": "send", "id": uuid4(), "conversation": to, "body": next(bodies)}
            readers[0].send(msgspec.json.encode(message))
        async with asyncio.timeout(_PATIENCE_S):
            while any(reader.events < said for reader in readers):  # noqa: ASYNC110 - counted without a wake-up each
                await asyncio.sleep(0.01)
        used = cpu_s([process]) - used
    deliveries = sum(reader.events for reader in readers)
    if deliveries != said * SOCKETS:
        raise Wrong(f"{deliveries} of {said * SOCKETS} deliveries came")
    return Figure(used / deliveries * 1e6, {"size_bytes": sum(reader.bytes for reader in readers) / deliveries})


@contextlib.contextmanager
def on_beside_off(parley: Parley) -> Iterator[Sides]:
    """Measure the CPU of a web process a delivery, and a delivery's bytes, with the extension and without."""
    members = people(PEOPLE)
    to = channel("long messages", [person.id for person in members])
    headers = [bearer(members[number % PEOPLE].token) | _OFFER for number in range(SOCKETS)]

    def side(value: str) -> Side:
        def measure(seconds: float) -> Figure:
            os.environ["PARLEY_DEFLATE"] = value
            with web(parley) as (port, process):
                return uvloop.run(_listen(sockets_at(port), headers, to, process, seconds))

        return measure

    yield Sides(side("off"), side("on"))
