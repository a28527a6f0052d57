"""Reporting a message to the moderators. Nobody in the conversation learns of it: it is no event, and on no trail.

What was reported is kept as the event that said it, so that an edit or a deletion afterwards hides nothing from them.
"""

from typing import Any

from django.conf import settings
from django.db import transaction

from messaging.database import Rows, rows
from messaging.entry import instant
from messaging.protocol import limits
from messaging.protocol.codec import Refused
from messaging.protocol.moderation import NewReport, Report
from messaging.rights import MAY_SEE, READER

#: So many a person reports within an hour.
PER_HOUR = 20

_HOLD = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
#: A message that somebody may see, by whom, and which event has its present words.
_MESSAGE = f"""
with reader as (select m.spans, c.kind from {READER})
select m.kind, e.author_id, state.deleted_at is not null, coalesce((
    select max(x.seq) from event x
    where x.conversation_id = e.conversation_id and x.target = e.seq and x.kind = 'edit'), e.seq)
from reader m
join event e on e.conversation_id = %(conversation)s and e.seq = %(seq)s and e.kind = 'message' and {MAY_SEE}
left join message_state state on state.conversation_id = e.conversation_id and state.seq = e.seq
"""
_ADD = """
insert into report (conversation_id, kind, seq, author_id, version, reporter_id, reason, note)
values (%(conversation)s, %(kind)s, %(seq)s, %(author)s, %(version)s, %(by)s, %(reason)s, %(note)s)
"""
#: How long it takes until fewer than PER_HOUR reports are of the last hour (seconds); no row where there are fewer.
_WAIT = """
select extract(epoch from at + interval '1 hour' - statement_timestamp())::float8 from report
where reporter_id = %(by)s and at between statement_timestamp() - interval '1 hour' and statement_timestamp()
order by id desc offset %(most)s - 1 limit 1
"""
#: To who reports it is one word: where somebody may not write for a time is not told.
_MINE = """
select id, conversation_id, seq, reason, note, at, decided_at,
    case outcome when 'silenced' then 'muted' else outcome end
from report where reporter_id = %(by)s
"""
_ONE = f"{_MINE} and conversation_id = %(conversation)s and seq = %(seq)s"
_PAGE = f"{_MINE} and id < %(before)s order by id desc limit %(limit)s"


def report(conversation: int, seq: int, *, by: int, given: NewReport) -> tuple[Report, bool]:
    """Report a message to the moderators; one's report of it that is there already is given back, with False.

    Raises Refused: `not_found` for what one may not see, what is deleted or no message, `forbidden` for one's own
    message, `rate_limited` after PER_HOUR of them within an hour.
    """
    if "\x00" in given.note:
        raise Refused("malformed", "`note` can't hold the NUL character (U+0000): leave it out.")
    params = {"conversation": conversation, "seq": min(seq, limits.LARGEST_INTEGER), "by": by, "person": by}
    with transaction.atomic():
        rows(_HOLD, [f"reports by {by}"])  # so that two at once are one, and no more than so many an hour
        found = rows(_MESSAGE, params)
        if not found:
            raise Refused("not_found", "There is no such conversation or message, or it isn't open to you.")
        kind, author, is_deleted, version = found[0]
        if there := rows(_ONE, params):
            return _report(there[0]), False
        if is_deleted:
            raise Refused("not_found", "This message was deleted: there is nothing left to report.")
        if author == by:
            raise Refused("forbidden", "This is your own message: you can delete it.")
        _check_rate(by)
        said = {"kind": kind, "author": author, "version": version, "reason": given.reason, "note": given.note.strip()}
        rows(f"{_ADD} returning id", params | said)
        return _report(rows(_ONE, params)[0]), True


def _check_rate(by: int) -> None:
    if settings.IS_RATE_LIMITED and (wait := rows(_WAIT, {"by": by, "most": PER_HOUR})):
        detail = f"You have reported {PER_HOUR} messages within an hour: the moderators have them. Wait a little."
        raise Refused("rate_limited", detail, retry_after=max(1.0, wait[0][0]))


def mine(rows: Rows, by: int, *, before: int | None, limit: int) -> list[Report]:
    """List what somebody has reported, the latest first."""
    params = {"by": by, "before": limits.LARGEST_INTEGER if before is None else before, "limit": limit}
    return [_report(row) for row in rows(_PAGE, params)]


def _report(row: Any) -> Report:
    id, conversation, seq, reason, note, at, decided_at, outcome = row
    return Report(
        id=id,
        conversation=conversation,
        seq=seq,
        reason=reason,
        note=note,
        at=instant(at),
        state="open" if decided_at is None else "decided",
        decided_at=None if decided_at is None else instant(decided_at),
        outcome=outcome,
    )
