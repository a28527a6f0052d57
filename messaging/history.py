"""Reading the log: raw stretches of it, and pages of messages with later events applied. Rights are in the queries."""

from collections.abc import Sequence
from typing import Any

from messaging import entry
from messaging.database import Rows
from messaging.entry import Entry
from messaging.fold import fold
from messaging.protocol import events
from messaging.protocol.bodies import HistoryMessage, MessagesPage, Reaction
from messaging.rights import MAY_READ, MAY_SEE, READER

#: What came after a cursor, for several conversations at once; one row more than the limit tells that there is more.
SINCE = f"""
select {entry.COLUMNS}
from unnest(%(conversations)s::bigint[], %(cursors)s::bigint[]) as k (conversation_id, cursor)
join membership m on m.conversation_id = k.conversation_id and m.person_id = %(person)s
join "user" u on u.id = m.person_id join conversation c on c.id = m.conversation_id and {MAY_READ}
cross join lateral (
    select * from event e where e.conversation_id = k.conversation_id and e.seq > k.cursor and {MAY_SEE}
    order by e.seq limit %(limit)s
) e {entry.SOURCE}
order by e.conversation_id, e.seq
"""

#: Whether a member with these spans sees nothing after a seq.
ALL_OVER = f"""
select not exists (
    select from (select %(spans)s::int8multirange as spans) m, event e
    where e.conversation_id = %(conversation)s and e.seq > %(after)s and {MAY_SEE})
"""

#: What a hub missed: no person, no rights; it applies them itself when it delivers.
GAP = f"""
select {entry.COLUMNS} from event e {entry.SOURCE}
where e.conversation_id = %(conversation)s and e.seq > %(after)s order by e.seq limit %(limit)s
"""

_STATE = """state.body, state.edited_at, state.deleted_at, state.deleted_by, state.reactions, state.replies,
    state.last_reply_at, state.pinned_at, state.pinned_by"""

_PAGE = """
with reader as (
    select m.spans, (select count(*) from unnest(m.spans)) > 1 or c.disappearing_since is not null as is_partial,
        h.seq as head
    from {reader_joined}),
page as (
    select e.* from reader m cross join lateral (
        select * from event e
        where e.conversation_id = %(conversation)s and e.kind = 'message' and {may_see} {condition}
        order by e.seq {direction} limit %(limit)s
    ) e
)
select m.head, m.is_partial, {columns}, {state} from reader m left join page e on true
left join message_state state on state.conversation_id = e.conversation_id and state.seq = e.seq {source}
order by e.seq {direction}
"""


def _page(condition: str, direction: str) -> str:
    return _PAGE.format(
        reader_joined=READER.replace("where", "join head h on h.conversation_id = m.conversation_id where", 1),
        may_see=MAY_SEE,
        condition=condition,
        direction=direction,
        columns=entry.COLUMNS,
        state=_STATE,
        source=entry.SOURCE,
    )


_IN_THREAD = "and (e.thread = %(thread)s or e.seq = %(thread)s)"
_IS_PINNED = """and e.seq in (
    select s.seq from message_state s where s.conversation_id = %(conversation)s and s.pinned_at is not null)"""
_BEFORE, _AFTER = "and e.seq < %(before)s", "and e.seq > %(after)s"
_PAGES = {
    (is_after, is_thread): _page(f"{_AFTER if is_after else _BEFORE} {_IN_THREAD if is_thread else ''}", order)
    for is_after, order in ((False, "desc"), (True, "asc"))
    for is_thread in (False, True)
}
_PINS = _page(f"{_BEFORE} {_IS_PINNED}", "desc")
_LAST = 2**62

#: Some messages, what was replied to them, and what changed either, as far as the person may see it.
_SEEN = f"""
with page as (select unnest(%(seqs)s::bigint[]) as seq),
reader as (select m.spans from membership m where m.conversation_id = %(conversation)s and m.person_id = %(person)s),
replies as (
    select e.seq from reader m, event e
    where e.conversation_id = %(conversation)s and e.thread in (select seq from page) and {MAY_SEE}
),
concerned as (select seq from page union select seq from replies)
select {entry.COLUMNS} from reader m, event e {entry.SOURCE}
where e.conversation_id = %(conversation)s and {MAY_SEE}
    and (e.seq in (select seq from concerned) or e.target in (select seq from concerned))
order by e.seq
"""


def _message(row: Sequence[Any]) -> HistoryMessage:
    """Build a message from a row of COLUMNS and _STATE."""
    body, edited_at, deleted_at, deleted_by, reactions, replies, last_reply_at, pinned_at, pinned_by = row[14:]
    fields: dict[str, Any] = dict(row[12] or {})
    if "mentions" in fields:
        fields["mentions"] = events.named(fields["mentions"])
    if deleted_at is not None:
        kept = {name: fields[name] for name in ("me", "also") if name in fields}
        fields = kept | {"deleted_at": entry.instant(deleted_at), "deleted_by": deleted_by}
    if edited_at is not None:
        fields["edited_at"] = entry.instant(edited_at)
    if reactions:
        fields["reactions"] = [Reaction(emoji=r["emoji"], users=r["users"]) for r in reactions]
    if replies:
        fields["replies"] = replies
    if last_reply_at is not None:
        fields["last_reply_at"] = entry.instant(last_reply_at)
    if pinned_at is not None:
        fields |= {"pinned_at": entry.instant(pinned_at), "pinned_by": pinned_by}
    shown = "" if deleted_at is not None else body if body is not None else row[11] or ""
    return HistoryMessage(body=shown, thread=row[10], **fields, **entry.common_of(row))


def _read(
    rows: Rows, person: int, conversation: int, limit: int, *, before: int | None, after: int | None, thread: int | None
) -> MessagesPage | None:
    params = {"person": person, "conversation": conversation, "limit": limit + 1, "thread": thread}
    params |= {"before": _LAST if before is None else before, "after": after}
    found = rows(_PAGES[after is not None, thread is not None], params)
    if not found:
        return None
    messages = _messages(rows, person, conversation, found[:limit])
    if after is None:
        messages.reverse()
    return MessagesPage(messages=messages, more=len(found) > limit, head=found[0][0])


def _messages(rows: Rows, person: int, conversation: int, found: Sequence[Sequence[Any]]) -> list[HistoryMessage]:
    """Build the messages of a page's rows, as this person may see them."""
    messages = [_message(row[2:]) for row in found if row[3] is not None]
    is_partial = bool(found) and found[0][1]
    return _as_seen(rows, person, conversation, messages) if is_partial else messages


def pins(
    rows: Rows, person: int, conversation: int, *, before: int | None, limit: int
) -> tuple[list[HistoryMessage], int | None]:
    """Read a page of what is pinned, latest message first, and before which seq the next page is."""
    params = {"person": person, "conversation": conversation, "limit": limit + 1}
    found = rows(_PINS, params | {"before": _LAST if before is None else before})
    messages = _messages(rows, person, conversation, found[:limit])
    # one that was pinned while this person was away isn't pinned as far as this person knows
    shown = [message for message in messages if message.pinned_at is not None]
    return shown, found[limit - 1][3] if len(found) > limit else None


def _as_seen(rows: Rows, person: int, conversation: int, messages: list[HistoryMessage]) -> list[HistoryMessage]:
    """Fold messages anew from what may be seen: for somebody who was away and is back, what was done meanwhile is not.

    So it is where things are said for a time: a reply that is no longer shown is not counted.
    A deletion holds all the same: what is deleted for everyone is not shown to anyone.
    """
    params = {"person": person, "conversation": conversation, "seqs": [message.seq for message in messages]}
    seen = {message.seq: message for message in fold(entry.of_row(row).event for row in rows(_SEEN, params))}
    # what was over between the two statements is in none of them
    present = [message for message in messages if message.deleted_at is not None or message.seq in seen]
    return [message if message.deleted_at is not None else seen[message.seq] for message in present]


def page(
    rows: Rows,
    person: int,
    conversation: int,
    *,
    limit: int,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    thread: int | None = None,
) -> MessagesPage | None:
    """Read a page of messages as of the log's head, in seq order: the latest, or before, after or around a seq.

    None where the person may not read the conversation, as where there is none. One query; `around` takes two.
    """
    if around is None:
        return _read(rows, person, conversation, limit, before=before, after=after, thread=thread)
    half = max(1, limit // 2)
    older = _read(rows, person, conversation, half, before=around, after=None, thread=thread)
    newer = _read(rows, person, conversation, limit - half, before=None, after=around - 1, thread=thread)
    if older is None or newer is None:
        return None
    # As of the older head: what came between the two reads reaches the client as events.
    return MessagesPage(
        messages=older.messages + newer.messages, more=older.more, more_after=newer.more, head=older.head
    )


def since(rows: Rows, person: int, conversation: int, after: int, limit: int) -> tuple[list[events.Event], bool]:
    """Read the raw log after a seq, as far as the person may see it; with whether there is more."""
    found = rows(SINCE, since_params(person, {conversation: after}, limit))
    return [entry.of_row(row).event for row in found[:limit]], len(found) > limit


def since_params(person: int, cursors: dict[int, int], limit: int) -> dict[str, Any]:
    """Give the parameters of SINCE."""
    return {
        "person": person,
        "conversations": list(cursors),
        "cursors": list(cursors.values()),
        "limit": limit + 1,
    }


def by_conversation(found: Sequence[Sequence[Any]]) -> dict[int, list[Entry]]:
    """Part the rows of SINCE by conversation."""
    parted: dict[int, list[Entry]] = {}
    for row in found:
        parted.setdefault(row[0], []).append(entry.of_row(row))
    return parted
