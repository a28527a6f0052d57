"""How far people have received and read: gathered in the hub, written once a second, told to their own sockets."""

from typing import TYPE_CHECKING

from messaging import database
from messaging.entry import instant
from messaging.protocol import frames

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
    """What was read and received since the last flush."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._moved: dict[tuple[int, int], tuple[int, int]] = {}

    def advance(self, person: int, conversation: int, *, read: int = 0, delivered: int = 0) -> None:
        """Note how far somebody has got; positions only ever advance."""
        was_read, was_delivered = self._moved.get((person, conversation), (0, 0))
        self._moved[person, conversation] = max(read, was_read), max(delivered, was_delivered, read)

    async def flush(self) -> None:
        """Write down the advances and tell them to the sockets of whose they are."""
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
        for conversation, person, read, delivered, at in found:
            entry = frames.ReceiptEntry(user=person, read=read, delivered=delivered, at=instant(at))
            own = self._hub.people.get(person)
            for peer in own.peers if own is not None else ():
                peer.send(frames.Receipt(conversation=conversation, receipts=[entry]))
