"""The personal fields beside the trail: read for many entries at once, and erased; the chain verifies all the same."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from audit.commitments import ORIGIN
from audit.models import Entry, Personal

#: How long it is kept where deeds came from (days).
ORIGINS_DAYS = 90
#: Rows a transaction, so that nobody waits long.
STRIDE = 5000

_ERASE = """
DELETE FROM audit_personal WHERE (entry_id, part) IN (
    SELECT entry_id, part FROM audit_personal WHERE {which} ORDER BY entry_id LIMIT {stride}
)
"""


def of(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Give the entries with their personal fields read, by one query for all of them."""
    rows: dict[int, list[Personal]] = defaultdict(list)
    for row in Personal.objects.filter(entry_id__in=[entry.pk for entry in entries]):
        rows[row.entry_id].append(row)
    for entry in entries:
        entry.personal = rows[entry.pk]
    return entries


def expire_origins(before: datetime) -> int:
    """Erase where deeds before an instant came from, and give how many; raises ImproperlyConfigured as `erase` does."""
    return _erase("part = %s AND at < %s", ORIGIN, before)


def erase(subject_id: int) -> int:
    """Erase what the trail keeps of a person, and give how many parts; the caller puts that on the trail.

    It is done over the retention role's connection, in transactions of its own. Raises ImproperlyConfigured where that
    role has no DSN.
    """
    return _erase("subject_id = %s", subject_id)


def _erase(which: str, *values: str | int | datetime) -> int:
    if "retention" not in settings.DATABASES:
        raise ImproperlyConfigured("DATABASE_RETENTION_URL is not set, and no other role may erase personal fields.")
    erased = 0
    with connections["retention"].cursor() as cursor:
        while True:
            cursor.execute(_ERASE.format(which=which, stride=STRIDE), values)
            count: int = cursor.rowcount
            erased += count
            if count < STRIDE:
                return erased
