"""What was scheduled is said once it is due: by its author, with the rights of that moment, once; late, never not."""

import logging
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction

from messaging import conversations, publishing
from messaging.commands import Command, Verdict
from messaging.database import rows
from messaging.entry import instant
from messaging.inbound import message_payload
from messaging.log import append_in
from messaging.pending import UNAVAILABLE
from messaging.receipts import ADVANCE

logger = logging.getLogger(__name__)

#: Looked up at once, of all that is due.
AT_ONCE = 500
#: Refusals that pass by themselves: it is tried again.
PASSING = frozenset({"slow_mode", "rate_limited", "unavailable"})

_NOW = """to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_DUE = f"""
select s.value ->> 'due_at', s.person_id, s.key, (s.value ->> 'where')::bigint from personal_state s
where s.kind = 'schedule' and s.value ->> 'due_at' <= {_NOW}
    and (s.value ->> 'due_at', s.person_id, s.key) > (%(due_at)s, %(person)s, %(schedule)s)
order by 1, 2, 3 limit %(limit)s
"""
#: Waits for the person's own log, so that what is taken back or changed at this moment is, before or after.
_OWN_LOG = """
select h.conversation_id from head h join conversation c on c.id = h.conversation_id
where c.direct_key = %(key)s for update of h
"""
#: How many wait although they are due, and for how long the first of them has (seconds).
OVERDUE = f"""
select count(*), coalesce(extract(epoch from clock_timestamp() - min((s.value ->> 'due_at')::timestamptz)), 0)::float
from personal_state s where s.kind = 'schedule' and s.value ->> 'due_at' <= {_NOW}
"""
_ONE = f"""
select s.value from personal_state s where s.person_id = %(person)s and s.kind = 'schedule' and s.key = %(schedule)s
    and s.value ->> 'due_at' <= {_NOW}
"""


def say_due() -> int:
    """Say what is due, and count it; what can't be taken now waits for the next run, and holds up nobody else."""
    said = 0
    #: Who has to wait where: what else they have for it waits as well.
    waits: set[tuple[int, int]] = set()
    place: tuple[str, int, str] = ("", 0, "")
    while found := rows(_DUE, dict(zip(("due_at", "person", "schedule"), place, strict=True)) | {"limit": AT_ONCE}):
        for _due_at, person, schedule, where in found:
            if (person, where) in waits:
                continue
            try:
                with transaction.atomic():
                    verdict = _say(person, schedule)
            except OperationalError as error:
                logger.warning("what person %s scheduled waits: %s", person, str(error).strip())
                verdict = UNAVAILABLE
            if verdict is not None and verdict.code in PASSING:
                waits.add((person, where))
            said += verdict is not None and verdict.code is None
        place = found[-1][:3]
    return said


def _say(person: int, schedule: str) -> Verdict | None:
    """Say one, and take it off the person's list, with why where it was refused for good; None where it is gone."""
    ((own,),) = rows(_OWN_LOG, {"key": f"personal:{person}"})
    found = rows(_ONE, {"person": person, "schedule": schedule})
    if not found:
        return None
    verdict = _append(person, schedule, found[0][0])
    if verdict.code in PASSING:
        return verdict
    payload = {"schedule": schedule} | ({"why": verdict.code} if verdict.code is not None else {})
    append_in([Command(conversation=own, author=person, kind="unschedule", payload=payload, is_vouched=True)])
    return verdict


def _append(person: int, schedule: str, kept: dict[str, Any]) -> Verdict:
    body = str(kept["body"])
    command = Command(
        conversation=kept["where"],
        author=person,
        kind="message",
        id=UUID(schedule),
        body=body,
        thread=kept.get("thread"),
        payload=message_payload(body, also=kept.get("also", False)),
    )
    (verdict,) = append_in([command])
    if verdict.code is None:
        _read_own(person, command.conversation, verdict.seq)
    return verdict


def _read_own(person: int, conversation: int, seq: int) -> None:
    """Take it that the author has read it, as of what one says oneself; but not what came before it unread."""
    found = conversations.summaries(rows, person, only=[conversation])
    if found and found[0].frame().unread == 1:
        params = {"people": [person], "conversations": [conversation], "reads": [seq], "delivered": [seq]}
        news = [[*row, instant(at)] for *row, at in rows(ADVANCE, params)]
        transaction.on_commit(lambda: publishing.tell("receipts", news))
