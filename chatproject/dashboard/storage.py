"""What is kept, and how much room is left."""

import shutil
from typing import NamedTuple

from django.conf import settings
from django.db import connection

TABLES = 5

_TABLES = f"""
select pg_database_size(current_database()), array(
    select json_build_array(relname, pg_total_relation_size(oid)) from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace
    order by pg_total_relation_size(oid) desc limit {TABLES})
"""


class Storage(NamedTuple):
    """Sizes in bytes."""

    database: int
    tables: list[tuple[str, int]]
    free: int
    disk: int

    @property
    def is_nearly_full(self) -> bool:
        """Tell whether less than a tenth of the data folder's disk is free."""
        return self.free < self.disk / 10


def look() -> Storage:
    """Measure the database, its largest tables, and the disk of the data folder."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        database, tables = cursor.fetchone()
    disk = shutil.disk_usage(settings.DATA_DIR)
    return Storage(database, [(name, size) for name, size in tables], disk.free, disk.total)
