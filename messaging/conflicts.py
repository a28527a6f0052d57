"""Conversations in which a barrier's two sides sit together: what was there before the wall, for somebody to mend."""

from typing import NamedTuple

from accounts.authority.barriers import walled
from messaging.database import Rows


class Conflict(NamedTuple):
    """Two members of a conversation who are walled off from each other. Of the conversation, facts only."""

    conversation: int
    kind: str
    name: str
    one: int
    one_username: str
    other: int
    other_username: str


#: Starts from the segments, which are few, not from memberships, which are many.
_PAGE = f"""
select c.id, c.kind, c.name, a.person_id, ua.username, b.person_id, ub.username
from membership a join membership b using (conversation_id)
join conversation c on c.id = a.conversation_id
join "user" ua on ua.id = a.person_id join "user" ub on ub.id = b.person_id
where a.person_id in (select user_id from segment_member) and b.person_id in (select user_id from segment_member)
    and a.person_id < b.person_id and upper_inf(a.spans) and upper_inf(b.spans) and c.archived_at is null
    and {walled("a.person_id", "b.person_id")}
    and (c.id, a.person_id, b.person_id) > (%(conversation)s, %(one)s, %(other)s)
order by c.id, a.person_id, b.person_id limit %(limit)s
"""


def page(rows: Rows, *, after: tuple[int, int, int] = (0, 0, 0), limit: int = 50) -> list[Conflict]:
    """List conflicts by conversation and people; `after` is the last one's three ids."""
    conversation, one, other = after
    params = {"conversation": conversation, "one": one, "other": other, "limit": limit}
    return [Conflict(*row) for row in rows(_PAGE, params)]
