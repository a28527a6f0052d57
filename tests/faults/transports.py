"""Ways in, as a client sees them: each opens, takes frames and gives frames. Those by HTTP are in `by_http.py`.

A transport that sends commands by other means than it hears by puts their answers among what `receive` gives.
"""

import json
from collections.abc import Callable
from typing import Any, Protocol

import msgpack  # type: ignore[import-untyped]
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.typing import Subprotocol

from tests.faults.by_http import Poll, Stream
from tests.faults.closed import Closed

Frame = dict[str, Any]
#: A handshake, the look-up of who it is included, may take so long (seconds).
OPEN_S = 8.0


class Transport(Protocol):
    """One connection of one person. Every call may raise Closed."""

    async def open(self) -> None:
        """Connect."""

    async def send(self, frame: Frame, /) -> None:
        """Send a frame."""

    async def receive(self) -> Frame:
        """Wait for the next frame."""

    async def close(self) -> None:
        """Hang up. Raises nothing."""


class WebSocket:
    """The socket at `/ws/`, in JSON or in MessagePack."""

    def __init__(self, url: str, token: str, subprotocol: str = "parley.json") -> None:
        self._url = url
        self._token = token
        self._subprotocol = subprotocol
        self._socket: Any = None

    async def open(self) -> None:
        """Shake hands."""
        try:
            self._socket = await connect(
                self._url,
                subprotocols=[Subprotocol(self._subprotocol)],
                additional_headers={"Authorization": f"Bearer {self._token}"},
                compression=None,
                ping_interval=None,
                open_timeout=OPEN_S,
                close_timeout=1,
                max_size=None,
                max_queue=None,
                proxy=None,
            )
        except (OSError, TimeoutError, InvalidHandshake, InvalidMessage) as error:
            raise Closed(None) from error

    async def send(self, frame: Frame) -> None:
        """Send a frame in the form that was agreed."""
        data = bytes(msgpack.packb(frame)) if self._subprotocol == "parley.msgpack" else json.dumps(frame)
        try:
            await self._socket.send(data)
        except ConnectionClosed:
            raise Closed(self._socket.close_code) from None

    async def receive(self) -> Frame:
        """Wait for the next frame."""
        try:
            data = await self._socket.recv()
        except ConnectionClosed:
            raise Closed(self._socket.close_code) from None
        frame: Frame = msgpack.unpackb(data) if isinstance(data, bytes) else json.loads(data)
        return frame

    async def close(self) -> None:
        """Hang up; a server that doesn't answer is not waited for longer than a second."""
        if self._socket is not None:
            await self._socket.close()


#: By what name a transport is chosen, and how it is made of an origin (`http://127.0.0.1:8000`) and a token.
TRANSPORTS: dict[str, Callable[[str, str], Transport]] = {
    "json": lambda origin, token: WebSocket(f"{origin.replace('http', 'ws', 1)}/ws/", token),
    "msgpack": lambda origin, token: WebSocket(f"{origin.replace('http', 'ws', 1)}/ws/", token, "parley.msgpack"),
    "stream": Stream,
    "poll": Poll,
}
