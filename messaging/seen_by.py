"""Who has received and read an event: counts for any conversation, people and times for a small one."""

from messaging.database import Rows
from messaging.entry import instant
from messaging.hidden import hides
from messaging.protocol import limits
from messaging.protocol.bodies import Reached, SeenBy
from messaging.rights import MAY_READ, MAY_SEE

#: The event (the last one that is seen, where none is named), as far as whoever asks may see it.
_EVENT = f"""
select e.seq, e.author_id from membership m
join "user" u on u.id = m.person_id join conversation c on c.id = m.conversation_id
join event e on e.conversation_id = c.id and {MAY_SEE}
where m.conversation_id = %(conversation)s and m.person_id = %(person)s and {MAY_READ}
"""
_NAMED, _LAST = "and e.seq = %(seq)s", "order by e.seq desc limit 1"
#: Its audience: members now to whom it is shown.
_AUDIENCE = """
from membership m where m.conversation_id = %(conversation)s and upper_inf(m.spans)
    and m.person_id <> %(author)s and m.spans @> %(seq)s::bigint
"""
#: Who hides receipts counts as not having got it.
_HIDES = hides("m.person_id", "receipts")
_COUNTS = f"""
select count(*), count(*) filter (where m.delivered_seq >= %(seq)s and not {_HIDES}),
    count(*) filter (where m.read_seq >= %(seq)s and not {_HIDES})
{_AUDIENCE}
"""
#: Positions only ever advance, so the first receipt that reaches the event has the least position that does.
_TIMES = f"""
select m.person_id,
    (select r.at from receipt r where r.conversation_id = m.conversation_id and r.person_id = m.person_id
        and r.delivered >= %(seq)s order by r.delivered, r.id limit 1),
    (select r.at from receipt r where r.conversation_id = m.conversation_id and r.person_id = m.person_id
        and r.read >= %(seq)s order by r.read, r.id limit 1)
{_AUDIENCE} and m.delivered_seq >= %(seq)s and not {_HIDES} order by m.person_id
"""


def seen_by(rows: Rows, person: int, conversation: int, seq: int | None) -> SeenBy | None:
    """Tell who has received and read an event, by default the last; None where it isn't there or isn't seen."""
    found = rows(
        _EVENT + (_LAST if seq is None else _NAMED), {"conversation": conversation, "person": person, "seq": seq}
    )
    if not found:
        return None
    params = {"conversation": conversation, "seq": found[0][0], "author": found[0][1]}
    members, delivered, read = rows(_COUNTS, params)[0]
    receipts = None
    if members < limits.NAMED_RECEIPTS:  # the author is not counted
        receipts = [
            Reached(
                user=user,
                delivered_at=instant(delivered_at) if delivered_at else None,
                read_at=instant(read_at) if read_at else None,
            )
            for user, delivered_at, read_at in rows(_TIMES, params)
        ]
    return SeenBy(seq=params["seq"], members=members, delivered=delivered, read=read, receipts=receipts)
