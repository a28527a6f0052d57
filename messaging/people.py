"""People as others look them up: by id for names, by the start of a name to find somebody."""

from collections.abc import Sequence

import msgspec

from accounts.authority.barriers import walled
from messaging.conditions import HOLDS
from messaging.database import Rows
from messaging.protocol.frames import Condition, Person

#: Somebody behind a barrier, or outside a guest's few, is shown to whoever shares a conversation: there the name stands
#: beside what was said.
_SHARED = """exists (
    select 1 from membership a join membership b using (conversation_id)
    where a.person_id = %(seen_by)s and b.person_id = u.id)"""
_HIDDEN = walled("%(seen_by)s", "u.id")
#: How somebody is, to those who may know now: as KNOWN has it.
_STATUS = f"""
(select s.value from personal_state s
 where s.person_id = u.id and s.kind = 'status' and s.key = '' and u.is_active
    and {HOLDS}
    and (u.id = %(seen_by)s or not {_HIDDEN} and (%(in_directory)s or exists (
        select 1 from membership a join membership b using (conversation_id)
        where a.person_id = %(seen_by)s and b.person_id = u.id and upper_inf(a.spans) and upper_inf(b.spans)))))
"""
_BY_ID = f"""
select id, username, name, kind = 'bot', {_STATUS} from "user" u
where id = any(%(ids)s::bigint[]) and (
    id = %(seen_by)s or {_SHARED} or %(in_directory)s and not {_HIDDEN}) order by id
"""
#: Of pairs of people, those of whom the first may know now how the second is: nobody across a barrier, and a guest only
#: those with whom a conversation is shared.
KNOWN = f"""
select k.watcher, k.person from unnest(%(watchers)s::bigint[], %(people)s::bigint[]) as k (watcher, person)
join "user" me on me.id = k.watcher join "user" u on u.id = k.person
where me.is_active and u.is_active and (me.id = u.id or not {walled("me.id", "u.id")} and (not me.is_guest or exists (
    select 1 from membership a join membership b using (conversation_id) join conversation c on c.id = conversation_id
    where a.person_id = me.id and b.person_id = u.id and upper_inf(a.spans) and upper_inf(b.spans)
        and c.shown_at is not null)))
"""
_REACHABLE = f'select id from "user" u where id = any(%(ids)s::bigint[]) and is_active and not {_HIDDEN}'
_FOUND = f"""
select id, username, name, kind = 'bot' from "user" u
where is_active and not {_HIDDEN} and lower(username) > lower(%(after)s) and (
    lower(username) like lower(%(start)s) or lower(name) like lower(%(start)s) or lower(name) like lower(%(word)s))
order by lower(username) limit %(limit)s
"""


def _person(row: Sequence[object]) -> Person:
    id, username, name, is_bot, *status = row
    kept = msgspec.convert(status[0], Condition) if status and status[0] else None
    return Person(id=id, username=username, name=name, is_bot=is_bot, status=kept)  # type: ignore[arg-type]


def by_id(rows: Rows, ids: Sequence[int], *, seen_by: int, in_directory: bool = True) -> list[Person]:
    """Look up people, also those who are gone: their names stand beside what they said; and how they say that they are.

    `in_directory`: everybody, for who may read the directory; else those alone with whom a conversation is shared.
    """
    params = {"ids": list(ids), "seen_by": seen_by, "in_directory": in_directory}
    return [_person(row) for row in rows(_BY_ID, params)]


def missing(rows: Rows, ids: Sequence[int], *, seen_by: int) -> list[int]:
    """List which of these ids are nobody's whom this person could talk to: not there, not active, behind a barrier."""
    reachable = {row[0] for row in rows(_REACHABLE, {"ids": list(ids), "seen_by": seen_by})}
    return [id for id in ids if id not in reachable]


def search(rows: Rows, start: str, *, seen_by: int, after: str, limit: int) -> list[Person]:
    """Find active people by the start of their username or of a word of their name, by username."""
    literal = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    params = {"seen_by": seen_by, "start": f"{literal}%", "word": f"% {literal}%", "after": after, "limit": limit}
    return [_person(row) for row in rows(_FOUND, params)]
