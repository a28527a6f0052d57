"""What an edited message said before: the record keeps every version, and members see them where the workspace lets."""

from accounts import workspace
from messaging.database import Rows
from messaging.entry import instant
from messaging.protocol.bodies import Version
from messaging.protocol.codec import Refused
from messaging.rights import MAY_SEE, READER

#: The message's own words and those of its edits, as far as this person may see either. What was deleted has none.
_PAGE = f"""
with reader as (select m.spans from {READER})
select e.seq, coalesce(e.body, ''), coalesce(e.said_at, e.at) from reader m, event e
where e.conversation_id = %(conversation)s and e.seq > %(after)s and {MAY_SEE}
    and (e.seq = %(seq)s and e.kind = 'message' or e.target = %(seq)s and e.kind = 'edit')
    and exists (select from event e where e.conversation_id = %(conversation)s and e.seq = %(seq)s and {MAY_SEE})
    and not exists (
        select from message_state s
        where s.conversation_id = %(conversation)s and s.seq = %(seq)s and s.deleted_at is not null)
order by e.seq limit %(limit)s
"""


def check_shown() -> None:
    """Raise Refused where the workspace shows nobody what a message said before."""
    if workspace.value("edit_history") != "yes":
        raise Refused("forbidden", "This workspace doesn't show what a message said before it was edited.")


def page(rows: Rows, person: int, conversation: int, seq: int, *, after: int, limit: int) -> list[Version]:
    """List what a message said, first to last, the present words included; nothing where there is no such message."""
    params = {"person": person, "conversation": conversation, "seq": seq, "after": after, "limit": limit}
    return [Version(seq=at, body=body, at=instant(said_at)) for at, body, said_at in rows(_PAGE, params)]
