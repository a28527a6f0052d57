"""WebSocket frames read and written as they are: uvicorn's protocol with a way past ASGI, and past its library.

ASGI costs a message an awaited call, a queue and two task switches each way. `FrameProtocol` offers the scope extension
`parley.frames`: the consumer that attaches to it gets each frame by a plain call and writes bytes by another.
On a server without it (daphne) the consumer does without.
"""

import asyncio
import zlib
from collections.abc import Callable
from typing import Any, cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.streams import StreamReader

from messaging.framing import whole

#: More bytes than this that a client has not taken: too slow.
BUFFER_BYTES = 1 << 20
#: A client that is told to go has so long to answer before its connection is cut.
CLOSE_TIMEOUT_S = 5.0
#: So much of what a client sends is taken in one step of the loop: whoever sends without pause keeps nobody waiting.
SLICE_BYTES = 1 << 13
#: Who was refused for now is not read for so long: TCP slows it down, and refusing leaves time for what is taken. Not
#: longer than a full queue of the log has work for.
REST_S = 0.25

EXTENSION = "parley.frames"
CUT = "parley.cut"


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's sans-IO WebSocket protocol, whose frames can go around ASGI in both directions."""

    _received: Callable[[bytes], None] | None = None
    _slow: Callable[[], None] | None = None
    #: The next byte begins a message.
    _is_between = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unwritten: list[bytes] = []
        #: What came and is taken in the next steps. The transport reads where this is empty and nobody rests.
        self._untaken = b""
        if self.config.ws_per_message_deflate:  # in this form alone one frame is good for everybody
            alone = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
            self.conn.available_extensions = [alone]

    @property
    def is_deflated(self) -> bool:
        """Tell whether the client agreed to frames made by `deflated`."""
        return any(
            isinstance(agreed, PerMessageDeflate) and agreed.local_max_window_bits == zlib.MAX_WBITS
            for agreed in self.conn.extensions
        )

    def attach(self, received: Callable[[bytes], None], slow: Callable[[], None]) -> None:
        """Call `received` with each message from now on, and `slow` when the client doesn't take what is written.

        What came by ASGI already, while the consumer was asking who this is, comes first.
        """
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return  # it went while the consumer was asking; the queue tells it next
        self._received = received
        self._slow = slow
        self._is_between = self._is_at_frame()
        self.transport.set_write_buffer_limits(high=BUFFER_BYTES)
        for message in [self.queue.get_nowait() for _ in range(self.queue.qsize())]:
            if message["type"] == "websocket.receive":
                received(message["bytes"] or b"")
            else:
                self.queue.put_nowait(message)
        self._read_on()

    def write(self, ready: bytes) -> None:
        """Write a ready frame, at the end of this step of the loop: what a batch brings takes one system call."""
        if not self._unwritten:
            self.loop.call_soon(self.flush)
        self._unwritten.append(ready)

    def flush(self) -> None:
        """Write what is held back; nothing where the connection is gone, which the consumer learns a moment later."""
        ready, self._unwritten = self._unwritten, []
        if ready and not (self.close_sent or self.disconnected):
            self.transport.write(ready[0] if len(ready) == 1 else b"".join(ready))

    def end(self, code: int, reason: str = "") -> None:
        """Send the close frame, and cut the connection where the client doesn't answer it in time."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self._hang_up(code, reason)

    def handle_parser_exception(self) -> None:
        """Send the close frame for bytes that are no frame, and end what is written here.

        uvicorn closes at once. The kernel then answers what is still on its way with a reset, and the client, which is
        in the middle of a frame that is too long, never gets to the close frame (RFC 6455, 7.1.1).
        """
        close = self.conn.close_sent
        if close is None:  # before the handshake there is no frame to say it with
            self.transport.abort()
            return
        if not self.close_sent:
            self._hang_up(close.code, close.reason)
        if self.transport.can_write_eof():  # its answer is not read any more: this tells it to hang up
            self.transport.write_eof()

    def _hang_up(self, code: int, reason: str) -> None:
        """Write the close frame that is made, and drop what still comes, for as long as the client has to answer."""
        self.flush()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)
        self._read_on()

    def data_received(self, data: bytes) -> None:
        """Take what comes: a little at once, much in slices."""
        is_alone = not self._untaken
        if is_alone and len(data) <= SLICE_BYTES:
            self._feed(data)
            return
        self._untaken += data
        if is_alone:
            self.transport.pause_reading()
            self._take()

    def _take(self) -> None:
        """Take a slice, and the next in the next step, unless the client rests meanwhile."""
        if self.disconnected:
            return
        part, self._untaken = self._untaken[:SLICE_BYTES], self._untaken[SLICE_BYTES:]
        self._feed(part)
        if not self.read_paused:
            self._go_on()

    def _feed(self, data: bytes) -> None:
        """Hand on whole messages, as nearly all come; what is in parts, or says something else, the library reads."""
        at = 0
        while self._received is not None and self._is_between and at < len(data) and not self.close_sent:
            message = whole(data, at)
            if message is None:
                break
            payload, at = message
            self._received(payload)
        if at < len(data):
            super().data_received(data[at:])
            self._is_between = self._is_at_frame()

    def _is_at_frame(self) -> bool:
        """Tell whether the library's parser has taken all, and waits for a frame that begins a message."""
        waits = cast("Any", self.conn.parser)
        while waits.gi_yieldfrom is not None:
            waits = waits.gi_yieldfrom
        is_between = waits.gi_code is StreamReader.at_eof.__code__ and self.conn.current_size is None
        return is_between and self.conn.close_rcvd is None

    def _go_on(self) -> None:
        if self._untaken:
            self.loop.call_soon(self._take)
        elif not self.transport.is_closing():
            self.transport.resume_reading()

    def rest(self) -> None:
        """Read nothing for a moment."""
        if not (self.read_paused or self.close_sent or self.disconnected):
            self.read_paused = True
            self.transport.pause_reading()
            self.loop.call_later(REST_S, self._read_on)

    def _read_on(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self._go_on()

    async def send(self, message: ASGISendEvent) -> None:
        """Send by ASGI. Raises ClientDisconnected after the close frame, of which the consumer hears next."""
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def shutdown(self) -> None:
        """Write what is held back before the close frame of a server that goes away."""
        self.flush()
        super().shutdown()

    def handle_connect(self, event: Request) -> None:
        """Offer the extension beside uvicorn's own."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast("dict[str, Any]", self.scope)["extensions"][EXTENSION] = self

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message to the consumer that attached, else to ASGI: one, until that is taken.

        As bytes, text too: uvicorn would close on what is not UTF-8, and the codec answers it.
        """
        data = bytes(self.frames[0] if len(self.frames) == 1 else b"".join(self.frames))
        self.frames = []
        if self.close_sent:
            return
        if self._received is not None:
            self._received(data)
            return
        self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        """Tell the consumer that the client is too slow; not at once, since a room is being written to."""
        super().pause_writing()
        if self._slow is not None:
            self.loop.call_soon(self._slow)


class CutProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with the scope extension `parley.cut`, which drops a connection that takes nothing."""

    def on_message_begin(self) -> None:
        """Offer it."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope).setdefault("extensions", {})[CUT] = self.transport.abort


class Plain:
    """The same for a server without the extension: messages queue for a task that sends them by ASGI."""

    def __init__(self, send: Callable[[dict[str, Any]], Any], slow: Callable[[], None], is_text: bool) -> None:
        self._send = send
        self._slow = slow
        self._is_text = is_text
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._size_bytes = 0
        self._task = asyncio.create_task(self._run())

    def write(self, payload: bytes) -> None:
        """Queue a message."""
        self._size_bytes += len(payload)
        if self._size_bytes > BUFFER_BYTES:
            asyncio.get_running_loop().call_soon(self._slow)
            return
        message: dict[str, Any] = {"text": payload.decode()} if self._is_text else {"bytes": payload}
        self._waiting.put_nowait({"type": "websocket.send", "size_bytes": len(payload), **message})

    def rest(self) -> None:
        """Do nothing: what is read is the server's affair."""

    def end(self, code: int, reason: str = "") -> None:
        """Queue the close frame."""
        self._waiting.put_nowait({"type": "websocket.close", "size_bytes": 0, "code": code, "reason": reason})

    async def _run(self) -> None:
        while True:
            message = await self._waiting.get()
            self._size_bytes -= message.pop("size_bytes")
            await self._send(message)

    def stop(self) -> None:
        """Stop sending: the connection is gone."""
        self._task.cancel()
