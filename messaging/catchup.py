"""Catching up: `hello`, `sync`, and conversations joined while connected.

A room is followed before its log is read, so an event is either in what was read or comes after it. A socket enters the
room in the same step in which it is sent everything before: no event falls between, none comes twice.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from psycopg.types.multirange import Int8Multirange

from messaging import database, history, measures, moment
from messaging.conversations import IDS, SUMMARIES, Summary, summary_params
from messaging.entry import Entry
from messaging.inbound import DETAILS
from messaging.peers import Peer, Person, describe, write_to
from messaging.protocol import frames, limits
from messaging.protocol.events import Archive, Delete, Rename
from messaging.room import Room
from messaging.user_groups import OF_PEOPLE

if TYPE_CHECKING:
    from messaging.hub import Hub

#: So often a changed membership is read again before one gives up; it changes between two reads of a second.
TRIES = 5


class Catchup:
    """Brings sockets to where the log is."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def hello(self, peer: Peer, cursors: Mapping[int, int]) -> None:
        """Answer `hello`: the welcome, then what moved since the cursors.

        Nothing is awaited from the welcome's heads to the rooms: an event between would be in neither.
        """
        groups = await self._groups([peer.identity.id])
        summaries = await self._current(peer.identity.id, held=cursors)
        shown = [summary for summary in summaries if summary.kind != "personal"][: limits.CONVERSATIONS_IN_WELCOME]
        own = next((summary for summary in summaries if summary.kind == "personal"), None)
        peer.send(
            frames.Welcome(
                user=frames.Person(**describe(peer.identity)),
                heartbeat=limits.HEARTBEAT_S,
                conversations=[self._frame(summary) for summary in shown],
                personal=None if own is None else self._frame(own),
                groups=groups.get(peer.identity.id, []),
            )
        )
        await self._go_on(peer, summaries, cursors)

    async def resume(self, peer: Peer, cursors: Mapping[int, int], *, is_whole: bool) -> None:
        """Go on from the cursors of a while ago without a welcome: tell what was joined and left, and what moved.

        `is_whole`: the cursors are of every conversation that the client was told of; what has none is new to it.
        """
        summaries = await self._current(peer.identity.id, held=cursors)
        for summary in summaries:
            if is_whole and summary.id not in cursors:
                peer.send(frames.ConversationFrame(conversation=self._frame(summary), change="added"))
        for gone in set(cursors) - {summary.id for summary in summaries}:
            peer.send(self.removed(Room(gone)))
        await self._go_on(peer, summaries, cursors)

    async def tell_groups(self, people: Collection[int]) -> None:
        """Tell people's sockets which user groups they are in."""
        groups = await self._groups(people)
        for id in people:
            person = self._hub.people.get(id)
            if person is not None:
                welcome = [peer for peer in person.peers if peer.is_welcome]
                write_to(welcome, frames.Groups(groups=groups.get(id, [])))

    async def _groups(self, people: Collection[int]) -> dict[int, list[int]]:
        return dict(await database.fetch(OF_PEOPLE, {"people": list(people)}))

    async def membership(self, person: int, conversations: Collection[int]) -> set[int]:
        """Find which of some conversations somebody is in."""
        return {summary.id for summary in await self._current(person, only=list(conversations))}

    async def _go_on(self, peer: Peer, summaries: list[Summary], cursors: Mapping[int, int]) -> None:
        """Let a socket into all its rooms, after what came since its cursors."""
        behind: list[tuple[Summary, int]] = []
        for summary in summaries:
            room = self._hub.rooms[summary.id]
            cursor = cursors.get(summary.id)
            if cursor is None or cursor == room.seq:
                self._hub.admit(room, peer)
            else:
                behind.append((summary, cursor))
        peer.is_welcome = True
        await self._catch_up(peer, behind, limits.EVENTS_PER_HELLO)
        person = self._hub.people.get(peer.identity.id)
        if person is not None and person.is_stale:
            person.is_stale = False
            await self.refresh(peer.identity.id, person)

    async def sync(self, peer: Peer, cursors: Mapping[int, int]) -> None:
        """Answer `sync`: `events` for each conversation, or `not_found`."""
        summaries = {each.id: each for each in await self._current(peer.identity.id, only=list(cursors))}
        behind: list[tuple[Summary, int]] = []
        for conversation, cursor in cursors.items():
            summary = summaries.get(conversation)
            if summary is None:
                peer.send(frames.Error(code="not_found", detail=DETAILS["not_found"]))
            elif cursor == self._hub.rooms[conversation].seq:
                peer.send_events(conversation, summary.first, [])
                self._hub.admit(self._hub.rooms[conversation], peer)
            else:
                behind.append((summary, cursor))
        await self._catch_up(peer, behind, limits.EVENTS_PER_HELLO)

    async def refresh(self, person_id: int, person: Person) -> None:
        """Bring a person's sockets into conversations that they are not in yet."""
        for peer in list(person.peers):
            if not peer.is_welcome:
                person.is_stale = True
        if not any(peer.is_welcome for peer in person.peers):
            return
        for summary in await self._current(person_id):
            room = self._hub.rooms[summary.id]
            for peer in person.peers:
                if peer.is_welcome and peer not in room and summary.id not in peer.catching_up:
                    peer.send(frames.ConversationFrame(conversation=self._frame(summary), change="added"))
                    self._hub.admit(room, peer)

    def removed(self, room: Room) -> frames.ConversationFrame:
        """Tell somebody who is no longer in a conversation; of the conversation itself only its id."""
        return frames.ConversationFrame(conversation=_bare(room), change="removed")

    def changed(self, room: Room, event: Rename | Archive) -> frames.ConversationFrame:
        """Tell that a conversation has another name, or was archived or opened again: the same for all who are in."""
        conversation = _bare(room)
        if isinstance(event, Rename):
            conversation.name = event.name
            return frames.ConversationFrame(conversation=conversation, change="renamed")
        conversation.is_archived = event.on
        return frames.ConversationFrame(conversation=conversation, change="archived")

    def _frame(self, summary: Summary) -> frames.Conversation:
        room = self._hub.rooms[summary.id]
        later = room.since(summary.seq) or ()
        deleted = sum(isinstance(each.event, Delete) and each.event.target > summary.read_seq for each in later)
        return summary._replace(gone=summary.gone + deleted).frame(room.seq, room.n)

    async def _current(self, person: int, only: list[int] | None = None, held: Collection[int] = ()) -> list[Summary]:
        """Read what a person is in, and bring the rooms to where they were read, or later.

        `held`: what the client has, and so most probably what the person is in. Reads again where somebody left
        meanwhile, so that nobody enters a room by a right that has ended. When this returns, every conversation given
        has an open room at its summary's seq or later, and the person is in it.
        """
        hub = self._hub
        if only is not None:
            ids = only
        elif held and all(conversation in hub.rooms for conversation in held):
            ids = []  # others follow these already; where there are more, it is read again
        else:
            ids = [row[0] for row in await database.fetch(IDS, {"person": person})]
        for _ in range(TRIES):
            hub.follow(ids)
            found = await database.fetch(SUMMARIES, summary_params(person, only=only, personal=True))
            summaries = [Summary(*row) for row in found]
            ids = [summary.id for summary in summaries]
            if any(summary.id not in hub.rooms for summary in summaries):
                continue  # joined between the two reads: follow first
            for summary in summaries:
                room = hub.rooms[summary.id]
                hub.open(room, summary.seq, summary.n)
                if room.seq is not None and room.seq < summary.seq:
                    await hub.fill(room, "read")
            if not hub.upkeep.is_confirmed():
                raise TimeoutError("rights can't be confirmed")
            if all(self._is_in(summary, person) for summary in summaries):
                return summaries
        raise TimeoutError(f"the memberships of person {person} do not come to rest")

    def _is_in(self, summary: Summary, person: int) -> bool:
        room = self._hub.rooms.get(summary.id)
        if room is None or room.seq is None or room.seq < summary.seq:
            return False
        return room.has_left(person, summary.seq) is False

    async def _catch_up(self, peer: Peer, behind: list[tuple[Summary, int]], allowance: int) -> None:
        """Send what came after the cursors, from the hub's last events where they reach, else from the database.

        Nothing live comes meanwhile, also where the socket was live before.
        """
        to_read: list[tuple[Summary, int]] = []
        sources = Counter[str]()
        for summary, cursor in behind:
            room = self._hub.rooms[summary.id]
            room.dismiss(peer)
            peer.catching_up.add(summary.id)
            assert room.seq is not None
            missing = room.seq - cursor
            recent = room.since(cursor)
            if missing < 0 or missing > limits.EVENTS_BEHIND:
                sources["gap"] += 1
                peer.send_events(summary.id, summary.first, [], gap=True)
                self._hub.admit(room, peer)
            elif recent is not None and missing <= min(limits.EVENTS_PER_CONVERSATION, allowance):
                sources["recent"] += 1
                allowance -= missing
                at = moment.now()
                seen = [entry for entry in recent if summary.sees(entry.seq) and entry.is_shown(at)]
                peer.send_events(summary.id, _first(summary, cursor, seen), seen)
                self._hub.admit(room, peer)
            elif allowance >= limits.EVENTS_PER_CONVERSATION:
                sources["log"] += 1
                allowance -= min(missing, limits.EVENTS_PER_CONVERSATION)
                to_read.append((summary, cursor))
            else:
                sources["later"] += 1
                peer.send_events(summary.id, summary.first, [], more=True)
        measures.caught_up(sources)
        if to_read:
            await self._read(peer, to_read)

    async def _read(self, peer: Peer, to_read: list[tuple[Summary, int]]) -> None:
        limit = limits.EVENTS_PER_CONVERSATION
        cursors = {summary.id: cursor for summary, cursor in to_read}
        found = history.by_conversation(
            await database.fetch(history.SINCE, history.since_params(peer.identity.id, cursors, limit))
        )
        for summary, cursor in to_read:
            if summary.id not in peer.catching_up:
                continue  # removed meanwhile, and told so
            room = self._hub.rooms.get(summary.id)
            read = found.get(summary.id, [])
            is_out = not read and cursor < summary.seq and not await self._is_all_over(summary, cursor)
            if is_out or room is None or room.seq is None or room.has_left(peer.identity.id, summary.seq) is not False:
                peer.send_events(summary.id, summary.first, [], more=True)  # the next `sync` tells what it is now
                continue
            reached = [entry for entry in read[:limit] if entry.seq <= room.seq]
            room.learn(reached)
            last = max(reached[-1].seq if reached else cursor, summary.seq)  # after it may come what is over by now
            rest = room.since(last) if len(read) <= limit else None
            if rest is None:
                peer.send_events(summary.id, _first(summary, cursor, reached), reached, more=True)
                continue
            known = {entry.seq for entry in reached}
            at = moment.now()
            later = [e for e in rest if e.seq not in known and summary.sees(e.seq) and e.is_shown(at)]
            peer.send_events(summary.id, _first(summary, cursor, reached + later), reached + later)
            self._hub.admit(room, peer)

    async def _is_all_over(self, summary: Summary, cursor: int) -> bool:
        """Tell whether all that a member would have seen since a cursor was said for a time that is over.

        Where nothing ever was, a member has seen at least the last event.
        """
        if not summary.is_disappearing:
            return False
        params = {"conversation": summary.id, "spans": Int8Multirange(summary.spans), "after": cursor}
        return bool((await database.fetch(history.ALL_OVER, params))[0][0])


def _bare(room: Room) -> frames.Conversation:
    """Make a conversation of which only id and seq mean something."""
    return frames.Conversation(
        id=room.conversation, kind="channel", name="", seq=room.seq or 0, read=0, delivered=0, unread=0,
        mentions=0, role="member", is_private=True,
    )  # fmt: skip


def _first(summary: Summary, cursor: int, events: list[Entry]) -> int:
    """Give the first seq that a client may expect: past what it doesn't get because its time is over, or it was out."""
    return events[0].seq if events and events[0].seq > cursor + 1 else summary.first
