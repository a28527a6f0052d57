"""What has just failed is left alone, and tried again by one at a time."""

import pytest

from accounts import breaker
from accounts.breaker import Breaker


class Clock:
    """A monotonic clock that goes when it is told to."""

    now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(breaker, "time", found)
    return found


def test_after_a_failure_one_at_a_time_tries(clock: Clock) -> None:
    left = Breaker(rest_s=2)
    assert left.let_through() is not None
    assert left.let_through() is not None
    left.failed(clock.now_s)
    assert left.let_through() is None
    clock.now_s += 2
    assert left.let_through() is not None
    assert left.let_through() is None  # that one is trying
    left.failed(clock.now_s)
    clock.now_s += 1.9
    assert left.let_through() is None
    clock.now_s += 0.1
    assert left.let_through() is not None
    left.succeeded()
    assert left.let_through() is not None
    assert left.let_through() is not None


def test_who_tries_and_never_says_how_it_went_blocks_nobody_for_good(clock: Clock) -> None:
    left = Breaker(rest_s=2)
    left.failed(clock.now_s)
    clock.now_s += 2
    assert left.let_through() is not None
    clock.now_s += 2
    assert left.let_through() is not None


def test_a_call_that_fails_while_others_succeed_was_alone_with_that(clock: Clock) -> None:
    left = Breaker(rest_s=2)
    since = left.let_through()
    assert since is not None
    clock.now_s += 3
    left.succeeded()
    clock.now_s += 1
    left.failed(since)
    assert left.let_through() is not None
    left.failed(clock.now_s)
    assert left.let_through() is None
