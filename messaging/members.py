"""Who is in a conversation."""

from messaging.database import Rows
from messaging.protocol.bodies import Member
from messaging.protocol.frames import Person

_PAGE = """
select u.id, u.username, u.name, u.kind = 'bot', m.role from membership m join "user" u on u.id = m.person_id
where m.conversation_id = %(conversation)s and upper_inf(m.spans) and lower(u.username) > lower(%(after)s)
order by lower(u.username) limit %(limit)s
"""
_COUNT = "select count(*) from membership m where m.conversation_id = %s and upper_inf(m.spans)"


def page(rows: Rows, conversation: int, *, after: str, limit: int) -> list[Member]:
    """List members by username. The caller has checked that the conversation is open to whoever asks."""
    found = rows(_PAGE, {"conversation": conversation, "after": after, "limit": limit})
    return [
        Member(user=Person(id=id, username=username, name=name, is_bot=is_bot), role=role)
        for id, username, name, is_bot, role in found
    ]


def count(rows: Rows, conversation: int) -> int:
    """Count the members."""
    return int(rows(_COUNT, [conversation])[0][0])
