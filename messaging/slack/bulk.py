"""Many rows of a model at once, by COPY: a fifth of what `bulk_create` takes."""

from collections.abc import Sequence
from typing import Any, cast

from django.db import connection, models

from messaging.database import raw_cursor


def copy_in(objects: Sequence[models.Model]) -> None:
    """Add objects of one model, all of whose fields are set but the id that the database gives."""
    if not objects:
        return
    meta = objects[0]._meta
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.get_attname_column()[1] or "") for field in fields)
    statement = f"copy {quote(meta.db_table)} ({columns}) from stdin"
    with connection.wrap_database_errors, raw_cursor() as cursor, cursor.copy(cast("Any", statement)) as copy:
        for each in objects:
            copy.write_row([getattr(each, field.attname) for field in fields])
