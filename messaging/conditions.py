"""How people say that they are: the last word of each one's own log, as long as it holds."""

from collections.abc import Iterable

import msgspec

from messaging import database, moment
from messaging.protocol.frames import Condition

#: Whether what a row `s` of `personal_state` says holds still.
HOLDS = "coalesce((s.value ->> 'until')::timestamptz > statement_timestamp(), true)"
_OF = f"""
select s.person_id, s.value from personal_state s
where s.person_id = any(%(people)s::bigint[]) and s.kind = 'status' and s.key = '' and {HOLDS}
"""


async def of(people: Iterable[int]) -> dict[int, Condition]:
    """Look up how these people say that they are; who says nothing is left out."""
    found = await database.fetch(_OF, {"people": list(people)})
    return {person: msgspec.convert(value, Condition) for person, value in found}


def is_over(condition: Condition | None) -> bool:
    """Tell whether what somebody said held until a time that has passed."""
    return condition is not None and condition.until is not None and condition.until <= moment.now()
