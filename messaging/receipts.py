"""How far people have received and read: gathered in the hub, written once a second, and told at most that often.

It is told to people's own sockets, on all processes, and to those that watch the conversation, where it is small.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from messaging import database, hidden
from messaging.entry import instant
from messaging.peers import write_to
from messaging.protocol import frames
from messaging.pulse import Pulse

if TYPE_CHECKING:
    from messaging.hub import Hub

#: Advance what moved forward, within the log and what the person sees; one row of receipts for each advance.
ADVANCE = """
with input as (
    select * from unnest(
        %(people)s::bigint[], %(conversations)s::bigint[], %(reads)s::bigint[], %(delivered)s::bigint[]
    ) as t (person_id, conversation_id, read, delivered)
), advanced as (
    update membership m set
        read_seq = greatest(m.read_seq, e.seq), read_n = greatest(m.read_n, e.n),
        delivered_seq = greatest(m.delivered_seq, least(i.delivered, h.seq), e.seq)
    from input i join head h on h.conversation_id = i.conversation_id
    cross join lateral (
        select coalesce(max(e.seq), 0) as seq, coalesce(max(e.n), 0) as n
        from event e where e.conversation_id = i.conversation_id and e.seq = least(i.read, h.seq)
    ) e
    where m.conversation_id = i.conversation_id and m.person_id = i.person_id and upper_inf(m.spans)
        and (e.seq > m.read_seq or least(i.delivered, h.seq) > m.delivered_seq)
    returning m.conversation_id, m.person_id, m.read_seq, m.delivered_seq
)
insert into receipt (conversation_id, person_id, read, delivered) select * from advanced
returning conversation_id, person_id, read, delivered, at
"""


class Receipts:
    """What was read and received since the last flush, and what is to be told of it."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._moved: dict[tuple[int, int], tuple[int, int]] = {}
        self._news: dict[int, dict[int, frames.ReceiptEntry]] = {}
        self.pulse = Pulse(self.tell)

    def advance(self, person: int, conversation: int, *, read: int = 0, delivered: int = 0) -> None:
        """Note how far somebody has got; positions only ever advance."""
        was_read, was_delivered = self._moved.get((person, conversation), (0, 0))
        self._moved[person, conversation] = max(read, was_read), max(delivered, was_delivered, read)

    async def flush(self) -> None:
        """Write down the advances, and have them told here and elsewhere."""
        if not self._moved:
            return
        moved, self._moved = self._moved, {}
        try:
            found = await database.fetch(
                ADVANCE,
                {
                    "people": [person for person, _ in moved],
                    "conversations": [conversation for _, conversation in moved],
                    "reads": [read for read, _ in moved.values()],
                    "delivered": [delivered for _, delivered in moved.values()],
                },
            )
        except BaseException:
            for (person, conversation), (read, delivered) in moved.items():
                self.advance(person, conversation, read=read, delivered=delivered)
            raise
        news = [[*row, instant(at)] for *row, at in found]
        self.heard(news)
        self._hub.watching.tell_others("receipts", news)

    def heard(self, news: Iterable[Sequence[Any]]) -> None:
        """Take advances that were written down, here or in another process: rows of ADVANCE, `at` as text."""
        for conversation, person, read, delivered, at in news:
            if person in self._hub.people or self._hub.watching.is_watched(conversation):
                entry = frames.ReceiptEntry(user=person, read=read, delivered=delivered, at=at)
                self._news.setdefault(conversation, {})[person] = entry
                self.pulse.want()

    async def tell(self) -> None:
        """Tell the news: one frame a conversation to each socket that watches it, or that is of whoever advanced.

        What is of a conversation whose size is not known yet is told next time.
        """
        people: set[int] = set().union(*self._news.values())
        hides = {person for person, _ in await hidden.among(people, "receipts")}
        if not self._hub.upkeep.is_confirmed():
            self.pulse.want()
            return
        news, self._news = self._news, {}
        for conversation, entries in news.items():
            if entries.keys() <= people:
                self._tell(conversation, entries, hides)
            else:  # came meanwhile
                self._news[conversation] = entries
                self.pulse.want()

    def _tell(self, conversation: int, entries: dict[int, frames.ReceiptEntry], hides: Collection[int]) -> None:
        watchers = self._hub.watching.sockets(conversation)
        is_small = self._hub.watching.is_small(conversation) if watchers else False
        if is_small is None:
            self._news[conversation] = {**entries, **self._news.get(conversation, {})}
            self.pulse.want()
            return
        told = set(watchers) if is_small else set()
        shown = [entry for person, entry in entries.items() if person not in hides]
        if shown:
            write_to(told, frames.Receipt(conversation=conversation, receipts=shown))
        for person, entry in entries.items():
            own = self._hub.people.get(person)
            if own is not None:
                others = own.peers if person in hides else own.peers - told
                write_to(others, frames.Receipt(conversation=conversation, receipts=[entry]))
