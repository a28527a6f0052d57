"""A database that gave no answer is left alone by `fetch`: nobody waits but one who tries, and it goes on by itself."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import psycopg
import pytest

from accounts import breaker
from messaging import database
from messaging.database import LeftAlone, fetch
from tests.messaging.hub.inside import eventually
from tests.messaging.log.line import Line

ONE = "select 1"


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SimpleNamespace]:
    """The breaker's clock, which a test moves on, and a breaker and a pool of its own."""
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(breaker, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    monkeypatch.setattr(database, "_breaker", breaker.Breaker(database.REST_S))
    yield clock
    await database.close_pool()


def is_open() -> bool:
    """Tell whether the database is left alone."""
    return database._breaker._next_try_at is not None


async def test_while_it_hangs_and_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, line: Line, clock: SimpleNamespace
) -> None:
    monkeypatch.setattr(database, "SLOW_S", 0.05)
    assert await fetch(ONE) == [(1,)]
    first = asyncio.create_task(fetch("select pg_sleep(5)"))
    await eventually(is_open, "that it is known")
    assert not first.done()  # it is still waited for, and nobody else waits
    with pytest.raises(LeftAlone):
        await fetch(ONE)
    line.cut()
    with pytest.raises(psycopg.OperationalError) as cut:
        await first
    assert not isinstance(cut.value, LeftAlone)
    with pytest.raises(LeftAlone):
        await fetch(ONE)
    line.hold()
    clock.now_s += database.REST_S
    tries = asyncio.create_task(fetch(ONE))
    await asyncio.wait([tries], timeout=0)
    with pytest.raises(LeftAlone):
        await fetch(ONE)
    assert not tries.done()
    line.release()
    assert await tries == [(1,)]
    for _ in range(2):
        assert await fetch(ONE) == [(1,)]


@pytest.mark.parametrize(
    ("code", "is_away"),
    [
        ("22012", False),  # division by zero
        ("55P03", False),  # a lock that was not to be had
        ("57014", False),  # cancelled
        ("57P02", True),  # the server has crashed
        ("57P03", True),  # it takes nobody now
        ("08006", True),  # the connection failed
    ],
)
async def test_whose_failure_it_was(clock: SimpleNamespace, code: str, is_away: bool) -> None:
    """A statement's own error, or one session's, keeps nobody else waiting."""
    with pytest.raises(psycopg.Error) as failed:
        await fetch(f"do $$ begin raise exception using errcode = '{code}'; end $$")
    assert failed.value.sqlstate == code
    assert is_open() == is_away
    if is_away:
        with pytest.raises(LeftAlone):
            await fetch(ONE)
        clock.now_s += database.REST_S
    assert await fetch(ONE) == [(1,)]
    assert not is_open()
