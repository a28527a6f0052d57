"""A room gives each event once and in order, in whatever order, how often and how early it hears of them."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from messaging.entry import Entry, instant
from messaging.protocol.events import Message
from messaging.room import RECENT, Room


def _entry(seq: int) -> Entry:
    at = instant(datetime(2026, 1, 1, tzinfo=UTC))
    return Entry(Message(conversation=1, seq=seq, id=UUID(int=seq), user=1, at=at, body=f"{seq}"), seq)


def _deliver(room: Room, entries: list[Entry]) -> list[int]:
    for entry in entries:
        room.deliver(entry)
    return [entry.seq for entry in entries]


HEARD = st.lists(st.integers(1, 30), max_size=80)


@given(heard=HEARD, opened_after=st.integers(0, 80), head=st.integers(0, 30))
def test_shuffled_doubled_and_lost(heard: list[int], opened_after: int, head: int) -> None:
    room = Room(1)
    given_out: list[int] = []
    for nth, seq in enumerate(heard):
        if nth == opened_after:
            given_out += _deliver(room, room.open(head, head))
        given_out += _deliver(room, room.take(_entry(seq)))
        if room.seq is None:
            assert given_out == []
    if room.seq is None:
        given_out += _deliver(room, room.open(head, head))
    reached = head
    while reached + 1 in heard:
        reached += 1
    # What was heard and forgotten before the opening is what the log's head held already.
    assert given_out == list(range(head + 1, reached + 1))
    filled = [seq for each in range(reached + 1, 31) for seq in _deliver(room, room.take(_entry(each)))]
    assert filled == list(range(reached + 1, 31))
    assert not room.early


@given(length=st.integers(0, 250), cursor=st.integers(0, 300))
def test_what_it_remembers(length: int, cursor: int) -> None:
    room = Room(1)
    room.open(0, 0)
    for seq in range(1, length + 1):
        _deliver(room, room.take(_entry(seq)))
    recent = room.since(cursor)
    if cursor > length or length - cursor > RECENT:
        assert recent is None
    else:
        assert recent is not None
        assert [entry.seq for entry in recent] == list(range(cursor + 1, length + 1))


@given(
    head=st.integers(0, 250),
    later=st.integers(0, 120),
    first=st.integers(1, 250),
    holes=st.sets(st.integers(1, 250), max_size=3),
    cursor=st.integers(0, 370),
)
def test_what_it_learns_of_a_reader(head: int, later: int, first: int, holes: set[int], cursor: int) -> None:
    read = [_entry(seq) for seq in range(first, head + 1) if seq not in holes]
    room = Room(1)
    room.learn(read)  # nothing is known of its head yet
    assert room.since(head) is None
    room.open(head, head)
    for seq in range(head + 1, head + later + 1):
        _deliver(room, room.take(_entry(seq)))
    room.learn(read)
    unknown = max([first - 1, *(hole for hole in holes if hole <= head)])
    reach = max(min(unknown, head), head + later - RECENT, 0)  # everything after it is known
    recent = room.since(cursor)
    if reach <= cursor <= head + later:
        assert recent is not None
        assert [entry.seq for entry in recent] == list(range(cursor + 1, head + later + 1))
    else:
        assert recent is None
