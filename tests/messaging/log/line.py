"""A line to PostgreSQL that can be held and cut: a Unix socket that passes on what is said, as long as it is let."""

import asyncio
import contextlib
from pathlib import Path
from typing import Self

#: A message of PostgreSQL's protocol that carries a statement: type, length, an empty name, the statement.
_PARSE_HEADER = 6


class Line:
    """Stands between this process's log and its server, in a folder that takes the place of the server's sockets."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self._server = server
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._last: bytes | None = None
        self.is_cut = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_unix_server(self._connected, self.folder / self._server.name)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold(self) -> None:
        """Keep the server's answers back; what is said to it still arrives."""
        self._is_open.clear()

    def release(self) -> None:
        """Let the answers pass."""
        self._is_open.set()

    def cut(self) -> None:
        """Cut every connection; new ones may come."""
        for writer in self._writers:
            writer.transport.abort()
        self._is_open.set()
        self.is_cut.set()

    def cut_before(self, statement: bytes) -> None:
        """Cut when this statement is said, before it arrives."""
        self._last = statement

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(str(self._server))
        self._writers |= {to_client, to_server}
        with contextlib.suppress(OSError):
            await asyncio.gather(self._said(client, to_server), self._answered(server, to_client))
        self._writers -= {to_client, to_server}
        to_client.close()
        to_server.close()

    async def _said(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        while data := await client.read(1 << 16):
            if self._last is not None and (at := data.find(self._last)) >= 0:
                self._last = None
                to_server.write(data[: at - _PARSE_HEADER])
                await to_server.drain()
                self.cut()
                return
            to_server.write(data)
        to_server.close()

    async def _answered(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while data := await server.read(1 << 16):
            await self._is_open.wait()
            to_client.write(data)
        to_client.close()
