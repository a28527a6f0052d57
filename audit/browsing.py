"""Reading the trail from its end backwards, narrowed by what a reader looks for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from audit.models import Entry

#: Entries by their place in the order of commits, the last ones first. The first condition keeps it to whole links.
_FOUND = """
select e.id, e.deed from audit_link l join audit_entry e on e.deed = l.deed
where l.seq <= %(seq)s and (l.seq < %(seq)s or e.id < %(id)s) and e.category = any(%(categories)s) {narrowed}
order by l.seq desc, e.id desc limit %(limit)s
"""
#: Each entry's number, which counts the entries of its own deed before it.
_NUMBERS = """
select id, number from (
    select e.id, l.first + row_number() over (partition by l.seq order by e.id) - 1 as number
    from audit_link l join audit_entry e on e.deed = l.deed where l.deed = any(%(deeds)s::uuid[])
) numbered where id = any(%(ids)s::bigint[])
"""
#: The link in which a number is, and the entry of it that has the number.
_PLACE = """
select l.seq, (select id from audit_entry where deed = l.deed order by id offset %(number)s - l.first limit 1)
from audit_link l where l.first <= %(number)s order by l.first desc limit 1
"""
_LAST = 2**63 - 1


@dataclass(frozen=True)
class Sought:
    """What a reader looks for; nothing narrows by nothing."""

    verb: str = ""
    person: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def narrowed(self) -> tuple[str, dict[str, Any]]:
        """Write the conditions, and give their values."""
        said: list[str] = []
        if self.verb:
            said.append("e.verb = %(verb)s")
        if self.person is not None:
            said.append("(e.actor_id = %(person)s or e.target = %(target)s)")
        if self.since:
            said.append("e.at >= %(since)s")
        if self.until:
            said.append("e.at < %(until)s")
        values = {"verb": self.verb, "person": self.person, "target": f"user:{self.person}"}
        return "".join(f" and {one}" for one in said), values | {"since": self.since, "until": self.until}


def latest(categories: Collection[str], sought: Sought, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """Read the last entries of some categories, the newest first, each with its `number`; those below `before`."""
    narrowed, values = sought.narrowed()
    seq, id = _place(before)
    values |= {"seq": seq, "id": id, "categories": list(categories), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(narrowed=narrowed), values)
        found = cursor.fetchall()
        ids = [row[0] for row in found]
        cursor.execute(_NUMBERS, {"deeds": list({row[1] for row in found}), "ids": ids})
        numbers: dict[int, int] = dict(cursor.fetchall())
    entries = Entry.objects.in_bulk(ids)
    return [_numbered(entries[id], numbers[id]) for id in ids]


def _place(before: int | None) -> tuple[int, int]:
    """Find where to begin: a link, and the entry of it from which on nothing is shown."""
    if before is None:
        return _LAST, 0
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, {"number": before})
        found = cursor.fetchone()
    if found is None:
        return 0, 0
    return found[0], _LAST if found[1] is None else found[1]


def _numbered(entry: Entry, number: int) -> Entry:
    entry.number = number
    return entry
