"""People as others look them up: by id for names, by the start of a name to find somebody."""

from collections.abc import Sequence

from messaging.database import Rows
from messaging.protocol.frames import Person

_BY_ID = "select id, username, name, kind = 'bot' from \"user\" where id = any(%s::bigint[]) order by id"
_ACTIVE = 'select id from "user" where id = any(%s::bigint[]) and is_active'
_FOUND = """
select id, username, name, kind = 'bot' from "user"
where is_active and lower(username) > lower(%(after)s) and (
    lower(username) like lower(%(start)s) or lower(name) like lower(%(start)s) or lower(name) like lower(%(word)s))
order by lower(username) limit %(limit)s
"""


def _person(row: Sequence[object]) -> Person:
    id, username, name, is_bot = row
    return Person(id=id, username=username, name=name, is_bot=is_bot)  # type: ignore[arg-type]


def by_id(rows: Rows, ids: Sequence[int]) -> list[Person]:
    """Look up people, also those who are gone: their names stand beside what they said."""
    return [_person(row) for row in rows(_BY_ID, [list(ids)])]


def missing(rows: Rows, ids: Sequence[int]) -> list[int]:
    """List which of these ids are nobody's who could be a member."""
    active = {row[0] for row in rows(_ACTIVE, [list(ids)])}
    return [id for id in ids if id not in active]


def search(rows: Rows, start: str, *, after: str, limit: int) -> list[Person]:
    """Find active people by the start of their username or of a word of their name, by username."""
    literal = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    params = {"start": f"{literal}%", "word": f"% {literal}%", "after": after, "limit": limit}
    return [_person(row) for row in rows(_FOUND, params)]
