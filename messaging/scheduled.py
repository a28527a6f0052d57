"""What was scheduled is said once it is due: by its author, with the rights of that moment, once; late, never not."""

import logging
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction

from messaging.commands import Command, Verdict
from messaging.database import rows
from messaging.inbound import message_payload
from messaging.log import append_in

logger = logging.getLogger(__name__)

#: Said in one run; what is more is said by the next.
AT_ONCE = 500
#: Refusals that pass by themselves: it is tried again.
PASSING = frozenset({"slow_mode", "rate_limited", "unavailable"})

_NOW = """to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_DUE = f"""
select s.person_id, s.key from personal_state s where s.kind = 'schedule' and s.value ->> 'due_at' <= {_NOW}
order by s.value ->> 'due_at' limit %(limit)s
"""
#: Waits for the person's own log, so that what is taken back or changed at this moment is, before or after.
_OWN_LOG = """
select h.conversation_id from head h join conversation c on c.id = h.conversation_id
where c.direct_key = %(key)s for update of h
"""
_ONE = f"""
select s.value from personal_state s where s.person_id = %(person)s and s.kind = 'schedule' and s.key = %(schedule)s
    and s.value ->> 'due_at' <= {_NOW}
"""


def say_due() -> int:
    """Say what is due and count it; one that the database can't take now waits for the next run."""
    said = 0
    for person, schedule in rows(_DUE, {"limit": AT_ONCE}):
        try:
            with transaction.atomic():
                said += _say(person, schedule)
        except OperationalError as error:
            logger.warning("what person %s scheduled waits: %s", person, str(error).strip())
    return said


def _say(person: int, schedule: str) -> bool:
    """Say one, and take it off the person's list with why, where it was refused; False where it stays or is gone."""
    ((own,),) = rows(_OWN_LOG, {"key": f"personal:{person}"})
    found = rows(_ONE, {"person": person, "schedule": schedule})
    if not found:
        return False
    verdict = _append(person, schedule, found[0][0])
    if verdict.code in PASSING:
        return False
    payload = {"schedule": schedule} | ({"why": verdict.code} if verdict.code is not None else {})
    append_in([Command(conversation=own, author=person, kind="unschedule", payload=payload, is_vouched=True)])
    return verdict.code is None


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
    return verdict
