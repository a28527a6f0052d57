"""Connections of the pool, each asked for a sign of life first: a database that is away or hangs is found out at once.

Without it a page would wait for the pool's whole patience, and the next page again.
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from accounts.breaker import Breaker

#: A connection that does not answer an empty query within this hangs.
ANSWER_S = 1.0
#: The database is left alone for so long after a failure.
REST_S = 1.0

_breaker = Breaker(REST_S)


class Silent(psycopg.OperationalError):
    """A connection that is whole says nothing."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, which raises OperationalError at once while the database is known to be away."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Take one that answers out of the pool; without a pool open one."""
        if not self.pool:
            return super().get_new_connection(conn_params)
        since = _breaker.let_through()
        if since is None:
            raise psycopg.OperationalError("the database was away a moment ago and is left alone")
        try:
            connection = self._answering(conn_params)
        except psycopg.OperationalError:
            _breaker.failed(since)
            raise
        _breaker.succeeded()
        return connection

    def _answering(self, conn_params: dict[str, Any]) -> Any:
        """Pass over what a server that was started again has cut; raises OperationalError where one hangs."""
        for _ in range(self.pool.max_size):
            connection = super().get_new_connection(conn_params)
            try:
                is_whole = answers(connection.pgconn)
            except Silent:
                connection.close()
                self.pool.putconn(connection)
                raise
            if is_whole:
                return connection
            self.pool.putconn(connection)
        return super().get_new_connection(conn_params)


def answers(connection: psycopg.pq.abc.PGconn) -> bool:
    """Send an empty query and wait for its end; False where the connection is cut.

    Raises Silent where nothing comes.
    """
    try:
        coming = select.poll()
        coming.register(connection.socket, select.POLLIN)
        connection.send_query(b"")
        connection.flush()
        result: object = connection
        while result is not None:
            while connection.is_busy():
                if not coming.poll(ANSWER_S * 1000):
                    raise Silent(f"the database has not answered for {ANSWER_S:g} s")
                connection.consume_input()
            result = connection.get_result()
    except Silent:
        raise
    except psycopg.OperationalError:
        return False
    return connection.transaction_status == TransactionStatus.IDLE
