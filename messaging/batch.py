"""One batch of commands: one pipeline, one round trip, one transaction, and a verdict for each.

Three statements, the same for both doors of the log:

1. lock the conversations' heads, in id order. Which ones it got it leaves in a setting of the transaction, since the
   statements are sent together and the second must know;
2. in a *new* snapshot (or a duplicate that committed while the lock was awaited would be missed) judge each row,
   recognise duplicates among allowed rows only, number the rest and insert them;
3. COMMIT, where the door is the log's own.
"""

from collections.abc import Iterable, Sequence
from typing import Any, get_args

import msgspec

from accounts.authority.barriers import walled
from accounts.options import in_sql
from messaging.commands import Command, Verdict
from messaging.protocol.events import Personal
from messaging.rights import MAY_READ, MAY_SEE, MUTED_UNTIL, VERBS

#: The verdict of a row whose conversation another transaction holds: not an answer, the log tries it again by itself.
LOCKED = "locked"

_LOCK = """
select set_config('parley.locked', coalesce(string_agg(conversation_id::text, ','), ''), true) from (
    select conversation_id from head where conversation_id = any(%(conversations)s::bigint[])
    order by conversation_id for update {how}
) held
"""
#: Takes the locks that are to be had at once.
LOCK_FREE = _LOCK.format(how="skip locked")
#: Waits for all, as long as the session's lock_timeout.
LOCK_ALL = _LOCK.format(how="")


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
_IS_PACED = f"""(c.slow_s > 0 and i.kind = 'message' and not i.is_vouched and not {_may("post without pause")})"""
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
#: What is one's own speaks of a conversation that one is not in; taking something back needs no right.
_IS_ELSEWHERE = """(
    i.payload ? 'where' and (i.payload ->> 'on') is distinct from 'false' and (i.kind <> 'draft' or i.body is not null)
    and not exists (
        select 1 from membership w join conversation wc on wc.id = w.conversation_id
        where w.conversation_id = (i.payload ->> 'where')::bigint and w.person_id = i.author_id
            and upper_inf(w.spans) and wc.shown_at is not null and wc.kind <> 'personal'))"""

#: A command is repeated where everything that was said is the same; what retention took away can't be compared.
_SAME = """(
    {a}.author_id = {b}.author_id and {a}.kind = {b}.kind and {a}.target is not distinct from {b}.target
    and {a}.thread is not distinct from {b}.thread
    and ({a}.body is not distinct from {b}.body or {a}.salt is null)
    and ({a}.payload is not distinct from {b}.payload or {a}.salt is null)
)"""

#: Why what a command points at can't be pointed at. A vouched one may point at what its own call will number.
#: Subqueries in a CASE are carried out for the rows that come to them: a plain message pays nothing.
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

#: Allowed, and yet not numbered: somebody said more than one thing at once where slow mode is on.
_IS_HELD_BACK = "j.refusal is null and j.old_seq is null and first.seq is null"


def _of(table: str, alias: str, condition: str) -> str:
    """Join a row by its key, if there is one. `offset 0` keeps the planner from reading a whole table into a hash."""
    return f"left join lateral (select * from {table} {alias} where {condition} offset 0) {alias} on true"


#: What the commands are made of, an array a column.
_INPUT = """materialized (
    select t.conversation_id, t.id, t.author_id, t.kind, t.target, t.thread, t.body, t.payload::jsonb as payload,
        t.said_at, t.source_id, t.is_vouched, t.salt, t.digest, t.nth
    from unnest(
        %(conversation)s::bigint[], %(id)b::uuid[], %(author)s::bigint[], %(kind)b::text[], %(target)s::bigint[],
        %(thread)s::bigint[], %(body)b::text[], %(payload)b::text[], %(said_at)b::timestamptz[], %(source)s::bigint[],
        %(is_vouched)b::boolean[], %(salt)b::bytea[], %(digest)b::bytea[]
    ) with ordinality as t (conversation_id, id, author_id, kind, target, thread, body, payload, said_at, source_id,
        is_vouched, salt, digest, nth)
)"""
#: The same of plain messages. Its constants reach the judgement (it is not materialized), where the planner strikes
#: out all that no plain message can come to: most of the statement's nodes, which cost even where none is carried out.
_PLAIN_INPUT = """not materialized (
    select t.conversation_id, t.id, t.author_id, 'message'::text as kind, null::bigint as target,
        null::bigint as thread, t.body, null::jsonb as payload, null::timestamptz as said_at,
        null::bigint as source_id, false as is_vouched, t.salt, t.digest, t.nth
    from unnest(
        %(conversation)s::bigint[], %(id)b::uuid[], %(author)s::bigint[], %(body)b::text[], %(salt)b::bytea[],
        %(digest)b::bytea[]
    ) with ordinality as t (conversation_id, id, author_id, body, salt, digest, nth)
)"""
_EXPIRES_OF_EDIT = """
            when f.kind = 'edit' then (
                select e.expires_at from event e where e.conversation_id = f.conversation_id and e.seq = f.target)"""
_MENTIONED = f"""mentioned as (
    -- a group's members are looked up by who reads: nothing is written for each of them
    insert into mention (conversation_id, seq, person_id, group_id, thread, at)
    select f.conversation_id, f.seq, case when jsonb_typeof(who) = 'number' then who::bigint end,
        (who ->> 'group')::bigint, case when jsonb_typeof(who) = 'object' then f.thread end,
        case when jsonb_typeof(who) = 'object' then f.at end
    from numbered f, jsonb_array_elements(f.payload -> 'mentions') who
    where f.kind = 'message' and f.payload ? 'mentions' and (
        jsonb_typeof(who) <> 'number' or not {walled("f.author_id", "(who #>> '{}')::bigint")})
), """


def _append(given: str, expires_of_edit: str, mentioned: str) -> str:
    """Write the append of what is given so, with the parts that only some kinds need."""
    return f"""
with locked as materialized (
    select string_to_array(current_setting('parley.locked'), ',')::bigint[] as ids
), input as {given}, judged as materialized (
    select i.*, old.seq as old_seq, old.at as old_at, old.n as old_n,
        {_SAME.format(a="old", b="i")} as is_repeated,
        case
        when c.id is null then 'not_found'
        when not i.is_vouched and not coalesce({MAY_READ}, false) then 'not_found'
        when not i.conversation_id = any(locked.ids) then '{LOCKED}'
        when old.seq is not null then null
        when not i.is_vouched and c.archived_at is not null then 'archived'
        when not i.is_vouched and (c.kind = 'personal') <> (i.kind in ({_PERSONAL})) then 'forbidden'
        when not i.is_vouched and c.kind = 'personal' and {_IS_ELSEWHERE} then 'not_found'
        when not i.is_vouched and {MUTED_UNTIL} > clock_timestamp() then 'muted'
        when not i.is_vouched and c.kind = 'direct' and ({_IS_WALLED} or {_IS_BLOCKED}) then 'forbidden:silent'
        when c.is_read_only and not i.is_vouched and {_IS_WRITING} and not {_may("post where read-only")}
            then 'forbidden:read_only'
        when not i.is_vouched and {_IS_TOO_BROAD} then 'forbidden:broad'
        else coalesce(
            case when i.target is not null then {_TARGET_REFUSED} end,
            case when i.thread is not null then {_THREAD_REFUSED} end,
            case when {_IS_PACED} and pace.said_at + make_interval(secs => c.slow_s) > clock_timestamp()
                then 'slow_mode' end
        )
        end as refusal,
        case when {MUTED_UNTIL} > clock_timestamp() then {MUTED_UNTIL}
            else pace.said_at + make_interval(secs => c.slow_s) end as free_at,
        {_IS_PACED} as is_paced, c.slow_s, c.disappears_s
    from input i cross join locked
    {_of("conversation", "c", "c.id = i.conversation_id")}
    {_of("membership", "m", "m.conversation_id = i.conversation_id and m.person_id = i.author_id")}
    {_of('"user"', "u", "u.id = i.author_id")}
    {_of("event", "old", "old.conversation_id = i.conversation_id and old.id = i.id")}
    {_of("pace", "pace", "c.slow_s > 0 and pace.conversation_id = c.id and pace.person_id = i.author_id")}
), allowed as (
    select *, row_number() over (partition by conversation_id, id order by nth) as turn,
        -- of several things that somebody says at once where slow mode is on only the first is taken
        case when is_paced then row_number() over (partition by conversation_id, author_id, is_paced order by nth)
            else 1 end as pace
    from judged where refusal is null and old_seq is null
), fresh as materialized (
    select *, row_number() over w as k, count(*) filter (where kind = 'message') over w as messages
    from allowed where turn = 1 and pace = 1 window w as (partition by conversation_id order by nth)
), heads as materialized (
    update head h set seq = h.seq + f.k, n = h.n + f.messages, at = greatest(h.at, clock_timestamp())
    from (select conversation_id, max(k) as k, max(messages) as messages from fresh group by 1) f
    where h.conversation_id = f.conversation_id
    returning h.conversation_id, h.seq - f.k as seq, h.n - f.messages as n, h.at
), numbered as materialized (
    select f.*, heads.seq + f.k as seq, heads.n + f.messages as n, heads.at,
        case when f.kind = 'message' or f.kind = 'edit' and f.target > heads.seq
                then heads.at + make_interval(secs => nullif(f.disappears_s, 0)){expires_of_edit}
            end as expires_at
    from fresh f join heads using (conversation_id)
), added as (
    insert into event (conversation_id, seq, n, id, kind, author_id, at, said_at, source_id, target, thread, body,
        payload, salt, digest, expires_at)
    select conversation_id, seq, n, id, kind, author_id, at, said_at, source_id, target, thread, body,
        payload, salt, digest, expires_at
    from numbered order by nth
), {mentioned}paced as (
    insert into pace (conversation_id, person_id, said_at)
    select conversation_id, author_id, at from numbered where is_paced
    on conflict (conversation_id, person_id) do update set said_at = excluded.said_at
)
select coalesce(j.refusal, case when {_IS_HELD_BACK} then 'slow_mode' end),
    coalesce(j.old_seq, first.seq),
    coalesce(j.old_at, first.at),
    coalesce(j.old_n, first.n),
    j.old_seq is not null or first.nth is distinct from j.nth,
    case when j.old_seq is not null then j.is_repeated
        when first.nth = j.nth then true
        else {_SAME.format(a="first", b="j")} end,
    first.expires_at,
    case when j.refusal in ('muted', 'slow_mode') then extract(epoch from j.free_at - clock_timestamp())::float8
        when {_IS_HELD_BACK} then j.slow_s end
from judged j
left join numbered first on j.refusal is null and first.conversation_id = j.conversation_id and first.id = j.id
order by j.nth
"""


_APPEND = _append(_INPUT, _EXPIRES_OF_EDIT, _MENTIONED)
_APPEND_PLAIN = _append(_PLAIN_INPUT, "", "")

_json = msgspec.json.Encoder()


def _integers(values: Iterable[int | None]) -> str:
    """Write an array of integers: a list would be sent as the smallest type that holds it, so prepared ever anew."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def lock_params(commands: Sequence[Command]) -> dict[str, Any]:
    """Give the parameters of the lock."""
    return {"conversations": _integers({command.conversation for command in commands})}


def is_plain(command: Command) -> bool:
    """Tell whether a command is a message and nothing more: what most are."""
    return command.kind == "message" and not (
        command.is_vouched
        or command.payload is not None
        or command.target is not None
        or command.thread is not None
        or command.said_at is not None
        or command.source is not None
    )


def append(commands: Sequence[Command]) -> tuple[str, dict[str, Any]]:
    """Give the statement that appends these, and its parameters.

    Those are an array a column, so that the statement is prepared once for any length. What needs quoting goes in
    binary: psycopg writes a text array element by element, at ten times the cost.
    """
    plain: dict[str, Any] = {
        "conversation": _integers(c.conversation for c in commands),
        "id": [c.id for c in commands],
        "author": _integers(c.author for c in commands),
        "body": [c.body for c in commands],
        "salt": [c.salt for c in commands],
        "digest": [c.digest() for c in commands],
    }
    if all(map(is_plain, commands)):
        return _APPEND_PLAIN, plain
    return _APPEND, plain | {
        "kind": [c.kind for c in commands],
        "target": _integers(c.target for c in commands),
        "thread": _integers(c.thread for c in commands),
        "payload": [None if c.payload is None else _json.encode(c.payload).decode() for c in commands],
        "said_at": [c.said_at for c in commands],
        "source": _integers(c.source for c in commands),
        "is_vouched": [c.is_vouched for c in commands],
    }


def verdict(row: Sequence[Any]) -> Verdict:
    """Read a row of the append's answer. An id used by somebody else or for something else is `malformed`."""
    refusal, seq, at, n, is_duplicate, is_same, expires_at, retry_after_s = row
    if refusal is not None:
        code, _, why = refusal.partition(":")
        return Verdict(code, why=why or None, retry_after_s=retry_after_s)
    return Verdict(None, seq, at, n, is_duplicate, expires_at) if is_same else Verdict("malformed")
