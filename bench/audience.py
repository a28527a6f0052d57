"""A room full of sockets, of which one speaks: each must get each message, once and in order."""

import asyncio
import time
from collections.abc import Callable, Sequence

import psutil
from picows import WSFrame, WSTransport

from bench.cost import cpu_s
from bench.pairs import Figure, Wrong
from bench.sockets import Socket, opened

#: So many messages may be under way: said, and not yet heard by all.
WINDOW = 20
#: Bytes of a message's body, which starts with its number.
BODY = 300
_PATIENCE_S = 60.0


def _mark(number: int) -> str:
    return f"#{number:06};"


def body(number: int) -> str:
    """Write the body of a message."""
    return _mark(number).ljust(BODY, "x")


class _Heard:
    """What was said so far, and how many have heard each of it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.window = asyncio.Semaphore(WINDOW)
        self.marks = [_mark(0).encode()]
        self.times: list[int] = []
        self.payload_bytes = 0

    def add(self) -> None:
        """Expect one more."""
        self.times.append(0)
        self.marks.append(_mark(len(self.times)).encode())


class _Listener(Socket):
    """Takes a message in few steps: the client must not be what is measured."""

    def __init__(self, heard: _Heard, greeting: bytes | None) -> None:
        super().__init__()
        self.greeting = greeting
        self._heard = heard
        self._next = 0

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Count the message that is next for this socket; anything else is for `take`."""
        heard, number = self._heard, self._next
        payload = frame.get_payload_as_bytes()
        if heard.marks[number] not in payload:
            super().on_ws_frame(transport, frame)
            return
        self._next = number + 1
        heard.times[number] += 1
        if heard.times[number] == heard.size:
            heard.payload_bytes = len(payload)
            heard.window.release()

    def take(self, payload: bytes) -> None:
        """Take what is no message."""
        if b"#" in payload:
            raise Wrong(f"message {self._next} is missing or comes late")
        super().take(payload)


async def listen(
    urls: str | Sequence[str],
    headers: Sequence[dict[str, str]],
    greeting: bytes | None,
    message: Callable[[int], bytes],
    seconds: float,
    servers: Sequence[psutil.Process] = (),
) -> Figure:
    """Open a socket for each of the headers, let the first speak, and count deliveries a second till the last one.

    Of servers it is told how much CPU time they and all below them used for a delivery.
    """
    heard = _Heard(len(headers))
    async with opened(urls, lambda: _Listener(heard, greeting), headers) as sockets:
        await asyncio.sleep(1)
        served_s = cpu_s(servers)
        began, used = time.perf_counter(), time.process_time()
        try:
            async with asyncio.timeout(seconds + _PATIENCE_S):
                while time.perf_counter() - began < seconds:
                    await heard.window.acquire()
                    said = len(heard.times)
                    heard.add()
                    sockets[0].send(message(said))
                for _ in range(WINDOW):
                    await heard.window.acquire()
        except TimeoutError:
            raise Wrong(f"of {len(heard.times) * heard.size} deliveries {sum(heard.times)} came") from None
        took, used = time.perf_counter() - began, time.process_time() - used
        served_s = cpu_s(servers) - served_s
    deliveries = sum(heard.times)
    details = {"messages": len(heard.times), "payload_bytes": heard.payload_bytes, "client_core": used / took}
    return Figure(deliveries / took, details | {"server_us": served_s / deliveries * 1e6})
