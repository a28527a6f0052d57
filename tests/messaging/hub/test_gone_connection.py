"""Between the end of a connection and the moment in which its consumer learns of it, a room may still write to it."""

import asyncio
from typing import Any

import uvloop
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.asyncio.client import connect

from messaging.frames import EXTENSION, FrameProtocol
from messaging.framing import frame


class Held:
    """An application that attaches, and learns nothing of the end until it is told to look."""

    def __init__(self, attaches_late: bool = False) -> None:
        self.attaches_late = attaches_late
        self.protocol: asyncio.Future[FrameProtocol] = asyncio.get_running_loop().create_future()
        self.may_look = asyncio.Event()
        self.saw: list[str] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one socket."""
        await receive()
        await send({"type": "websocket.accept", "subprotocol": None})
        protocol: FrameProtocol = scope["extensions"][EXTENSION]
        if not self.attaches_late:
            protocol.attach(lambda data: None, lambda: None)
        self.protocol.set_result(protocol)
        await self.may_look.wait()
        if self.attaches_late:
            protocol.attach(lambda data: None, lambda: None)
        self.saw.append((await receive())["type"])


async def _gone(application: Held) -> FrameProtocol:
    """Open a socket, cut it off, and give the server's end once that knows."""
    config = Config(application, ws=FrameProtocol, ws_per_message_deflate=False)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FrameProtocol(config, ServerState(), {}), "127.0.0.1", 0)
    async with connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws/", proxy=None) as client:
        protocol = await application.protocol
        client.transport.abort()
        async with asyncio.timeout(30):
            while not protocol.disconnected:  # noqa: ASYNC110 - the kernel's to tell
                await asyncio.sleep(0.01)
    server.close()
    return protocol


async def _write_to_one_that_is_gone() -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: faults.append(context))
    application = Held()
    protocol = await _gone(application)
    protocol.write(frame(0x81, b"{}"))  # an exception here would keep the event from the room's other sockets
    while protocol._unwritten:  # noqa: ASYNC110 - until what is left for the end of the step was tried
        await asyncio.sleep(0)
    protocol.end(1013)
    application.may_look.set()
    await asyncio.wait_for(_seen(application), 30)
    assert faults == []
    assert application.saw == ["websocket.disconnect"]


async def _attach_to_one_that_is_gone() -> None:
    application = Held(attaches_late=True)
    await _gone(application)
    application.may_look.set()
    await asyncio.wait_for(_seen(application), 30)
    assert application.saw == ["websocket.disconnect"]


async def _seen(application: Held) -> None:
    while not application.saw:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def test_writing_to_one_that_is_gone() -> None:
    """On uvloop, which raises where asyncio keeps silent."""
    uvloop.run(_write_to_one_that_is_gone())


def test_attaching_to_one_that_went_while_it_was_asked_who_it_is() -> None:
    """The consumer goes on to the disconnect that waits for it."""
    uvloop.run(_attach_to_one_that_is_gone())
