"""The WebSocket at `/ws/`: shake hands, find out who it is, and hand on its frames."""

from collections.abc import Mapping
from typing import Any

import psycopg
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from accounts.access import identity
from messaging import database, hub
from messaging.frames import EXTENSION, FrameProtocol, Plain
from messaging.peers import OUTLETS, Form, Peer
from messaging.protocol import codec
from messaging.talk import Talk
from messaging.ways.request import Receive, Scope, Send


class SocketConsumer(AsyncConsumer):  # type: ignore[misc]
    """One socket of one person."""

    #: The hub has the channel layer; a consumer has none, and so no task and no Redis subscription of its own.
    channel_layer_alias = "none"

    talk: Talk | None = None

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """Route ASGI's messages by a plain `if`: Channels' own dispatch awaits a thread for each."""
        kind = message["type"]
        if kind == "websocket.receive":
            if self.talk is not None:
                self.talk.receive(message["text"] if message.get("text") is not None else message["bytes"])
        elif kind == "websocket.connect":
            await self.connect()
        elif kind == "websocket.disconnect":
            self.disconnect()
            raise StopConsumer

    async def connect(self) -> None:
        """Accept, find out who it is, and take the socket in; a close code is only seen after the handshake."""
        spoken = next((s for s in self.scope["subprotocols"] if s in codec.BY_SUBPROTOCOL), None)
        speech = codec.BY_SUBPROTOCOL[spoken or codec.JSON.subprotocol]
        await self.base_send({"type": "websocket.accept", "subprotocol": spoken})
        try:
            found = await identity.of_scope(self.scope, database.fetch)
            entered = await hub.current()
        except (psycopg.Error, TimeoutError, OSError):
            await self.base_send({"type": "websocket.close", "code": 1013, "reason": "the database is away"})
            return
        if found is None:
            await self.base_send({"type": "websocket.close", "code": 4401, "reason": "not signed in"})
            return
        protocol = self.scope["extensions"].get(EXTENSION) if self.scope.get("extensions") else None
        wire = protocol or Plain(self.base_send, self.slow, speech is codec.JSON)
        peer = Peer(found, wire, OUTLETS[speech, _form(protocol)])
        if not entered.enter(peer):
            wire.end(1013 if not entered.upkeep.is_revoked(found) else 4401, "too many sockets")
            return
        self.talk = Talk(entered, peer)
        self._wire = wire
        if protocol is not None:
            protocol.attach(self.talk.receive, self.talk.slow)

    def disconnect(self) -> None:
        """Forget the socket."""
        if self.talk is not None:
            self.talk.close()
            if isinstance(self._wire, Plain):
                self._wire.stop()

    def slow(self) -> None:
        """Let go of a client that doesn't take what is queued."""
        if self.talk is not None:
            self.talk.slow()


async def nowhere(_scope: Scope, receive: Receive, send: Send) -> None:
    """Turn a socket away (403) at an address where there is none."""
    await receive()
    await send({"type": "websocket.close"})


def _form(protocol: FrameProtocol | None) -> Form:
    """Say how a socket wants its bytes; without uvicorn's protocol the server frames them."""
    if protocol is None:
        return Form.BARE
    return Form.DEFLATED if protocol.is_deflated else Form.FRAMED
