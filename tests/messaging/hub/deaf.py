"""A client that shakes hands, says hello, and then reads nothing."""

import asyncio
import socket
from typing import Self

from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from tests.serving import Server


class Deaf:
    """One socket of somebody who does not read. It takes as little as the kernel lets it."""

    def __init__(self, server: Server, token: str) -> None:
        self._server = server
        self._protocol = ClientProtocol(parse_uri(server.socket_url), subprotocols=[Subprotocol("parley.json")])
        self._token = token
        self._events: list[Frame] = []

    async def open(self) -> Self:
        """Shake hands and say hello, and read until the welcome has come."""
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._server.port))
        request = self._protocol.connect()
        request.headers["Authorization"] = f"Bearer {self._token}"
        self._protocol.send_request(request)
        await self._write()
        while not any(isinstance(event, Response) for event in await self._read()):
            pass
        self._protocol.send_text(b'{"type":"hello"}')
        await self._write()
        while not any(b'"welcome"' in frame.data for frame in await self._read() if isinstance(frame, Frame)):
            pass
        return self

    async def _write(self) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, b"".join(self._protocol.data_to_send()))

    async def _read(self) -> list[object]:
        data = await asyncio.get_running_loop().sock_recv(self._socket, 1 << 16)
        if not data:
            raise ConnectionResetError("cut without a close frame")
        self._protocol.receive_data(data)
        return list(self._protocol.events_received())

    async def pour(self, data: bytes) -> None:
        """Write bytes, to the last. Raises ConnectionError where the other end takes no more."""
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def listen(self) -> int | None:
        """Read from now on to the end; gives the close code, None where the connection was cut without one."""
        try:
            async with asyncio.timeout(30):
                while True:
                    await self._read()
                    if self._protocol.close_rcvd is not None:
                        return int(self._protocol.close_rcvd.code)
        except ConnectionError:
            return None

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()
