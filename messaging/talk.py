"""What one client says, by whichever way in: decode a frame, one call, answer. No ORM and no thread on this path."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from django.conf import settings

from messaging import crowds, database, inbound, measures, personal
from messaging.commands import Command, Verdict
from messaging.log import RETRY_AFTER_S
from messaging.peers import Peer
from messaging.pending import UNAVAILABLE
from messaging.protocol import codec, commands, frames
from messaging.rights import IS_IN

if TYPE_CHECKING:
    from messaging.hub import Hub

#: `hello` and `sync` of one client are answered one after the other; more than so many waiting are refused.
QUESTIONS = 100

logger = logging.getLogger(__name__)


class Talk:
    """Takes the frames of one client, from its entering to its end."""

    def __init__(self, hub: "Hub", peer: Peer) -> None:
        self.hub = hub
        self.peer: Peer | None = peer
        self.codec = peer.outlet.codec
        self._beyond = inbound.beyond(peer.identity.scopes)
        self._questions: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue(QUESTIONS)
        self._answering = asyncio.create_task(self._answer_questions())

    def close(self) -> None:
        """Forget the client: its connection is gone."""
        peer, self.peer = self.peer, None
        self._answering.cancel()
        if peer is not None:
            self.hub.leave(peer)

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
            measures.REFUSED.labels(refused.error.code).inc()
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
            case commands.Send() | commands.Edit() | commands.Delete() | commands.React() | commands.Pin():
                self._append(peer, inbound.command(frame, peer.identity.id))
            case commands.Ping():
                peer.send(frames.Pong(n=frame.n))
            case commands.Read():
                self._advance(peer, frame.conversation, read=frame.seq)
            case commands.Delivered():
                self._advance(peer, frame.conversation, delivered=frame.seq)
            case commands.Watch():
                self._watch(peer, frame)
            case commands.Typing():
                if self._is_in(peer, frame.conversation):
                    self._is_active(peer)
                    self.hub.watching.typing.begin(peer.identity.id, frame.conversation)
            case commands.Active():
                self._is_active(peer)
            case commands.Hello():
                self.ask(peer, partial(self.hub.catchup.hello, peer, _cursors(frame.cursors)))
            case commands.Sync():
                self.ask(peer, partial(self.hub.catchup.sync, peer, _cursors(frame.cursors)))
            case _:
                self._keep(peer, frame)

    def _watch(self, peer: Peer, frame: commands.Watch) -> None:
        self.hub.watching.watch(peer, frame)

    def _is_active(self, peer: Peer) -> None:
        peer.input_at = peer.heard_at
        self.hub.watching.presence.touch(peer.identity.id)

    def _keep(self, peer: Peer, frame: commands.PersonalCommand) -> None:
        command = personal.command(frame, peer.identity.id)

        def put(conversation: int | None) -> None:
            if conversation is None:
                self._answer(peer, command, UNAVAILABLE)
            else:
                peer.unanswered -= 1
                command.conversation = conversation
                self._append(peer, command)

        peer.unanswered += 1
        self.hub.own_logs.call(peer.identity.id, put)

    def _append(self, peer: Peer, command: Command) -> None:
        peer.is_used = True
        peer.input_at = peer.heard_at
        wait_s = self.hub.wait_s(peer.identity.id) if settings.IS_RATE_LIMITED else 0.0
        if wait_s:
            self._limit(peer, command, "You are sending faster than this server lets one person.", wait_s)
        elif command.kind in crowds.KINDS and crowds.HERE.is_crowded(command.conversation):
            self._wait_outside(peer, command)
        else:
            self._put(peer, command)

    def _put(self, peer: Peer, command: Command) -> None:
        peer.unanswered += 1
        self.hub.log.put(command, lambda verdict: self._answer(peer, command, verdict))

    def _limit(self, peer: Peer, command: Command, detail: str, wait_s: float) -> None:
        measures.REFUSED.labels("rate_limited").inc()
        retry_after = math.ceil(wait_s * 1000) / 1000
        peer.send(frames.Error(id=str(command.id), code="rate_limited", detail=detail, retry_after=retry_after))
        peer.wire.rest()

    def _wait_outside(self, peer: Peer, command: Command) -> None:
        """Tell who is in a crowded conversation to wait; to others the log alone says whether there is one."""
        if self._follows(peer, command.conversation):
            self._limit(peer, command, crowds.DETAIL, crowds.RETRY_AFTER_S)
            return

        async def ask() -> None:
            params = {"conversation": command.conversation, "person": peer.identity.id}
            try:
                is_in = await database.fetch(IS_IN, params)
            except (psycopg.Error, TimeoutError, OSError):
                peer.send(inbound.answer(command, UNAVAILABLE))
            else:
                if is_in:
                    self._limit(peer, command, crowds.DETAIL, crowds.RETRY_AFTER_S)
                else:
                    self._put(peer, command)
            finally:
                peer.unanswered -= 1

        peer.unanswered += 1
        self.hub.spawn(ask())

    def _answer(self, peer: Peer, command: Command, verdict: Verdict) -> None:
        peer.unanswered -= 1
        if command.kind in ("prefer", "status"):
            self.hub.watching.presence.prefer(peer.identity.id)
        peer.send(inbound.answer(command, verdict))
        if verdict.code == UNAVAILABLE.code:
            peer.wire.rest()

    def _advance(self, peer: Peer, conversation: int, **positions: int) -> None:
        if self._is_in(peer, conversation):
            self.hub.upkeep.receipts.advance(peer.identity.id, conversation, **positions)

    def _is_in(self, peer: Peer, conversation: int) -> bool:
        """Tell whether a socket is in a conversation; where it isn't, it is told so."""
        is_in = self._follows(peer, conversation)
        if not is_in:
            peer.send(frames.Error(code="not_found", detail=inbound.DETAILS["not_found"]))
        return is_in

    def _follows(self, peer: Peer, conversation: int) -> bool:
        room = self.hub.rooms.get(conversation)
        return room is not None and (peer in room or conversation in peer.catching_up)

    def ask(self, peer: Peer, question: Callable[[], Awaitable[None]]) -> None:
        """Answer something that has to be read, after what was asked before; not where the client has gone by then."""
        try:
            self._questions.put_nowait(question)
        except asyncio.QueueFull:
            detail = "You have asked for more than can be answered at once."
            peer.send(frames.Error(code="rate_limited", detail=detail, retry_after=RETRY_AFTER_S))

    async def _answer_questions(self) -> None:
        while True:
            question = await self._questions.get()
            try:
                await question()
            except (psycopg.Error, TimeoutError, OSError):
                self._unavailable()
            except Exception:
                logger.exception("a question could not be answered by a fault of ours")
                self._unavailable()
            finally:
                self._questions.task_done()

    async def answered(self) -> None:
        """Wait until every question has its answer."""
        await self._questions.join()

    def _unavailable(self) -> None:
        if self.peer is not None:
            measures.UNAVAILABLE.labels("question").inc()
            detail = inbound.DETAILS["unavailable"]
            self.peer.send(frames.Error(code="unavailable", detail=detail, retry_after=RETRY_AFTER_S))

    def _end(self, peer: Peer, code: int, reason: str) -> None:
        self.hub.leave(peer)
        peer.wire.end(code, reason)
        self.peer = None


def _cursors(given: Mapping[str, int]) -> dict[int, int]:
    """Read a frame's cursors, whose keys are numbers in JSON's only form for a key."""
    return {int(conversation): seq for conversation, seq in given.items()}
