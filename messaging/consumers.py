"""The WebSocket at `/ws/`: decode a frame, one call, answer. No ORM and no thread on this path."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Mapping
from typing import Any

import psycopg
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings

from accounts.access import identity
from messaging import database, hub, inbound
from messaging.frames import EXTENSION, Plain
from messaging.log import RETRY_AFTER_S
from messaging.peers import OUTLETS, Peer
from messaging.protocol import codec, commands, frames

#: `hello` and `sync` of one socket are answered one after the other; more than so many waiting are refused.
QUESTIONS = 100

logger = logging.getLogger(__name__)


class SocketConsumer(AsyncConsumer):  # type: ignore[misc]
    """One socket of one person."""

    #: The hub has the channel layer; a consumer has none, and so no task and no Redis subscription of its own.
    channel_layer_alias = "none"

    peer: Peer | None = None

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """Route ASGI's messages by a plain `if`: Channels' own dispatch awaits a thread for each."""
        kind = message["type"]
        if kind == "websocket.receive":
            self.receive(message["text"] if message.get("text") is not None else message["bytes"])
        elif kind == "websocket.connect":
            await self.connect()
        elif kind == "websocket.disconnect":
            self.disconnect()
            raise StopConsumer

    async def connect(self) -> None:
        """Accept, find out who it is, and take the socket in; a close code is only seen after the handshake."""
        spoken = next((s for s in self.scope["subprotocols"] if s in codec.BY_SUBPROTOCOL), None)
        self.codec = codec.BY_SUBPROTOCOL[spoken or codec.JSON.subprotocol]
        await self.base_send({"type": "websocket.accept", "subprotocol": spoken})
        try:
            found = await identity.of_scope(self.scope, database.fetch)
            self.hub = await hub.current()
        except (psycopg.Error, TimeoutError, OSError):
            await self.base_send({"type": "websocket.close", "code": 1013, "reason": "the database is away"})
            return
        if found is None:
            await self.base_send({"type": "websocket.close", "code": 4401, "reason": "not signed in"})
            return
        protocol = self.scope["extensions"].get(EXTENSION) if self.scope.get("extensions") else None
        wire = protocol or Plain(self.base_send, self.slow, self.codec is codec.JSON)
        peer = Peer(found, wire, OUTLETS[self.codec, protocol is not None])
        self._questions: asyncio.Queue[Awaitable[None]] = asyncio.Queue(QUESTIONS)
        self._answering = asyncio.create_task(self._answer_questions())
        if not self.hub.enter(peer):
            wire.end(1013 if not self.hub.upkeep.is_revoked(found) else 4401, "too many sockets")
            return
        self.peer = peer
        self._beyond = inbound.beyond(found.scopes)
        if protocol is not None:
            protocol.attach(self.receive, self.slow)

    def disconnect(self) -> None:
        """Forget the socket."""
        peer, self.peer = self.peer, None
        if hasattr(self, "_answering"):
            self._answering.cancel()
        if peer is not None:
            self.hub.leave(peer)
            if isinstance(peer.wire, Plain):
                peer.wire.stop()

    def slow(self) -> None:
        """Let go of a client that doesn't take what is written: it syncs later."""
        if self.peer is not None:
            self.hub.leave(self.peer)
            self.peer.wire.end(1013, "too slow")
            self.peer = None

    def receive(self, data: bytes | str) -> None:
        """Take one frame. Awaits nothing."""
        peer = self.peer
        if peer is None:
            return
        peer.heard_at = time.monotonic()
        try:
            self._take(peer, self.codec.decode(data))
        except codec.Refused as refused:
            peer.send(refused.error)
            if refused.type == commands.Hello.__struct_config__.tag:
                self._end(peer, 4400, "malformed hello")
            elif refused.error.code == "malformed" and peer.is_flooding():
                self._end(peer, 4400, "too many malformed frames")

    def _take(self, peer: Peer, frame: commands.Frame) -> None:
        why = self._beyond.get(type(frame))
        if why is not None:
            raise codec.Refused("forbidden", why, getattr(frame, "id", None))
        match frame:
            case commands.Send() | commands.Edit() | commands.Delete() | commands.React():
                self._append(peer, frame)
            case commands.Ping():
                peer.send(frames.Pong(n=frame.n))
            case commands.Read():
                self._advance(peer, frame.conversation, read=frame.seq)
            case commands.Delivered():
                self._advance(peer, frame.conversation, delivered=frame.seq)
            case commands.Hello():
                self._ask(peer, self.hub.catchup.hello(peer, _cursors(frame.cursors)))
            case commands.Sync():
                self._ask(peer, self.hub.catchup.sync(peer, _cursors(frame.cursors)))

    def _append(self, peer: Peer, frame: commands.LogCommand) -> None:
        peer.is_used = True
        command = inbound.command(frame, peer.identity.id)
        wait_s = self.hub.wait_s(peer.identity.id) if settings.IS_RATE_LIMITED else 0.0
        if wait_s:
            detail = "You are sending faster than this server lets one person."
            peer.send(
                frames.Error(
                    id=str(frame.id), code="rate_limited", detail=detail, retry_after=math.ceil(wait_s * 1000) / 1000
                )
            )
            return
        self.hub.log.put(command, lambda verdict: peer.send(inbound.answer(command, verdict)))

    def _advance(self, peer: Peer, conversation: int, **positions: int) -> None:
        room = self.hub.rooms.get(conversation)
        if room is None or (peer not in room and conversation not in peer.catching_up):
            peer.send(frames.Error(code="not_found", detail=inbound.DETAILS["not_found"]))
        else:
            self.hub.upkeep.receipts.advance(peer.identity.id, conversation, **positions)

    def _ask(self, peer: Peer, answering: Awaitable[None]) -> None:
        try:
            self._questions.put_nowait(answering)
        except asyncio.QueueFull:
            answering.close()  # type: ignore[attr-defined]
            detail = "You have asked for more than can be answered at once."
            peer.send(frames.Error(code="rate_limited", detail=detail, retry_after=RETRY_AFTER_S))

    async def _answer_questions(self) -> None:
        while True:
            answering = await self._questions.get()
            try:
                await answering
            except (psycopg.Error, TimeoutError, OSError):
                self._unavailable()
            except Exception:
                logger.exception("a question could not be answered by a fault of ours")
                self._unavailable()

    def _unavailable(self) -> None:
        if self.peer is not None:
            detail = inbound.DETAILS["unavailable"]
            self.peer.send(frames.Error(code="unavailable", detail=detail, retry_after=RETRY_AFTER_S))

    def _end(self, peer: Peer, code: int, reason: str) -> None:
        self.hub.leave(peer)
        peer.wire.end(code, reason)
        self.peer = None


def _cursors(given: Mapping[str, int]) -> dict[int, int]:
    """Read a frame's cursors, whose keys are numbers in JSON's only form for a key."""
    return {int(conversation): seq for conversation, seq in given.items()}
