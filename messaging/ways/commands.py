"""`POST /api/v1/events/commands`: the frames that a socket would send, and the frames that answer them."""

import asyncio
import contextlib
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from messaging.commands import Command
from messaging.peers import REQUEST, Peer
from messaging.protocol import commands, limits
from messaging.protocol.codec import JSON, Refused
from messaging.talk import Talk
from messaging.ways import request
from messaging.ways.request import Receive, Scope, Send, Turned
from messaging.ways.spool import Spool

#: The log answers within this, be it `unavailable`; what is not answered is sent again.
PATIENCE_S = 15.0


class _Said(msgspec.Struct):
    frames: list[msgspec.Raw]
    device: UUID | None = None


class Saying(Talk):
    """Takes the frames of one request, in their order; what they say of the device goes to where it hears."""

    #: Somebody did something there.
    is_active = False

    def _take(self, peer: Any, frame: commands.Frame) -> None:
        if isinstance(frame, commands.Hello):
            raise Refused("malformed", "A stream or a poll says where it is by its address: `hello` is for sockets.")
        super()._take(peer, frame)

    def _watch(self, peer: Peer, frame: commands.Watch) -> None:
        if peer.device is None:
            what = "`watch` is what a stream or a poll has on its screen: name its `device` beside `frames`"
            raise Refused("malformed", f"{what}, and in its address.")
        self.ask(peer, partial(self.hub.devices.watch, peer.identity.id, peer.device, frame))

    def _is_active(self, peer: Peer) -> None:
        super()._is_active(peer)
        self.is_active = True

    def _append(self, peer: Peer, command: Command) -> None:
        super()._append(peer, command)
        self.is_active = True


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Carry out the frames of one request, and answer with what a socket would be answered. Raises Turned."""
    if request.header(scope, b"content-type").partition(";")[0].strip() != "application/json":
        raise Turned(415, "malformed", "The body is JSON (`Content-Type: application/json`).")
    request.check_csrf(scope)
    frames, device = _read(await request.body(receive))
    found = await request.who(scope)
    async with request.entered(found, {}, REQUEST, device, Saying) as (talk, peer, spool):
        peer.catching_up |= await _known(talk, found.id, frames)
        for frame in frames:
            talk.receive(frame)
        await _answered(talk, spool)
        if device is not None and isinstance(talk, Saying) and talk.is_active:
            talk.hub.spawn(talk.hub.devices.active(found.id, device))
        if spool.code is not None:
            raise request.ended(spool.code)
        await request.answer(send, b'{"frames":[' + b",".join(spool.take()) + b"]}")


def _read(body: bytes) -> tuple[list[bytes], UUID | None]:
    try:
        said = msgspec.json.decode(body, type=_Said)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        what = "The body is an object with `frames`, a list, and where it speaks of one `device`, a UUID"
        raise Refused("malformed", f"{what}: {error}.") from None
    if not 1 <= len(said.frames) <= limits.FRAMES_PER_REQUEST:
        raise Refused(
            "malformed", f"A request has 1 to {limits.FRAMES_PER_REQUEST} frames, and this one has {len(said.frames)}."
        )
    return [bytes(frame) for frame in said.frames], said.device


async def _known(talk: Talk, person: int, frames: list[bytes]) -> set[int]:
    """Find in which of the conversations spoken of somebody is; the log asks that itself for what goes into it.

    A socket has learnt it by its `hello`.
    """
    spoken: set[int] = set()
    for each in frames:
        with contextlib.suppress(Refused):
            frame = JSON.decode(each)
            if not isinstance(frame, commands.LogCommand) and hasattr(frame, "conversation"):
                spoken.add(frame.conversation)
    if not spoken:
        return spoken
    try:
        return await talk.hub.catchup.membership(person, spoken)
    except (psycopg.Error, TimeoutError, OSError):
        raise request.unavailable() from None


async def _answered(talk: Talk, spool: Spool) -> None:
    """Wait until each frame has its answer, or the client is cut."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S), request.beside(talk.answered()) as answering:
            answering.add_done_callback(lambda _: spool.moved.set())
            while spool.code is None and not (answering.done() and _is_quiet(talk)):
                await spool.moved.wait()
                spool.moved.clear()


def _is_quiet(talk: Talk) -> bool:
    return talk.peer is None or not talk.peer.unanswered
