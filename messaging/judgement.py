"""How the append judges a row of its batch, in SQL, by what the batch's own snapshot has.

`i` is the command, `c` its conversation, `m` and `u` its author there and in the workspace, `old` what has its
id already, `pace` when the author last spoke where slow mode is on.
"""

from typing import get_args

from accounts.authority.barriers import walled
from accounts.options import in_sql
from messaging.protocol.events import Personal
from messaging.rights import MAY_READ, MAY_SEE, MUTED_UNTIL, VERBS

#: The verdict of a row whose conversation another transaction holds: not an answer, the log tries it again by itself.
LOCKED = "locked"


def _may(verb: str) -> str:
    """Write the SQL that tells whether the author's role may do something here."""
    return f"m.role in ({', '.join(repr(role) for role in sorted(VERBS[verb]))})"


#: For so many seconds a member may edit and delete: the conversation's time within the workspace's; null: for ever.
_EDITS_S = f"least(c.edits_s, 60 * nullif({in_sql('edit_minutes')}, 0))"
_IS_LATE = f"""(not {_may("edit and delete late")}
    and clock_timestamp() > e.at + make_interval(secs => {_EDITS_S}))"""
#: What adds words to a conversation, or puts them in front of everybody.
_IS_WRITING = "i.kind in ('message', 'edit', 'pin')"
#: Says something where slow mode is on, as somebody for whom it is meant.
IS_PACED = f"""(c.slow_s > 0 and i.kind = 'message' and not i.is_vouched and not {_may("post without pause")})"""
#: Wants everybody or a user group, where those are more than a member may call together. No more members are counted
#: than it takes to tell, and only for such a message.
_MOST_CALLED = in_sql("broad_mention_members")
_IS_TOO_BROAD = f"""(i.kind = 'message' and i.payload ? 'mentions' and not c.broad_mentions
    and not {_may("mention everybody")} and exists (
        select from jsonb_array_elements(i.payload -> 'mentions') who where jsonb_typeof(who) <> 'number')
    and (select count(*) from (
        select from membership o where o.conversation_id = c.id and upper_inf(o.spans) limit {_MOST_CALLED} + 1
    ) counted) > {_MOST_CALLED})"""

#: The two of a direct conversation have come to stand on two sides of a barrier.
_IS_WALLED = f"""exists (
    select 1 from membership o where o.conversation_id = c.id and o.person_id <> i.author_id
        and {walled("i.author_id", "o.person_id")})"""

#: The other one of a direct conversation takes no messages from this author.
_IS_BLOCKED = """exists (
    select 1 from membership o join personal_state p on p.person_id = o.person_id and p.kind = 'block'
        and p.key = i.author_id::text
    where o.conversation_id = c.id and o.person_id <> i.author_id)"""
_PERSONAL = ", ".join(f"'{kind.__struct_config__.tag}'" for kind in get_args(Personal))
#: What is one's own speaks of a conversation that one is not in; taking something back needs no right. `offset 0`: for
#: a long batch the planner would read all memberships into a hash.
_IS_ELSEWHERE = """(
    i.payload ? 'where' and (i.payload ->> 'on') is distinct from 'false' and (i.kind <> 'draft' or i.body is not null)
    and not exists (
        select 1 from membership w join conversation wc on wc.id = w.conversation_id
        where w.conversation_id = (i.payload ->> 'where')::bigint and w.person_id = i.author_id
            and upper_inf(w.spans) and wc.shown_at is not null and wc.kind <> 'personal' offset 0))"""

#: Why what a command points at can't be pointed at. A vouched one may point at what its own call will number.
#: Subqueries in a CASE are carried out only for the rows that come to them.
_OWN_CALL = "i.is_vouched and {at} > (select seq from head where conversation_id = i.conversation_id)"
_TARGET_REFUSED = f"""(
    select case
    when {_OWN_CALL.format(at="i.target")} then null
    when e.kind is distinct from 'message' or state.deleted_at is not null
        or not i.is_vouched and not {MAY_SEE} then 'not_found'
    when i.is_vouched then null
    when i.kind = 'edit' and e.author_id <> i.author_id then 'forbidden'
    when i.kind = 'delete' and e.author_id <> i.author_id and not {_may("delete others'")} then 'forbidden'
    when i.kind in ('edit', 'delete') and {_IS_LATE} then 'forbidden:too_late'
    end
    from (select 1) one
    left join event e on e.conversation_id = i.conversation_id and e.seq = i.target
    left join message_state state on state.conversation_id = i.conversation_id and state.seq = i.target
)"""
_THREAD_REFUSED = f"""(
    select case
    when {_OWN_CALL.format(at="i.thread")} then null
    when e.kind is distinct from 'message' or not i.is_vouched and not {MAY_SEE} then 'not_found'
    when e.thread is not null then 'malformed'
    end
    from (select 1) one left join event e on e.conversation_id = i.conversation_id and e.seq = i.thread
)"""

#: Why a row is refused: a code, with why it is so behind a colon; null: it is allowed, or in the log already.
REFUSAL = f"""
case
when c.id is null then 'not_found'
when not i.is_vouched and not coalesce({MAY_READ}, false) then 'not_found'
when not i.conversation_id = any(locked.ids) then '{LOCKED}'
when old.seq is not null then null
when not i.is_vouched and c.archived_at is not null then 'archived'
when not i.is_vouched and (c.kind = 'personal') <> (i.kind in ({_PERSONAL})) then 'forbidden'
when not i.is_vouched and i.kind in ({_PERSONAL}) and {_IS_ELSEWHERE} then 'not_found'
when not i.is_vouched and i.is_too_much then 'forbidden:most_' || i.kind
when not i.is_vouched and {MUTED_UNTIL} > clock_timestamp() then 'muted'
when not i.is_vouched and c.kind = 'direct' and ({_IS_WALLED} or {_IS_BLOCKED}) then 'forbidden:silent'
when c.is_read_only and not i.is_vouched and {_IS_WRITING} and not {_may("post where read-only")}
    then 'forbidden:read_only'
when not i.is_vouched and {_IS_TOO_BROAD} then 'forbidden:broad'
else coalesce(
    case when i.target is not null then {_TARGET_REFUSED} end,
    case when i.thread is not null then {_THREAD_REFUSED} end,
    -- who spoke in the future did so before the clock was set back
    case when {IS_PACED} and pace.said_at <= clock_timestamp()
        and pace.said_at + make_interval(secs => c.slow_s) > clock_timestamp() then 'slow_mode' end
)
end"""
#: When who is muted or in slow mode may speak again.
FREE_AT = f"""
case when {MUTED_UNTIL} > clock_timestamp() then {MUTED_UNTIL}
    else pace.said_at + make_interval(secs => c.slow_s) end"""
