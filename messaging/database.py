"""Statements outside the ORM: on Django's connection, or on this process's asynchronous pool."""

import asyncio
import select
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.types.json import JsonbLoader, JsonLoader
from psycopg_pool import AsyncConnectionPool

from accounts.breaker import Breaker

Params = Sequence[Any] | Mapping[str, Any]
Row = tuple[Any, ...]

#: A session that waits for a lock or runs a statement for longer is in trouble.
OPTIONS = "-c lock_timeout=5s -c statement_timeout=30s -c timezone=UTC"
POOL_SIZE = 4
POOL_TIMEOUT_S = 5.0
#: A statement outside the log that is not back by then is given up: the server hangs. psycopg's attempt to cancel it
#: there takes up to twice 5 s more.
FETCH_TIMEOUT_S = 10.0
#: After so long without an answer, or where there is no database, nobody else waits for it but one a second who tries.
SLOW_S, REST_S = 5.0, 1.0


class Rows(Protocol):
    """Runs a statement and gives its rows."""

    def __call__(self, sql: str, params: Params = (), /) -> list[Row]:
        """Run it."""


def raw_cursor() -> psycopg.Cursor[Row]:
    """Open psycopg's own cursor on Django's connection: binds on the server, prepares, takes arrays."""
    connection.ensure_connection()
    cursor = psycopg.Cursor(cast("psycopg.Connection[Row]", connection.connection))
    cursor.adapters.register_loader("json", JsonLoader)  # Django wants JSON as text, for fields of its own
    cursor.adapters.register_loader("jsonb", JsonbLoader)
    return cursor


def rows(sql: str, params: Params = (), /) -> list[Row]:
    """Run a statement on Django's connection and give its rows."""
    with connection.wrap_database_errors, raw_cursor() as cursor:
        return cursor.execute(cast("Any", sql), params).fetchall()


def dsn(options: str = "") -> str:
    """Give the DSN of the application's role for connections outside Django, with more options of a session."""
    database = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    known = {name: database[key] for name, key in names.items() if database.get(key)}
    extra = {k: v for k, v in database["OPTIONS"].items() if k not in ("pool", "options")}
    return psycopg.conninfo.make_conninfo(**known, **extra, options=f"{OPTIONS} {options}", application_name="parley")


async def _check(held: psycopg.AsyncConnection[Any]) -> None:
    """Raise psycopg.OperationalError where the server has hung up: there is something to read, though none was asked.

    A question to the server instead would be half of what most statements here cost.
    """
    poll = select.poll()
    poll.register(held.fileno(), select.POLLIN)
    if poll.poll(0):
        await AsyncConnectionPool.check_connection(held)


_pools: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncConnectionPool]" = weakref.WeakKeyDictionary()


async def pool() -> AsyncConnectionPool:
    """Give this event loop's pool of connections, opened at its first use."""
    loop = asyncio.get_running_loop()
    if loop not in _pools:
        _pools[loop] = AsyncConnectionPool(
            dsn(),
            min_size=1,
            max_size=POOL_SIZE,
            timeout=POOL_TIMEOUT_S,
            kwargs={"autocommit": True},
            check=_check,
            open=False,
        )
        await _pools[loop].open()
    return _pools[loop]


async def close_pool() -> None:
    """Close this event loop's pool, where it has one; its next use opens another."""
    opened = _pools.pop(asyncio.get_running_loop(), None)
    if opened is not None:
        await opened.close()


class LeftAlone(psycopg.OperationalError):
    """The database was away a moment ago and is not asked."""


#: Of all event loops of the process: they have one database.
_breaker = Breaker(REST_S)


async def fetch(sql: str, params: Params = (), /) -> list[Row]:
    """Run one statement by itself on the asynchronous pool and give its rows.

    Raises psycopg.OperationalError or TimeoutError where the database is away or hangs; LeftAlone at once where that is
    known.
    """
    since = _breaker.let_through()
    if since is None:
        raise LeftAlone("the database was away a moment ago and is left alone")
    slow = asyncio.get_running_loop().call_later(SLOW_S, _breaker.failed, since)
    try:
        async with asyncio.timeout(FETCH_TIMEOUT_S), (await pool()).connection() as held:
            found = await (await held.execute(cast("Any", sql), params)).fetchall()
    except (psycopg.OperationalError, TimeoutError) as error:
        if _says_away(error):
            _breaker.failed(since)
        raise
    finally:
        slow.cancel()
    _breaker.succeeded()
    return found


def _says_away(error: Exception) -> bool:
    """Tell whether it is the database that failed, rather than a statement or one session: those have other codes."""
    code = getattr(error, "sqlstate", None)
    return code is None or code[:2] == "08" or code in ("57P02", "57P03")
