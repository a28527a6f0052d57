"""Public channels: finding them, and joining them."""

from typing import Any

from django.db import transaction

from messaging import conversations
from messaging.database import Rows, rows
from messaging.heads import hold
from messaging.protocol.bodies import Channel
from messaging.protocol.codec import Refused
from messaging.rights import IS_WALLED_FROM_MEMBERS, WALLED_FROM_MEMBERS

#: Members are counted up to here: a page of channels costs the same whatever their size.
MOST_COUNTED = 1000

NOT_THERE = "There is no such channel, or it isn't open to you."

_IS_PUBLIC = "c.kind = 'channel' and not c.is_private and c.shown_at is not null"
_IS_OPEN = f"not {IS_WALLED_FROM_MEMBERS.format(conversation='c.id')}"
_PAGE = f"""
select c.id, c.name, c.topic, c.purpose, (
        select count(*) from (
            select from membership o where o.conversation_id = c.id and upper_inf(o.spans) limit {MOST_COUNTED}
        ) counted),
    exists (select from membership m where m.conversation_id = c.id and m.person_id = %(person)s and upper_inf(m.spans))
from conversation c
where {_IS_PUBLIC} and c.archived_at is null and lower(c.name) like lower(%(containing)s)
    and (%(after)s::text is null or (lower(c.name), c.id) > (lower(%(after)s), %(after_id)s::bigint))
    and not exists (select from ban b where b.conversation_id = c.id and b.person_id = %(person)s) and {_IS_OPEN}
order by lower(c.name), c.id limit %(limit)s
"""
_STATE = f"""
select c.archived_at is not null,
    exists (select from membership m where m.conversation_id = c.id and m.person_id = %(person)s and upper_inf(m.spans))
from conversation c where c.id = %(conversation)s and {_IS_PUBLIC}
"""


def page(rows: Rows, person: int, part: str, *, after: tuple[str, int] | None, limit: int) -> list[Channel]:
    """List public channels whose names contain something, by name: those that this person is in, or may join."""
    literal = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    name, id = after or (None, None)
    params: dict[str, Any] = {"person": person, "containing": f"%{literal}%", "after": name, "after_id": id}
    found = rows(_PAGE, params | {"limit": limit})
    return [
        Channel(id=id, name=name, topic=topic, purpose=purpose, members=members, is_member=is_member)
        for id, name, topic, purpose, members, is_member in found
    ]


def join(conversation: int, person: int) -> bool:
    """Join a public channel; False where one is in already. Raises Refused, also for what is not there or not open."""
    with transaction.atomic():
        hold(rows, [conversation])
        found = rows(_STATE, {"conversation": conversation, "person": person})
        if not found:
            raise Refused("not_found", NOT_THERE)
        is_archived, is_member = found[0]
        if is_member:
            return False
        if rows(WALLED_FROM_MEMBERS, {"conversation": conversation, "person": person})[0][0]:
            raise Refused("not_found", NOT_THERE)
        if is_archived:
            raise Refused("archived", "This channel is archived: nobody joins it any more.")
        conversations.let_in(conversation, by=person, member=person, if_banned="You are banned from this channel.")
    return True
