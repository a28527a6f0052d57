"""Storing a message the plain way: a transaction each, of two statements, into the tables that Parley's log uses."""

from uuid import uuid4

from psycopg_pool import AsyncConnectionPool

_NUMBER = "update head set seq = seq + 1, n = n + 1 where conversation_id = %s returning seq, n"
_STORE = """
insert into event (conversation_id, seq, n, id, kind, author_id, at, body, salt, digest)
values (%s, %s, %s, %s, 'message', %s, now(), %s, %s, %s)
"""
CONNECTIONS = 8
_SALT, _DIGEST = bytes(16), bytes(32)


def connections(dsn: str) -> AsyncConnectionPool:
    """Make the pool that senders share; opened by `async with`."""
    autocommit = {"autocommit": True}
    return AsyncConnectionPool(
        dsn, min_size=CONNECTIONS, max_size=CONNECTIONS, kwargs=autocommit, open=False, timeout=60
    )


async def store(pool: AsyncConnectionPool, conversation: int, author: int, body: str) -> None:
    """Number and store a message; nothing else is checked."""
    async with pool.connection() as held, held.transaction():
        row = await (await held.execute(_NUMBER, [conversation])).fetchone()
        assert row is not None
        seq, n = row
        await held.execute(_STORE, [conversation, seq, n, uuid4(), author, body, _SALT, _DIGEST])
