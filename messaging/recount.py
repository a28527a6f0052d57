"""What is unread and who is wanted, counted anew from the logs alone, to hold against what queries show.

It reads the events of every conversation that somebody is in, what was noted of the reading, of user groups, and of the
barriers that stood; no row that the log's triggers wrote is asked but for which conversations there are. It keeps
a conversation's messages in memory: a command for operators and tests, not for requests.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from accounts.authority.barriers import walled
from messaging import conversations, entry, history, moment, personal, threads
from messaging.database import Rows
from messaging.entry import Entry
from messaging.past_walls import PastWalls
from messaging.protocol import events

#: Events and threads read at once.
STRIDE = 2000

_MINE = "select conversation_id from membership where person_id = %(person)s order by 1"
_READ = "select coalesce(max(read), 0) from receipt where person_id = %(person)s and conversation_id = %(conversation)s"

_FIRSTS = """
select seq, (payload ->> 'from')::bigint from event where conversation_id = %(conversation)s and kind = 'join'
"""


_GROUPS = "select group_id, since, until from user_group_member where person_id = %(person)s"
_IS_WALLED = f"select {walled('%(one)s::bigint', '%(other)s::bigint')}"


class Counts(NamedTuple):
    """What somebody has still to read in a conversation; `threads`: by root, of those that are followed."""

    unread: int
    mentions: int
    threads: dict[int, int]


class _Own:
    """What the own log says of threads."""

    def __init__(self, rows: Rows, person: int) -> None:
        self.follows: dict[tuple[int, int], bool] = {}
        self.seen: dict[tuple[int, int], int] = {}
        conversation = personal.find(rows, person)
        for each in _log(rows, conversation) if conversation is not None else ():
            match each.event:
                case events.Follow(where=where, root=root, on=on):
                    self.follows[where, root] = on
                case events.Seen(where=where, root=root, read=read):
                    self.seen[where, root] = max(read, self.seen.get((where, root), 0))


class _Groups:
    """The user groups that somebody is or was in, and from whom a barrier keeps the person now."""

    def __init__(self, rows: Rows, person: int) -> None:
        self._rows, self._person = rows, person
        self._spans: dict[int, list[tuple[str, str | None]]] = {}
        for group, since, until in rows(_GROUPS, {"person": person}):
            span = (entry.instant(since), None if until is None else entry.instant(until))
            self._spans.setdefault(group, []).append(span)

    def are_meant(self, message: events.Message) -> bool:
        """Tell whether a message wants the person as one of a group."""
        is_in = any(
            since <= message.at and (until is None or message.at < until)
            for who in message.mentions
            if isinstance(who, events.GroupMention)
            for since, until in self._spans.get(who.group, ())
        )
        return is_in and not self._rows(_IS_WALLED, {"one": self._person, "other": message.user})[0][0]


class _Reader:
    """One person in one conversation, event by event."""

    def __init__(self, person: int, read: int, groups: _Groups, walls: PastWalls) -> None:
        self.person = person
        self.groups = groups
        self.walls = walls
        self.now = moment.now()
        self.read = read
        self.is_in = False
        self.messages: dict[int, events.Message] = {}
        self.seen: set[int] = set()
        self.deleted: set[int] = set()
        self.concerned: set[int] = set()

    def take(self, event: events.Event, first: int | None) -> None:
        """Go on by one event; `first`: from which seq a join shows the log, where it says so."""
        match event:
            case events.Join(member=self.person):
                shown_from = event.seq if first is None else first
                self.seen.update(seq for seq in self.messages if seq >= shown_from)
                self.is_in, self.read = True, max(self.read, event.seq)
            case events.Leave(member=self.person):
                self.is_in = False
            case events.Message():
                self.messages[event.seq] = event
                if self.is_in:
                    self.seen.add(event.seq)
                self._note(event)
            case events.Delete():
                self.deleted.add(event.target)

    def _note(self, event: events.Message) -> None:
        """Note whether a reply makes its thread one that concerns this person."""
        root = self.messages.get(event.thread) if event.thread is not None else None
        if root is not None:
            is_mentioned = self.person in event.mentions and self.is_in
            if self.person in (event.user, root.user) or is_mentioned:
                self.concerned.add(root.seq)

    def counts(self, conversation: int, own: _Own) -> Counts:
        """Count."""
        later = [message for seq, message in self.messages.items() if seq > self.read and self._counts(message)]
        mentions = [message for message in later if self._is_wanted(message)]
        replies: dict[int, list[events.Message]] = {}
        for message in self.messages.values():
            if message.thread is not None:
                replies.setdefault(message.thread, []).append(message)
        unread = {
            root: self._unread(replies[root], own.seen.get((conversation, root), 0))
            for root in replies
            if root in self.seen
            and self._is_shown(self.messages[root])
            and own.follows.get((conversation, root), self._is_concerned(root, replies[root]))
        }
        return Counts(len(later), len(mentions), unread)

    def _is_shown(self, message: events.Message) -> bool:
        return message.expires_at is None or message.expires_at > self.now

    def _counts(self, message: events.Message) -> bool:
        return message.seq not in self.deleted and self._is_shown(message)

    def _is_wanted(self, message: events.Message) -> bool:
        """Tell whether a message wants the person, who may have been behind a barrier from its author when it did."""
        by_name = self.person in message.mentions and not self.walls.stood(
            self.person, message.user, datetime.fromisoformat(message.at)
        )
        by_call = "channel" in message.mentions or "here" in message.mentions
        return by_name or by_call or self.groups.are_meant(message)

    def _is_concerned(self, root: int, replies: list[events.Message]) -> bool:
        by_group = (reply.seq in self.seen and self.groups.are_meant(reply) for reply in replies)
        return root in self.concerned or any(by_group)

    def _unread(self, replies: list[events.Message], seen: int) -> int:
        visible = [reply for reply in replies if reply.seq in self.seen and self._is_shown(reply)]
        read = max([seen, *(reply.seq for reply in visible if reply.user == self.person)])
        return sum(reply.seq > read and reply.seq not in self.deleted for reply in visible)


def _log(rows: Rows, conversation: int) -> Iterator[Entry]:
    after = 0
    while found := rows(history.GAP, {"conversation": conversation, "after": after, "limit": STRIDE}):
        for row in found:
            yield entry.of_row(row)
        after = found[-1][1]


def _firsts(rows: Rows, conversation: int) -> dict[int, int | None]:
    """From which seq each join shows the log, by its own seq: the server's business, so on no event."""
    return dict(rows(_FIRSTS, {"conversation": conversation}))


def recount(rows: Rows, person: int) -> dict[int, Counts]:
    """Count from scratch what a person has still to read, by conversation, of those that the person is in."""
    own, groups, walls = _Own(rows, person), _Groups(rows, person), PastWalls(rows)
    counted: dict[int, Counts] = {}
    for (conversation,) in rows(_MINE, {"person": person}):
        ((read,),) = rows(_READ, {"person": person, "conversation": conversation})
        reader, firsts = _Reader(person, read, groups, walls), _firsts(rows, conversation)
        for each in _log(rows, conversation):
            reader.take(each.event, firsts.get(each.seq))
        if reader.is_in:
            counted[conversation] = reader.counts(conversation, own)
    return counted


def shown(rows: Rows, person: int) -> dict[int, Counts]:
    """Give what `welcome`, `GET /conversations` and `GET /threads` show of the same."""
    found = {
        each.id: Counts(each.frame().unread, each.mentions, {})
        for each in conversations.summaries(rows, person, personal=True)
    }
    place: threads.Place | None = None
    while True:
        page, place = threads.followed(rows, person, before=place, limit=STRIDE)
        for thread in page:
            found[thread.conversation].threads[thread.root] = thread.unread
        if place is None:
            return found
