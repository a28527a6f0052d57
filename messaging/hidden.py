"""What people hide from their peers, where the workspace lets them: presence, last seen, typing, receipts, each alone.

It hides nothing from the record: receipts are written down all the same. A choice is a preference of the own log.
"""

from collections.abc import Iterable

from accounts.options import in_sql
from messaging import database

_IS_ON = f"kind = 'prefer' and value -> 'value' = 'true'::jsonb and {in_sql('private_mode')} = 1"
_AMONG = f"""
select person_id, key from personal_state
where person_id = any(%(people)s::bigint[]) and key = any(%(names)s::text[]) and {_IS_ON}
"""


def hides(person: str, what: str) -> str:
    """Write the SQL that tells whether a person, given as an expression, hides `receipts` and such."""
    return (
        f"exists (select 1 from personal_state p where p.person_id = {person} and p.key = 'hide_{what}' and {_IS_ON})"
    )


async def among(people: Iterable[int], *what: str) -> set[tuple[int, str]]:
    """Look up who of these people hides what of this: pairs such as (12, "typing")."""
    listed = list(people)
    if not listed:
        return set()
    params = {"people": listed, "names": [f"hide_{each}" for each in what]}
    return {(person, name.removeprefix("hide_")) for person, name in await database.fetch(_AMONG, params)}
