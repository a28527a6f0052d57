"""The one door to the trail."""

import getpass
import re
import socket
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from audit import canonical, category, commitments
from audit.commitments import DEED, ORIGIN, Personal
from audit.models import Entry
from audit.models import Personal as PersonalRow

_TARGET = re.compile(r"[a-z][a-z_]*(:[\w.-]+)*", re.ASCII)
_PERSON = re.compile(r"user:(\d{1,18})")

#: Entries and personal fields in one round trip; a trigger gives each entry its deed, its time and its digest.
_PUT = """
WITH made AS (
    INSERT INTO audit_entry (content)
    SELECT content FROM unnest(%(contents)s::text[]) WITH ORDINALITY AS t(content, nth) ORDER BY nth
    RETURNING *
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) AS nth FROM made
), beside AS (
    INSERT INTO audit_personal (entry_id, part, subject_id, salt, fields)
    SELECT numbered.id, p.part, p.subject_id, p.salt, p.fields
    FROM unnest(%(nths)s::bigint[], %(parts)s::text[], %(subjects)s::bigint[], %(salts)s::bytea[], %(fields)s::text[])
        AS p(nth, part, subject_id, salt, fields)
    JOIN numbered USING (nth)
)
SELECT * FROM made ORDER BY id
"""

#: Entries in the order in which they were committed, each with its number, which no later commit gets in front of.
_PAGE = """
SELECT * FROM (
    SELECT e.*, l.first + row_number() OVER (PARTITION BY l.seq ORDER BY e.id) - 1 AS number
    FROM audit_link l JOIN audit_entry e ON e.deed = l.deed
    WHERE l.seq >= coalesce((SELECT seq FROM audit_link WHERE first <= %(after)s + 1 ORDER BY first DESC LIMIT 1), 1)
) AS numbered
WHERE number > %(after)s AND category = ANY(%(categories)s)
ORDER BY number LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Draft:
    """What is to be put on the trail; `record` says what the fields mean."""

    actor: int | None
    verb: str
    target: str
    before: Any = None
    after: Any = None
    category: str | None = None


def record(
    *,
    actor: int | None,
    verb: str,
    target: str,
    before: Any = None,
    after: Any = None,
    origin: Mapping[str, Any],
    category: str | None = None,
    using: str = "default",
) -> Entry:
    """Put a deed on the trail, in the deed's own transaction, by one statement.

    `target` is an opaque name such as `user:12`; `origin` says where the deed came from (an address, a command).
    `category` says who may read it, by default what the verb's first part stands for (`category.of_verb`). Texts in
    `before`, `after` and `origin` are kept where they can be erased, unless their key is one of
    `commitments.PLAIN_KEYS`: say `{"role": "owner"}` and not `"owner"` for what has to stay.
    Raises ValueError for a target that is not opaque, or an unknown category.
    """
    (entry,) = record_many([Draft(actor, verb, target, before, after, category)], origin=origin, using=using)
    return entry


def record_many(drafts: Iterable[Draft], *, origin: Mapping[str, Any], using: str = "default") -> list[Entry]:
    """Put many deeds of one origin on the trail by one statement, in their order, and give their entries."""
    contents: list[str] = []
    beside: list[tuple[int, Personal, int | None]] = []
    for nth, draft in enumerate(drafts, start=1):
        content, parts = content_of(draft, origin)
        contents.append(content)
        beside += [(nth, part, subject_of(draft, part)) for part in parts]
    if not contents:
        return []
    values = {
        "contents": contents,
        "nths": [nth for nth, _, _ in beside],
        "parts": [part.part for _, part, _ in beside],
        "subjects": [subject for _, _, subject in beside],
        "salts": [part.salt for _, part, _ in beside],
        "fields": [part.text for _, part, _ in beside],
    }
    made = list(Entry.objects.using(using).raw(_PUT, values))
    for entry in made:
        entry.personal = []
    for nth, part, subject in beside:
        row = PersonalRow(
            entry_id=made[nth - 1].pk, part=part.part, subject_id=subject, salt=part.salt, fields=part.text
        )
        made[nth - 1].personal.append(row)
    return made


def readable(categories: Collection[str]) -> models.QuerySet[Entry]:
    """Give the committed entries of some categories, in the order in which they were committed."""
    return Entry.objects.filter(category__in=categories).order_by("link__seq", "id")


def page(categories: Collection[str], *, after: int = 0, limit: int = 100) -> list[Entry]:
    """Read the entries whose number is above `after`, in order, each with its `number`.

    Who goes on from the last number misses nothing: an entry gets its number at its commit, so none comes in before.
    """
    values = {"after": after, "categories": list(categories), "limit": limit}
    return list(Entry.objects.raw(_PAGE, values))


def command_line(command: str) -> dict[str, str]:
    """Describe a deed done from a shell on this host: the command and the operating system's user."""
    return {"command": command, "os_user": getpass.getuser(), "host": socket.gethostname()}


def content_of(draft: Draft, origin: Mapping[str, Any]) -> tuple[str, list[Personal]]:
    """Write what goes on the trail, and give what goes beside it."""
    if not _TARGET.fullmatch(draft.target):
        raise ValueError(f"{draft.target!r} is no opaque target: name it by kind and id, such as user:12.")
    personal: dict[str, dict[str, Any]] = {DEED: {}, ORIGIN: {}}
    document: dict[str, Any] = {
        "v": 1,
        "actor": draft.actor,
        "verb": draft.verb,
        "target": draft.target,
        "category": category.Category(draft.category or category.of_verb(draft.verb)).value,
        "before": commitments.separate(canonical.plain(draft.before), "/before", personal[DEED]),
        "after": commitments.separate(canonical.plain(draft.after), "/after", personal[DEED]),
        "origin": commitments.separate(canonical.plain(dict(origin)), "/origin", personal[ORIGIN]),
    }
    parts = [Personal.of(part, fields) for part, fields in personal.items() if fields]
    document["personal"] = {part.part: part.promise() for part in parts}
    return canonical.encode(document), parts


def subject_of(draft: Draft, part: Personal) -> int | None:
    """Name the person whose data a part holds: the actor's for an origin, else the person's whom the deed is about."""
    if part.part == ORIGIN:
        return draft.actor
    person = _PERSON.fullmatch(draft.target)
    return int(person[1]) if person else None
