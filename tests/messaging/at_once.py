"""Two who do something at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, transaction

from tests.parts import wait_until

T = TypeVar("T")

_WAITS = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def _is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")  # within a transaction it would be looked at once alone
        cursor.execute(_WAITS)
        return bool(cursor.fetchone()[0])


def while_uncommitted(first: Callable[[], object], second: Callable[[], T]) -> T:
    """Do one thing, and the second before the first is committed; give, or raise, what came of the second."""

    def other() -> T:
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            begun = pool.submit(other)
            wait_until(lambda: begun.done() or _is_anybody_waiting(), "the second one")
        return begun.result(timeout=30)
