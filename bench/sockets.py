"""Many sockets at once, in picows: opened, greeted, and closed again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar, cast

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.pairs import Wrong

HELLO = b'{"type":"hello","cursors":{}}'
_OPENED_AT_ONCE = 50
_PATIENCE_S = 120.0


class Socket(WSListener):
    """One socket. `greeted` is set where the server has answered `greeting`, or needs none."""

    greeting: bytes | None = None
    transport: WSTransport

    def __init__(self) -> None:
        self.greeted = asyncio.Event()
        self.closed_by: str | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Greet."""
        self.transport = transport
        if self.greeting is None:
            self.greeted.set()
        else:
            self.send(self.greeting)

    def send(self, payload: bytes) -> None:
        """Send a text frame."""
        self.transport.send(WSMsgType.TEXT, payload)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Hand on what is text."""
        if frame.msg_type is WSMsgType.TEXT:
            self.take(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.CLOSE:
            code = frame.get_close_code()
            self.closed_by = f"{code.name if isinstance(code, WSCloseCode) else code} {frame.get_close_reason()}"
            transport.disconnect()

    def take(self, payload: bytes) -> None:
        """Take a message."""
        if payload.startswith(b'{"type":"welcome"'):
            self.greeted.set()
        elif payload.startswith(b'{"type":"error"'):
            raise Wrong(payload.decode())


AnySocket = TypeVar("AnySocket", bound=Socket)


def bearer(token: str) -> dict[str, str]:
    """Give the header that signs somebody in."""
    return {"Authorization": f"Bearer {token}"}


@contextlib.asynccontextmanager
async def opened(
    urls: str | Sequence[str], make: Callable[[], AnySocket], headers: Sequence[dict[str, str]]
) -> AsyncIterator[list[AnySocket]]:
    """Hold a socket open for each of the headers, all of them greeted. Raises Wrong where one is closed meanwhile.

    Of several addresses each gets every so manieth.
    """
    doors = [urls] if isinstance(urls, str) else urls
    sockets: list[AnySocket] = []
    try:
        async with asyncio.timeout(_PATIENCE_S):
            for start in range(0, len(headers), _OPENED_AT_ONCE):
                some = enumerate(headers[start : start + _OPENED_AT_ONCE], start)
                opening = (ws_connect(make, doors[nth % len(doors)], extra_headers=each) for nth, each in some)
                sockets += [cast("AnySocket", socket) for _transport, socket in await asyncio.gather(*opening)]
                await asyncio.gather(*(socket.greeted.wait() for socket in sockets[start:]))
        yield sockets
        closed = [socket.closed_by for socket in sockets if socket.closed_by]
        if closed:
            raise Wrong(f"{len(closed)} sockets were closed: {closed[0]}")
    finally:
        for socket in sockets:
            socket.transport.disconnect()
        await asyncio.gather(*(socket.transport.wait_disconnected() for socket in sockets))
