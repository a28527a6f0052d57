"""A connection is asked for a sign of life before a page gets it."""

import os
import resource
from collections.abc import Iterator

import psycopg
import pytest

from accounts.postgresql.base import answers
from messaging.database import dsn

#: `select` knows no descriptor above this, and a process that holds thousands of sockets has little else.
FD_SETSIZE = 1024


@pytest.fixture
def many_open() -> Iterator[None]:
    """Hold so many files open that what is opened next has a high descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = [os.open(os.devnull, os.O_RDONLY)]
    while held[-1] < FD_SETSIZE:
        held.append(os.dup(held[0]))
    yield
    for each in held:
        os.close(each)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_in_a_process_that_holds_thousands_of_sockets(many_open: None) -> None:
    with psycopg.connect(dsn()) as connection:
        assert connection.fileno() > FD_SETSIZE
        assert answers(connection.pgconn)


def test_one_that_was_cut_says_so() -> None:
    with psycopg.connect(dsn(), autocommit=True) as other, psycopg.connect(dsn()) as connection:
        assert answers(connection.pgconn)
        other.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
        assert not answers(connection.pgconn)
