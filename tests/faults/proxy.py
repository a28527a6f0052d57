"""The network between clients and Parley, that can be cut, left half open, and made slow."""

import asyncio
import contextlib
from typing import Self


class Network:
    """A TCP proxy on a port of its own."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._connections: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        #: Bytes a second and direction; None: as fast as it goes.
        self.bytes_per_s: int | None = None

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = int(self._listener.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def origin(self) -> str:
        """Where clients go, as an address begins."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Cut every connection, by a reset; new ones may come."""
        for writer in self._connections:
            writer.transport.abort()

    def half_open(self) -> None:
        """Swallow nothing and pass nothing on, in neither direction: both ends believe that all is well."""
        self._passes.clear()

    def restore(self) -> None:
        """Let everything pass again, and what was held back first."""
        self.bytes_per_s = None
        self._passes.set()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        ends = {to_client, to_server}
        self._connections |= ends
        try:
            ways = [asyncio.create_task(self._pass(*way)) for way in ((client, to_server), (server, to_client))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._connections -= ends
            for writer in ends:
                writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16 if self.bytes_per_s is None else max(1, self.bytes_per_s // 10)):
                await self._passes.wait()
                if self.bytes_per_s is not None:
                    await asyncio.sleep(len(data) / self.bytes_per_s)
                writer.write(data)
                await writer.drain()
