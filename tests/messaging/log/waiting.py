"""Locks of others, and conditions to wait for."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
from django.db import connection, transaction

from chatproject import places

_WAITING = """
select pid from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like '%for update%'
"""


@contextmanager
def held(conversation: int) -> Iterator[psycopg.Connection]:
    """Hold a conversation's lock on a connection of one's own, as an import or another process does."""
    with psycopg.connect(places.database_url("app") or "") as holder:
        holder.execute("select from head where conversation_id = %s for update", [conversation])
        yield holder
        holder.rollback()


@contextmanager
def unfinished(deed: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Begin a deed in a transaction of another session; it commits when that is called, or at the end."""
    is_done, may_commit = threading.Event(), threading.Event()

    def carry_out() -> None:
        with closing(connection), transaction.atomic():
            deed()
            is_done.set()
            may_commit.wait(60)

    thread = threading.Thread(target=carry_out)
    thread.start()

    def commit() -> None:
        may_commit.set()
        thread.join(60)

    try:
        assert is_done.wait(60)
        yield commit
    finally:
        commit()


def waiting() -> list[int]:
    """List the sessions that wait for a conversation's lock."""
    with psycopg.connect(places.database_url("app") or "", autocommit=True) as looker:
        return [pid for (pid,) in looker.execute(_WAITING)]


def terminate(pid: int) -> None:
    """Cut a session off, as an operator does."""
    with psycopg.connect(places.database_url("app") or "", autocommit=True) as operator:
        operator.execute("select pg_terminate_backend(%s)", [pid])


async def until(condition: Callable[[], Awaitable[object]], what: str, patience_s: float = 30.0) -> None:
    """Wait for a condition and fail with `what` where it does not come (seconds)."""
    try:
        async with asyncio.timeout(patience_s):
            while not await condition():  # noqa: ASYNC110 - it lies in other processes
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise TimeoutError(f"{what} did not come within {patience_s:.0f} s") from None
