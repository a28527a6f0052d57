"""A trail with something on it, and what a thief with the owner's rights does to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from audit import checkpoint, signing, trail, verification
from audit.checkpoint import Checkpoint
from audit.models import Checkpoint as Row
from audit.models import Link


def deeds() -> list[Link]:
    """Put three deeds of three entries on the trail, sign its end, and give their links."""
    signing.sign(settings.TRAIL_KEY)  # the first time a key is made, which is an entry of its own
    made = []
    for deed in range(3):
        drafts = [
            trail.Draft(1, "role.change", f"user:{10**9 + n}", after={"name": f"n {deed} {n}", "role": "x"})
            for n in range(3)
        ]
        entries = trail.record_many(drafts, origin={"ip": "::1"})
        made.append(Link.objects.get(deed=entries[0].link_id))
    signing.sign(settings.TRAIL_KEY)
    return made


def saved() -> Checkpoint:
    """Give the last checkpoint, as an officer has it."""
    row = Row.objects.order_by("-id").first()
    assert row is not None
    return checkpoint.parse(row.line)


class Thief:
    """The owner of the database, with every trigger off."""

    def __call__(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def report(self, *known: Checkpoint, pinned: str | None = None) -> str:
        """Verify what is there now, and give the faults."""
        return "\n".join(verification.look("owner", known, pinned).faults)


@contextmanager
def thief() -> Iterator[Thief]:
    """Let the thief in; what was done is undone at the end."""
    with transaction.atomic(using="owner"):
        it = Thief()
        for table in ("audit_entry", "audit_link"):
            it(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield it
        transaction.set_rollback(True, using="owner")
