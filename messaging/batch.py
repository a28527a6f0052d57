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
from messaging.commands import Command, Verdict
from messaging.protocol.events import Personal
from messaging.rights import MAY_READ, MAY_SEE, VERBS

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

_MODERATES = ", ".join(f"'{role}'" for role in sorted(VERBS["delete others'"]))
#: The two of a direct conversation have come to stand on two sides of a barrier.
_IS_WALLED = f"""exists (
    select 1 from membership o where o.conversation_id = c.id and o.person_id <> i.author_id
        and {walled("i.author_id", "o.person_id")})"""

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
    when i.kind = 'edit' and not i.is_vouched and e.author_id <> i.author_id then 'forbidden'
    when i.kind = 'delete' and not i.is_vouched and e.author_id <> i.author_id
        and m.role not in ({_MODERATES}) then 'forbidden'
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


def _of(table: str, alias: str, condition: str) -> str:
    """Join a row by its key, if there is one. `offset 0` keeps the planner from reading a whole table into a hash."""
    return f"left join lateral (select * from {table} {alias} where {condition} offset 0) {alias} on true"


APPEND = f"""
with locked as materialized (
    select string_to_array(current_setting('parley.locked'), ',')::bigint[] as ids
), input as materialized (
    select t.conversation_id, t.id, t.author_id, t.kind, t.target, t.thread, t.body, t.payload::jsonb as payload,
        t.said_at, t.source_id, t.is_vouched, t.salt, t.digest, t.nth
    from unnest(
        %(conversation)s::bigint[], %(id)b::uuid[], %(author)s::bigint[], %(kind)b::text[], %(target)s::bigint[],
        %(thread)s::bigint[], %(body)b::text[], %(payload)b::text[], %(said_at)b::timestamptz[], %(source)s::bigint[],
        %(is_vouched)b::boolean[], %(salt)b::bytea[], %(digest)b::bytea[]
    ) with ordinality as t (conversation_id, id, author_id, kind, target, thread, body, payload, said_at, source_id,
        is_vouched, salt, digest, nth)
), judged as materialized (
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
        when not i.is_vouched and m.muted_until > clock_timestamp() then 'muted'
        when not i.is_vouched and c.kind = 'direct' and {_IS_WALLED} then 'forbidden'
        else coalesce(
            case when i.target is not null then {_TARGET_REFUSED} end,
            case when i.thread is not null then {_THREAD_REFUSED} end
        )
        end as refusal
    from input i cross join locked
    {_of("conversation", "c", "c.id = i.conversation_id")}
    {_of("membership", "m", "m.conversation_id = i.conversation_id and m.person_id = i.author_id")}
    {_of('"user"', "u", "u.id = i.author_id")}
    {_of("event", "old", "old.conversation_id = i.conversation_id and old.id = i.id")}
), allowed as (
    select *, row_number() over (partition by conversation_id, id order by nth) as turn
    from judged where refusal is null and old_seq is null
), fresh as materialized (
    select *, row_number() over w as k, count(*) filter (where kind = 'message') over w as messages
    from allowed where turn = 1 window w as (partition by conversation_id order by nth)
), heads as materialized (
    update head h set seq = h.seq + f.k, n = h.n + f.messages, at = greatest(h.at, clock_timestamp())
    from (select conversation_id, max(k) as k, max(messages) as messages from fresh group by 1) f
    where h.conversation_id = f.conversation_id
    returning h.conversation_id, h.seq - f.k as seq, h.n - f.messages as n, h.at
), added as (
    insert into event (conversation_id, seq, n, id, kind, author_id, at, said_at, source_id, target, thread, body,
        payload, salt, digest)
    select f.conversation_id, heads.seq + f.k, heads.n + f.messages, f.id, f.kind, f.author_id, heads.at, f.said_at,
        f.source_id, f.target, f.thread, f.body, f.payload, f.salt, f.digest
    from fresh f join heads using (conversation_id)
    order by f.nth
), mentioned as (
    insert into mention (conversation_id, seq, person_id)
    select f.conversation_id, heads.seq + f.k, case when jsonb_typeof(who) = 'number' then who::bigint end
    from fresh f join heads using (conversation_id), jsonb_array_elements(f.payload -> 'mentions') who
    where f.kind = 'message' and f.payload ? 'mentions' and (
        jsonb_typeof(who) <> 'number' or not {walled("f.author_id", "(who #>> '{}')::bigint")})
)
select j.refusal,
    coalesce(j.old_seq, heads.seq + first.k),
    coalesce(j.old_at, heads.at),
    coalesce(j.old_n, heads.n + first.messages),
    j.old_seq is not null or first.nth is distinct from j.nth,
    case when j.old_seq is not null then j.is_repeated
        when first.nth = j.nth then true
        else {_SAME.format(a="first", b="j")} end
from judged j
left join fresh first on j.refusal is null and first.conversation_id = j.conversation_id and first.id = j.id
left join heads on heads.conversation_id = first.conversation_id
order by j.nth
"""

_json = msgspec.json.Encoder()


def _integers(values: Iterable[int | None]) -> str:
    """Write an array of integers: a list would be sent as the smallest type that holds it, so prepared ever anew."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def lock_params(commands: Sequence[Command]) -> dict[str, Any]:
    """Give the parameters of the lock."""
    return {"conversations": _integers({command.conversation for command in commands})}


def append_params(commands: Sequence[Command]) -> dict[str, Any]:
    """Give the parameters of the append: an array a column, so that the statement is prepared once for any length.

    What needs quoting goes in binary: psycopg writes a text array element by element, at ten times the cost.
    """
    return {
        "conversation": _integers(c.conversation for c in commands),
        "id": [c.id for c in commands],
        "author": _integers(c.author for c in commands),
        "kind": [c.kind for c in commands],
        "target": _integers(c.target for c in commands),
        "thread": _integers(c.thread for c in commands),
        "body": [c.body for c in commands],
        "payload": [None if c.payload is None else _json.encode(c.payload).decode() for c in commands],
        "said_at": [c.said_at for c in commands],
        "source": _integers(c.source for c in commands),
        "is_vouched": [c.is_vouched for c in commands],
        "salt": [c.salt for c in commands],
        "digest": [c.digest() for c in commands],
    }


def verdict(row: Sequence[Any]) -> Verdict:
    """Read a row of the append's answer. An id used by somebody else or for something else is `malformed`."""
    refusal, seq, at, n, is_duplicate, is_same = row
    if refusal is not None:
        return Verdict(refusal)
    return Verdict(None, seq, at, n, is_duplicate) if is_same else Verdict("malformed")
