"""The hub: one a process and event loop. It routes what the log holds to the sockets that follow it here.

Three things tell it of an event, and whichever is first is enough: the log of its own process, the other processes by
way of the channel layer, and the comparison of its heads with the database's, which finds what Redis lost.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings

from messaging import crowds, database, gauges, history, measures, publishing
from messaging.catchup import Catchup
from messaging.devices import Devices
from messaging.entry import Entry, of_row
from messaging.exchange import Exchange
from messaging.log import Log
from messaging.peers import Allowance, Peer, Person, write_to
from messaging.personal import OwnLogs
from messaging.protocol import limits
from messaging.protocol.events import Archive, Join, Leave, Message, Rename
from messaging.room import Room
from messaging.upkeep import Upkeep
from messaging.watching import Watching

logger = logging.getLogger(__name__)

#: What comes early waits so long for what is missing before it.
GAP_WAIT_S = 0.05
GAP_EVENTS = 500

_hubs: dict[asyncio.AbstractEventLoop, "Hub"] = {}


def running() -> "Hub | None":
    """Give this event loop's hub, where it has one."""
    return _hubs.get(asyncio.get_running_loop())


async def current() -> "Hub":
    """Give this event loop's hub, started at its first use."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        for ended in [each for each in _hubs if each.is_closed()]:
            del _hubs[ended]
        hub = _hubs[loop] = Hub()
        hub.start()
    await hub.ready()
    return hub


class Hub:
    """The rooms and people of this process, and the tasks that keep them right."""

    def __init__(self) -> None:
        #: Tells this hub's own messages from those of the others.
        self.name = uuid4().hex
        self.rooms: dict[int, Room] = {}
        self.people: dict[int, Person] = {}
        self.allowances: dict[int, Allowance] = {}
        self.log = Log(self.committed)
        self.catchup = Catchup(self)
        self.upkeep = Upkeep(self)
        self.watching = Watching(self)
        self.devices = Devices(self)
        self.own_logs = OwnLogs(self)
        self.exchange = Exchange(self.name, self.heard)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ready: asyncio.Task[None] | None = None
        #: Of what was delivered in this step: each event's `at`.
        self._delivered: list[str] = []

    def start(self) -> None:
        """Start the writers, the listener, the publisher and the upkeep."""
        publishing.attach(asyncio.get_running_loop(), self.committed)
        self.log.start()
        for run in (self.exchange.listen, self.exchange.publish, self.upkeep.run, self.watching.run):
            self.spawn(run())
        self.spawn(gauges.run(self))
        self._ready = asyncio.create_task(self.exchange.probe())

    async def ready(self) -> None:
        """Wait until what other processes publish is heard here; without Redis, go on: the comparison finds it."""
        assert self._ready is not None
        await asyncio.shield(self._ready)

    async def stop(self) -> None:
        """Stop everything; sockets are the server's to close."""
        publishing.detach()
        _hubs.pop(asyncio.get_running_loop(), None)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.log.stop()

    def spawn(self, work: Awaitable[Any]) -> None:
        """Run something beside, and log what it raises."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Future[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            error = task.exception()
            if isinstance(error, (psycopg.Error, TimeoutError, OSError)):
                logger.warning("%s", str(error).strip() or type(error).__name__)
            else:
                logger.error("a task of the hub failed", exc_info=error)

    # Events in

    def committed(self, entries: list[Entry]) -> None:
        """Take what this process has committed: deliver it here first, then tell the others."""
        for entry in entries:
            self.take(entry)
            if isinstance(entry.event, Message):  # what one says oneself one has read
                self.upkeep.receipts.advance(entry.event.user, entry.conversation, read=entry.seq)
        self._measure()
        crowds.HERE.said(entries)
        if entries:
            self.refresh(entry.event.member for entry in entries if isinstance(entry.event, Join))
            self.exchange.tell(entries)

    def heard(self, message: dict[str, Any]) -> None:
        """Take what another process has committed, or its news."""
        if message["type"] != publishing.EVENTS:
            self.watching.heard(message)
            return
        for conversation, seq, n, json in message["events"]:
            room = self.rooms.get(conversation)
            if room is not None and (room.seq is None or seq > room.seq):
                self.take(entry := Entry.of_json(json, n))
                crowds.HERE.said([entry])
        self._measure()
        self.refresh(message["joined"])

    def take(self, entry: Entry) -> None:
        """Take an event from wherever; deliver what is next, and see to it that what is missing is fetched."""
        room = self.rooms.get(entry.conversation)
        if room is None:
            return
        if not self.upkeep.is_confirmed():
            self.upkeep.stalled.add(room)  # nothing is delivered under rights that can't be confirmed
            return
        self._deliver(room, room.take(entry))
        if room.early and not room.is_waiting and room.seq is not None:
            room.is_waiting = True
            if not room.is_gapped:
                room.is_gapped = True
                measures.GAPS_FOUND.labels("early").inc()
            self.spawn(self._fill_later(room))
        elif room.is_gapped:
            self._close_gap(room, "arrived")

    def _close_gap(self, room: Room, how: str) -> None:
        if room.is_gapped and not room.early:
            room.is_gapped = False
            measures.GAPS_HEALED.labels(how).inc()

    def _measure(self) -> None:
        """Count how old what was delivered in this step was."""
        if self._delivered:
            measures.delivered(self._delivered)
            self._delivered.clear()

    def _deliver(self, room: Room, entries: Iterable[Entry]) -> None:
        for entry in entries:
            room.deliver(entry)
            if room.outs:
                self._delivered.append(entry.event.at)
            match entry.event:
                case Leave(member=member):
                    self._dismiss(room, member)
                case Rename() | Archive():
                    write_to(room.peers(), self.catchup.changed(room, entry.event))

    def _dismiss(self, room: Room, member: int) -> None:
        """Take somebody who has just got the own leave out of the room: rights travel in the log."""
        person = self.people.get(member)
        if person is None:
            return
        person.conversations.discard(room.conversation)
        for peer in person.peers:
            was_here = peer in room or room.conversation in peer.catching_up
            room.dismiss(peer)
            peer.catching_up.discard(room.conversation)
            if was_here:
                peer.send(self.catchup.removed(room))

    async def _fill_later(self, room: Room) -> None:
        await asyncio.sleep(GAP_WAIT_S)
        room.is_waiting = False
        if room.early:
            await self.fill(room, "early")

    async def fill(self, room: Room, sign: str = "comparison") -> None:
        """Fetch what is missing after the last delivered event, and deliver it, up to the log's head as of this call.

        Where rights can't be confirmed it is put off, and the room stays where it is. `sign` is what told that
        something is missing (`measures.GAPS_FOUND`).
        """
        async with room.filling:
            while room.seq is not None:
                params = {"conversation": room.conversation, "after": room.seq, "limit": GAP_EVENTS}
                found = await database.fetch(history.GAP, params)
                if not self.upkeep.is_confirmed():
                    self.upkeep.stalled.add(room)
                    return
                for row in found:
                    due = room.take(of_row(row))
                    if due and not room.is_gapped:
                        room.is_gapped = True
                        measures.GAPS_FOUND.labels(sign).inc()
                    self._deliver(room, due)
                self._measure()
                self._close_gap(room, "log")
                if len(found) < GAP_EVENTS:
                    return

    # Sockets

    def follow(self, conversations: Iterable[int]) -> None:
        """Make rooms that gather what is heard, before their log is read: nothing falls between."""
        for conversation in conversations:
            if conversation not in self.rooms:
                self.rooms[conversation] = Room(conversation)

    def open(self, room: Room, seq: int, n: int) -> None:
        """Start a room at a head that was read after it was made."""
        self._deliver(room, room.open(seq, n))

    def admit(self, room: Room, peer: Peer) -> None:
        """Deliver a room's events to a socket from now on."""
        person = self.people.get(peer.identity.id)
        if person is not None and peer in person.peers:
            room.admit(peer)
            person.conversations.add(room.conversation)
            peer.catching_up.discard(room.conversation)

    def enter(self, peer: Peer) -> bool:
        """Take in a socket; False where its person has too many, or its credential was just revoked."""
        person = self.people.get(peer.identity.id) or Person()
        is_full = settings.IS_RATE_LIMITED and len(person.peers) >= limits.SOCKETS_PER_PERSON
        if is_full or self.upkeep.is_revoked(peer.identity):
            return False
        self.people[peer.identity.id] = person
        person.peers.add(peer)
        self.watching.presence.touch(peer.identity.id)
        return True

    def leave(self, peer: Peer) -> None:
        """Forget a socket."""
        self.watching.left(peer)
        person = self.people.get(peer.identity.id)
        if person is None:
            return
        person.peers.discard(peer)
        if peer.is_used:
            self.upkeep.departed[peer.identity.credential] = peer
        for conversation in person.conversations:
            room = self.rooms.get(conversation)
            if room is not None:
                room.dismiss(peer)
        if not person.peers:
            del self.people[peer.identity.id]

    def wait_s(self, person: int) -> float:
        """Take a command out of a person's allowance; more than 0: so long until there is one again."""
        allowance = self.allowances.get(person)
        if allowance is None:
            allowance = self.allowances[person] = Allowance()
        return allowance.wait_s()

    def regroup(self, people: Iterable[int]) -> None:
        """Tell those of these people who have sockets here which user groups they are in now."""
        here = [person for person in people if person in self.people]
        if here:
            self.spawn(self.catchup.tell_groups(here))

    def refresh(self, members: Iterable[int]) -> None:
        """Show people who have joined something, where they have sockets here, what they are in now."""
        for member in set(members):
            person = self.people.get(member)
            if person is not None and person.peers:
                self.spawn(self.catchup.refresh(member, person))
