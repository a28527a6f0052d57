"""A socket that sends commands and waits for what becomes of each."""

import asyncio

from bench.pairs import Wrong
from bench.sockets import HELLO, Socket

_ACK, _ID = b'{"type":"ack"', b'"id":"'


class Asker(Socket):
    """Greets; `ask` returns with the acknowledgement. One's own events come too, and are let pass."""

    greeting = HELLO

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[bytes, asyncio.Future[None]] = {}

    async def ask(self, id: str, command: bytes) -> None:
        """Send a command with this id, and wait until it is acknowledged."""
        answer = self._asked[id.encode()] = asyncio.get_running_loop().create_future()
        self.send(command)
        await answer

    def take(self, payload: bytes) -> None:
        """Take an acknowledgement."""
        if not payload.startswith(_ACK):
            super().take(payload)
            return
        start = payload.index(_ID) + len(_ID)
        asked = self._asked.pop(payload[start : start + 36], None)
        if asked is None:
            raise Wrong(f"{payload.decode()} acknowledges what was not asked")
        asked.set_result(None)
