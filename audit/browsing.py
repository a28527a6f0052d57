"""Reading the trail from its end backwards, narrowed by what a reader looks for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from audit.models import Entry

#: Entries by their place in the order of commits, the last ones first. The first condition keeps it to whole links.
_FOUND = """
select e.id, e.deed from audit_link l join {entries} e on e.deed = l.deed
where l.seq between %(first)s and %(seq)s and (l.seq < %(seq)s or e.id < %(id)s) {narrowed}
order by l.seq desc, e.id desc limit %(limit)s
"""
#: Where few are sought they are found by the indexes of entries and put in order; else links are walked backwards.
_FEW = "(select e.id, e.deed from audit_entry e where {narrowed} offset 0)"
#: So many, and when the newest was; no further than one needs to know.
_HOW_MANY = "select count(*), max(at) from (select e.at from audit_entry e where {narrowed} limit %(many)s) sought"
#: Links between which all entries of a time are: an entry's link comes after it, by as long as its transaction took.
_BETWEEN = """
select
    (select l.seq from audit_entry e join audit_link l on l.deed = e.deed
        where e.at < %(since)s::timestamptz - %(longest)s order by e.at desc limit 1),
    (select l.seq from audit_entry e join audit_link l on l.deed = e.deed
        where e.at > %(last_at)s::timestamptz + %(longest)s order by e.at limit 1)
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
#: Entries that are put in order within some tens of milliseconds, and those of which the newest is found so.
FEW, MANY = 10_000, 50_000
#: No transaction takes longer.
LONGEST = timedelta(days=1)


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
    said, values = sought.narrowed()
    seq, id = _place(before)
    values |= {"seq": seq, "id": id, "categories": list(categories), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(*_question(cursor, said, values))
        found = cursor.fetchall()
        ids = [row[0] for row in found]
        cursor.execute(_NUMBERS, {"deeds": list({row[1] for row in found}), "ids": ids})
        numbers: dict[int, int] = dict(cursor.fetchall())
    entries = Entry.objects.in_bulk(ids)
    return [_numbered(entries[id], numbers[id]) for id in ids]


def _question(cursor: Any, said: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Choose how to look, and give the statement with its values.

    Left to itself the planner takes entries to be spread evenly, and walks back through the whole trail for what was
    last done years ago.
    """
    narrowed = f"e.category = any(%(categories)s) {said}"
    are_few, last_at = False, values["until"]
    if said:
        cursor.execute(_HOW_MANY.format(narrowed=narrowed), values | {"many": MANY})
        count, newest = cursor.fetchone()
        are_few = count <= FEW
        last_at = newest if newest and count < MANY else last_at
    values |= _between(cursor, values, last_at)
    if are_few:
        return _FOUND.format(entries=_FEW.format(narrowed=narrowed), narrowed=""), values
    return _FOUND.format(entries="audit_entry", narrowed=f"and {narrowed}"), values


def _between(cursor: Any, values: dict[str, Any], last_at: datetime | None) -> dict[str, Any]:
    """Find between which links to look: what is sought was done since `since`, and until `last_at`."""
    if not values["since"] and not last_at:
        return {"first": 0}
    cursor.execute(_BETWEEN, {"since": values["since"], "last_at": last_at, "longest": LONGEST})
    first, last = cursor.fetchone()
    is_nearer = last is not None and last < values["seq"]
    return {"first": first or 0} | ({"seq": last, "id": _LAST} if is_nearer else {})


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
