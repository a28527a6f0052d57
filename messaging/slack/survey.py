"""The first pass: every day file is read before anything is written, and what the second pass needs is noted."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from messaging.slack import records
from messaging.slack.archive import CONVERSATION_FILES, PEOPLE_FILES, Archive
from messaging.slack.convert import changed
from messaging.slack.moments import micros
from messaging.slack.records import Listed, Message, Unreadable
from messaging.slack.roster import Roster

CHANGES = ("message_changed", "message_deleted")

#: Called with what is worked on, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]


def quietly(title: str, done: int, of: int) -> None:
    """Show no progress."""


class Place(NamedTuple):
    """Where in its conversation's log a record belongs: it sorts. Times in microseconds since 1970."""

    at: int
    #: A reply that is older than its root (by a bridge's or another clock) comes right after the root.
    is_after: bool
    said_at: int


def place(message: Message) -> Place | None:
    """Tell where a record belongs; None without a time."""
    at = micros(message.ts)
    if at is None:
        return None
    root = None if message.thread_ts is None or message.thread_ts == message.ts else micros(message.thread_ts)
    return Place(at, False, at) if root is None or root <= at else Place(root, True, at)


class Room(msgspec.Struct):
    """A conversation of the export."""

    kind: str
    listed: Listed
    #: Its day files: the first and the last place of their records, and the name.
    days: list[tuple[int, int, str]] = []
    records: int = 0
    #: Messages that others point at, by microseconds: only their place in the log is remembered.
    pointed_at: set[int] = set()
    #: What messages said before their first edit or deletion, where the export tells it, and when that was.
    firsts: dict[int, tuple[int, Message]] = {}

    def stretches(self) -> Iterator[list[str]]:
        """Group the day files whose times overlap: no record of a group belongs before one of an earlier group."""
        group: list[str] = []
        end = -1
        for first, last, member in sorted(self.days):
            if group and first > end:
                yield group
                group = []
            group.append(member)
            end = max(end, last)
        if group:
            yield group


class Survey:
    """What an archive holds. `strays` counts records in folders of no conversation."""

    def __init__(self, archive: Archive, progress: Progress = quietly) -> None:
        """Read all of the archive once; raises UnusableExport where any of it is broken."""
        people = (
            a for name in PEOPLE_FILES if name in archive.tops for a in records.accounts(name, archive.read(name))
        )
        self.roster = Roster(people)
        self.rooms: list[Room] = []
        self.strays: dict[str, int] = {}
        for name, kind in CONVERSATION_FILES.items():
            if name in archive.tops:
                self.rooms += [Room(kind, listed) for listed in records.listed(name, archive.read(name))]
        # A private channel may stand in two of the lists.
        self.rooms = list({room.listed.id: room for room in reversed(self.rooms)}.values())[::-1]
        self._read_days(archive, progress)

    @property
    def records(self) -> int:
        """Count the records of all day files."""
        return sum(room.records for room in self.rooms) + sum(self.strays.values())

    def _read_days(self, archive: Archive, progress: Progress) -> None:
        folders = {room.listed.name: room for room in self.rooms if room.listed.name}
        folders |= {room.listed.id: room for room in self.rooms}
        done, of = 0, sum(map(len, archive.days.values()))
        for folder, members in archive.days.items():
            room = folders.get(folder)
            done += len(members)
            progress("day files read", done, of)
            for member in sorted(members):
                messages = records.messages(member, archive.read(member))
                if room is None:
                    self.strays[member] = len(messages)
                    continue
                room.days.append((*_note(room, self.roster, messages), member))
        for each in self.rooms:
            self.roster.meet_ids(each.listed.members or ())


def _note(room: Room, roster: Roster, messages: list[Message] | list[Message | Unreadable]) -> tuple[int, int]:
    """Take a day's records into account; gives the first and the last place of them."""
    first, last = None, 0
    room.records += len(messages)
    for message in messages:
        if isinstance(message, Unreadable):
            continue
        roster.meet(message)
        spot = place(message)
        if spot is None:
            continue
        first = spot.at if first is None or spot.at < first else first
        last = max(last, spot.at)
        if message.thread_ts is not None and message.thread_ts != message.ts:
            room.pointed_at.add(micros(message.thread_ts) or 0)
        if message.subtype in CHANGES:
            _note_change(room, message, spot.at)
    return first or 0, last


def _note_change(room: Room, message: Message, at: int) -> None:
    target, before = changed(message), message.before
    if target is None:
        return
    room.pointed_at.add(target)
    if before is not None and (target not in room.firsts or at < room.firsts[target][0]):
        room.firsts[target] = (at, before)
