"""Who is in a conversation."""

from messaging.database import Rows
from messaging.protocol import limits
from messaging.protocol.bodies import Member
from messaging.protocol.frames import Person

_MEMBER = "u.id, u.username, u.name, u.kind = 'bot', m.role"
_NEXT = "lower(u.username) > lower(%(after)s) order by lower(u.username) limit %(limit)s"
#: A small room's members are looked up and sorted. Of a large one they are met soon among all people in their order;
#: `offset 0` keeps the planner, which may take any room for a small one, from sorting them all.
_PAGE = f"""
select {_MEMBER} from membership m join "user" u on u.id = m.person_id
where m.conversation_id = %(conversation)s and upper_inf(m.spans) and {_NEXT}
"""
_PAGE_OF_LARGE = f"""
select {_MEMBER} from "user" u cross join lateral (
    select m.role from membership m
    where m.conversation_id = %(conversation)s and m.person_id = u.id and upper_inf(m.spans) offset 0
) m
where {_NEXT}
"""
#: Where the two cost the same, in a workspace of 200,000.
LARGE = 5_000
_IS_LARGE = """
select count(*) > %(large)s from (
    select from membership m where m.conversation_id = %(conversation)s limit %(large)s + 1) found
"""
_COUNT = """
select count(*) from (
    select from membership m where m.conversation_id = %s and upper_inf(m.spans) limit %s) found
"""


def page(rows: Rows, conversation: int, *, after: str, limit: int) -> list[Member]:
    """List members by username. The caller has checked that the conversation is open to whoever asks."""
    is_large = rows(_IS_LARGE, {"conversation": conversation, "large": LARGE})[0][0]
    params = {"conversation": conversation, "after": after, "limit": limit}
    found = rows(_PAGE_OF_LARGE if is_large else _PAGE, params)
    return [
        Member(user=Person(id=id, username=username, name=name, is_bot=is_bot), role=role)
        for id, username, name, is_bot, role in found
    ]


def count(rows: Rows, conversation: int) -> int:
    """Count the members, up to a bound: what one asks costs the same in a room of any size."""
    return int(rows(_COUNT, [conversation, limits.MEMBERS_COUNTED])[0][0])
