"""Threads as one person has them: which are followed, who takes part, what is unread. All of it read from the log.

One follows what one has said something in, or was mentioned in (`thread_follow`, which the log's trigger writes; by a
user group, `mention`),
unless one has said otherwise (`follow` in one's own log).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from messaging.database import Rows
from messaging.entry import instant
from messaging.protocol.bodies import Thread
from messaging.rights import MAY_READ, MAY_SEE
from messaging.user_groups import meant

#: People named of those who take part, the first to reply first.
PARTICIPANTS = 10

_SAID = "own.person_id = %(person)s and own.key = f.conversation_id || '/' || f.root"
#: Mentions in threads of the groups that this person is or was in: nothing is written for each member.
_OF_GROUPS = f"""
from mention a where a.group_id in (select group_id from user_group_member where person_id = %(person)s)
    and a.thread is not null and {meant("%(person)s")}"""
_FOLLOWED = f"""coalesce(
    (select (own.value ->> 'on')::boolean from personal_state own where {_SAID} and own.kind = 'follow'),
    exists (select 1 from thread_follow t where t.person_id = %(person)s
        and t.conversation_id = f.conversation_id and t.root = f.root)
    or exists (select 1 {_OF_GROUPS} and a.conversation_id = f.conversation_id and a.thread = f.root
        and a.seq <@ m.spans))"""
_ALL = f"""
    select conversation_id, root from thread_follow where person_id = %(person)s
    union
    select a.conversation_id, a.thread {_OF_GROUPS}
    union
    select (value ->> 'where')::bigint, (value ->> 'root')::bigint from personal_state
    where person_id = %(person)s and kind = 'follow' and (value ->> 'on')::boolean
"""
_SOME = "select %(conversation)s::bigint as conversation_id, unnest(%(roots)s::bigint[]) as root"

#: The root and its state are looked up by their keys: `offset 0` keeps the planner from reading all of a conversation's
#: for each candidate. Replies are read once, a thread at a time.
_THREADS = """
with candidate as ({candidates}),
chosen as (
    select f.conversation_id, f.root, m.spans, state.last_reply_at as moved_at, {followed} as is_followed,
        coalesce((select (own.value ->> 'read')::bigint from personal_state own where {said} and own.kind = 'seen'), 0)
            as seen
    from candidate f
    join membership m on m.conversation_id = f.conversation_id and m.person_id = %(person)s
    join "user" u on u.id = m.person_id join conversation c on c.id = m.conversation_id and {may_read}
    cross join lateral (select * from event e
        where e.conversation_id = f.conversation_id and e.seq = f.root and e.kind = 'message' offset 0) e
    cross join lateral (select * from message_state s
        where s.conversation_id = f.conversation_id and s.seq = f.root and s.last_reply_at is not null offset 0) state
    where {may_see} and {narrowed}
    order by state.last_reply_at desc, f.conversation_id desc, f.root desc
    limit %(limit)s::bigint
)
select m.conversation_id, m.root, m.moved_at, m.is_followed, n.replies, n.last_reply_at, n.read, n.unread,
    n.participants
from chosen m cross join lateral (
    with reply as materialized (
        select e.seq, e.author_id, coalesce(e.said_at, e.at) as at,
            exists (select 1 from message_state s where s.conversation_id = e.conversation_id and s.seq = e.seq
                and s.deleted_at is not null) as is_deleted
        from event e where e.conversation_id = m.conversation_id and e.thread = m.root and {may_see}
    ), counted as (
        select count(*) filter (where not is_deleted) as replies, max(at) as last_reply_at,
            greatest(m.seen, max(seq) filter (where author_id = %(person)s)) as read
        from reply
    )
    select counted.*, (select count(*) from reply where seq > counted.read and not is_deleted) as unread,
        array(select author_id from reply where not is_deleted group by 1 order by min(seq) limit {participants})
            as participants
    from counted
) n
order by m.moved_at desc, m.conversation_id desc, m.root desc
"""


def _threads(candidates: str, narrowed: str) -> str:
    return _THREADS.format(
        candidates=candidates,
        narrowed=narrowed,
        followed=_FOLLOWED,
        said=_SAID,
        may_read=MAY_READ,
        may_see=MAY_SEE,
        participants=PARTICIPANTS,
    )


#: Threads that a person follows, the one that moved last first.
FOLLOWED = _threads(
    _ALL,
    f"""{_FOLLOWED} and (%(before_at)s::timestamptz is null
        or (state.last_reply_at, f.conversation_id, f.root)
            < (%(before_at)s::timestamptz, %(before)s::bigint, %(before_root)s::bigint))""",
)
#: Some threads of a conversation, followed or not.
SOME = _threads(_SOME, "true")

#: Where the next page goes on: when a thread moved, its conversation and root.
Place = tuple[datetime, int, int]


def _thread(row: Sequence[Any]) -> Thread:
    conversation, root, _moved_at, is_followed, replies, last_reply_at, read, unread, participants = row
    return Thread(
        conversation=conversation,
        root=root,
        followed=is_followed,
        replies=replies,
        last_reply_at=None if last_reply_at is None else instant(last_reply_at),
        read=read,
        unread=unread,
        participants=participants,
    )


def followed(rows: Rows, person: int, *, before: Place | None, limit: int) -> tuple[list[Thread], Place | None]:
    """List the threads that a person follows and may read, latest first; with where the next page begins."""
    at, conversation, root = before or (None, 0, 0)
    params = {"person": person, "before_at": at, "before": conversation, "before_root": root, "limit": limit + 1}
    found = rows(FOLLOWED, params)
    next_place = (found[limit - 1][2], found[limit - 1][0], found[limit - 1][1]) if len(found) > limit else None
    return [_thread(row) for row in found[:limit]], next_place


def some(rows: Rows, person: int, conversation: int, roots: Sequence[int]) -> list[Thread]:
    """List some threads of a conversation, as far as the person may read them; those without a reply are left out."""
    params = {"person": person, "conversation": conversation, "roots": list(roots), "limit": len(roots)}
    return [_thread(row) for row in rows(SOME, params)]
