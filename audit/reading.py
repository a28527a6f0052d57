"""The trail's rows for `verify`, streamed from one snapshot of the database by a server-side cursor."""

import contextlib
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from django.db import connections, transaction

from audit import checkpoint
from audit.chain import Link
from audit.checkpoint import Checkpoint
from audit.keys import PublicKey
from audit.models import Key
from audit.verify import EntryRow, LinkRow

#: Rows a round trip.
STRIDE = 500

_LINKS = """
SELECT l.seq, l.first, l.entries, l.at, l.previous, l.entries_digest, l.hash,
       e.id, e.at, e.content, e.digest, e.actor_id, e.verb, e.target, e.category,
       d.salt, d.fields, o.salt, o.fields
FROM audit_link l
LEFT JOIN LATERAL (SELECT * FROM audit_entry WHERE deed = l.deed ORDER BY id) e ON true
LEFT JOIN audit_personal d ON d.entry_id = e.id AND d.part = 'deed'
LEFT JOIN audit_personal o ON o.entry_id = e.id AND o.part = 'origin'
ORDER BY l.seq, e.id
"""
_CHECKPOINTS = "SELECT id, line FROM audit_checkpoint ORDER BY link_seq, id"
_STRAYS = """
SELECT 'Entry (id ' || id || ') belongs to no link: it was added.' FROM audit_entry e
WHERE NOT EXISTS (SELECT FROM audit_link WHERE deed = e.deed)
UNION ALL
SELECT 'Personal fields (' || part || ') of an entry (id ' || entry_id || ') that is not there.' FROM audit_personal p
WHERE NOT EXISTS (SELECT FROM audit_entry WHERE id = p.entry_id)
"""


@contextlib.contextmanager
def snapshot(alias: str) -> Iterator[None]:
    """Read all that follows from one state of the database."""
    with transaction.atomic(using=alias, durable=True), connections[alias].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def prepare(alias: str) -> None:
    """Lift the limit on time, for this transaction, and read row by row along the indexes.

    That is the order that is asked for, however old the planner's statistics are.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for other in ("hashjoin", "mergejoin", "seqscan", "material"):
            cursor.execute(f"SET LOCAL enable_{other} = off")


def links(alias: str) -> Iterator[tuple[LinkRow, Iterator[EntryRow]]]:
    """Give the links by seq, each with its entries by id, which are to be read before the next link is."""
    for _, rows in groupby(_stream(alias, _LINKS), key=itemgetter(0)):
        first = next(rows)
        yield _link(first), (_entry(row) for row in chain([first], rows) if row[7] is not None)


def checkpoints(alias: str, saved: Iterable[Checkpoint], malformed: list[str]) -> Iterator[Checkpoint]:
    """Give the database's checkpoints and saved ones by the seq of their link; `malformed` gets those that are none."""
    waiting = deque(sorted(saved, key=lambda one: one.seq))
    for number, line in _stream(alias, _CHECKPOINTS):
        try:
            found = checkpoint.parse(line)
        except checkpoint.Malformed as error:
            malformed.append(f"Checkpoint {number} of the database was changed: {error}")
            continue
        while waiting and waiting[0].seq <= found.seq:
            yield waiting.popleft()
        yield found
    yield from waiting


def public_keys(alias: str) -> list[PublicKey]:
    """Give the keys in the order in which they came."""
    return [key.public() for key in Key.objects.using(alias).order_by("id")]


def strays(alias: str) -> Iterator[str]:
    """Name what belongs to nothing that is on the trail, as faults."""
    for (sentence,) in _stream(alias, _STRAYS):
        yield sentence


def _stream(alias: str, statement: str) -> Iterator[tuple[Any, ...]]:
    with connections[alias].connection.cursor(name=f"verify_{uuid.uuid4().hex}") as cursor:
        cursor.itersize = STRIDE
        cursor.execute(statement)
        yield from cursor


def _link(row: tuple[Any, ...]) -> LinkRow:
    seq, first, entries, at, previous, entries_digest, hashed = row[:7]
    return LinkRow(Link(seq, first, entries, at, bytes(previous), bytes(entries_digest)), bytes(hashed))


def _entry(row: tuple[Any, ...]) -> EntryRow:
    number, at, content, digest, actor_id, verb, target, category, *kept = row[7:]
    columns = {"actor_id": actor_id, "verb": verb, "target": target, "category": category}
    parts = {"deed": kept[:2], "origin": kept[2:]}
    personal = {part: (bytes(salt), text) for part, (salt, text) in parts.items() if salt is not None}
    return EntryRow(number, at, content, bytes(digest), columns, personal)
