"""One batch of commands: one pipeline, one round trip, one transaction, and a verdict for each.

Three statements, the same for both doors of the log:

1. lock the conversations' heads, in id order. Which ones it got it leaves in a setting of the transaction, since the
   statements are sent together and the second must know;
2. in a *new* snapshot (or a duplicate that committed while the lock was awaited would be missed) judge each row,
   recognise duplicates among allowed rows only, number the rest and insert them;
3. COMMIT, where the door is the log's own.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from accounts.authority.barriers import walled
from messaging.commands import Command, Verdict
from messaging.judgement import FREE_AT, IS_PACED, REFUSAL
from messaging.keeping import COUNTED, IS_TOO_MUCH
from messaging.protocol.limits import KEPT

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

#: A command is repeated where everything that was said is the same; what retention took away can't be compared.
_SAME = """(
    {a}.author_id = {b}.author_id and {a}.kind = {b}.kind and {a}.target is not distinct from {b}.target
    and {a}.thread is not distinct from {b}.thread
    and ({a}.body is not distinct from {b}.body or {a}.salt is null)
    and ({a}.payload is not distinct from {b}.payload or {a}.salt is null)
)"""

#: Allowed, and yet not numbered: somebody said more than one thing at once where slow mode is on.
_IS_HELD_BACK = "j.refusal is null and j.old_seq is null and first.seq is null"


def _of(table: str, alias: str, condition: str) -> str:
    """Join a row by its key, if there is one. `offset 0` keeps the planner from reading a whole table into a hash."""
    return f"left join lateral (select * from {table} {alias} where {condition} offset 0) {alias} on true"


_LOCKED = """locked as materialized (
    select string_to_array(current_setting('parley.locked'), ',')::bigint[] as ids
)"""
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
#: out what no plain message can come to: a third of the statement's nodes, which cost even where none is carried out.
_PLAIN_INPUT = """not materialized (
    select t.conversation_id, t.id, t.author_id, 'message'::text as kind, null::bigint as target,
        null::bigint as thread, t.body, null::jsonb as payload, null::timestamptz as said_at,
        null::bigint as source_id, false as is_vouched, t.salt, t.digest, t.nth
    from unnest(
        %(conversation)s::bigint[], %(id)b::uuid[], %(author)s::bigint[], %(body)b::text[], %(salt)b::bytea[],
        %(digest)b::bytea[]
    ) with ordinality as t (conversation_id, id, author_id, body, salt, digest, nth)
)"""


def _judged(is_too_much: str) -> str:
    """Write the part that judges, by what tells whether a row of `input` is more than is kept."""
    return f"""judged as materialized (
    select i.*, old.seq as old_seq, old.at as old_at, old.n as old_n,
        {_SAME.format(a="old", b="i")} as is_repeated,
        {REFUSAL} as refusal, {FREE_AT} as free_at, {IS_PACED} as is_paced, c.slow_s, c.disappears_s
    from (select *, {is_too_much} as is_too_much from input) i cross join locked
    {_of("conversation", "c", "c.id = i.conversation_id")}
    {_of("membership", "m", "m.conversation_id = i.conversation_id and m.person_id = i.author_id")}
    {_of('"user"', "u", "u.id = i.author_id")}
    {_of("event", "old", "old.conversation_id = i.conversation_id and old.id = i.id")}
    {_of("pace", "pace", "c.slow_s > 0 and pace.conversation_id = c.id and pace.person_id = i.author_id")}
)"""


#: What is to be numbered, and the heads moved on by it.
_FRESH = """allowed as (
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
)"""

#: A message is shown as long as its conversation has it now.
_FOR_NOW = "heads.at + make_interval(secs => nullif(f.disappears_s, 0))"
#: An edit is shown as long as what it edits, which may be a message of the same call.
_EXPIRES_AT = f"""case
        when f.kind = 'message' or f.kind = 'edit' and f.target > heads.seq then {_FOR_NOW}
        when f.kind = 'edit' then (
            select e.expires_at from event e where e.conversation_id = f.conversation_id and e.seq = f.target)
        end"""
_NUMBERED = """numbered as materialized (
    select f.*, heads.seq + f.k as seq, heads.n + f.messages as n, heads.at, {expires_at} as expires_at
    from fresh f join heads using (conversation_id)
)"""
_ADDED = """added as (
    insert into event (conversation_id, seq, n, id, kind, author_id, at, said_at, source_id, target, thread, body,
        payload, salt, digest, expires_at)
    select conversation_id, seq, n, id, kind, author_id, at, said_at, source_id, target, thread, body,
        payload, salt, digest, expires_at
    from numbered order by nth
)"""
_MENTIONED = f"""mentioned as (
    -- a group's members are looked up by who reads: nothing is written for each of them
    insert into mention (conversation_id, seq, person_id, group_id, thread, at)
    select f.conversation_id, f.seq, case when jsonb_typeof(who) = 'number' then who::bigint end,
        (who ->> 'group')::bigint, case when jsonb_typeof(who) = 'object' then f.thread end,
        case when jsonb_typeof(who) = 'object' then f.at end
    from numbered f, jsonb_array_elements(f.payload -> 'mentions') who
    where f.kind = 'message' and f.payload ? 'mentions' and (
        jsonb_typeof(who) <> 'number' or not {walled("f.author_id", "(who #>> '{}')::bigint")})
)"""
_PACED = """paced as (
    insert into pace (conversation_id, person_id, said_at)
    -- not the event's `at`, which stands still in a log for as long as the clock was set back
    select conversation_id, author_id, clock_timestamp() from numbered where is_paced
    on conflict (conversation_id, person_id) do update set said_at = excluded.said_at
)"""

_ANSWER = f"""
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


def _append(given: str, expires_at: str, *written: str, is_too_much: str = "false") -> str:
    """Write the append: how its commands are given, until when they are shown, and what rows they make."""
    judged, numbered = _judged(is_too_much), _NUMBERED.format(expires_at=expires_at)
    return f"with {', '.join([_LOCKED, f'input as {given}', judged, _FRESH, numbered, *written])} {_ANSWER}"


_APPEND = _append(_INPUT, _EXPIRES_AT, _ADDED, _MENTIONED, _PACED)
_APPEND_PLAIN = _append(_PLAIN_INPUT, _FOR_NOW, _ADDED, _PACED)
#: With something of one's own among it that there may be too much of.
_APPEND_KEPT = _append(f"{_INPUT}, {COUNTED}", _EXPIRES_AT, _ADDED, _MENTIONED, _PACED, is_too_much=IS_TOO_MUCH)

_json = msgspec.json.Encoder()


def _integers(values: Iterable[int | None]) -> str:
    """Write an array of integers: a list would be sent as the smallest type that holds it, so prepared ever anew."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def lock_params(commands: Sequence[Command]) -> dict[str, Any]:
    """Give the parameters of the lock."""
    return {"conversations": _integers({command.conversation for command in commands})}


def _is_plain(command: Command) -> bool:
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
    if all(map(_is_plain, commands)):
        return _APPEND_PLAIN, plain
    is_kept = any(c.kind in KEPT for c in commands)
    return _APPEND_KEPT if is_kept else _APPEND, plain | {
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
