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
    assert left.lets_through()
    assert left.lets_through()
    left.failed()
    assert not left.lets_through()
    clock.now_s += 2
    assert left.lets_through()
    assert not left.lets_through()  # that one is trying
    left.failed()
    clock.now_s += 1.9
    assert not left.lets_through()
    clock.now_s += 0.1
    assert left.lets_through()
    left.succeeded()
    assert left.lets_through()
    assert left.lets_through()


def test_who_tries_and_never_says_how_it_went_blocks_nobody_for_good(clock: Clock) -> None:
    left = Breaker(rest_s=2)
    left.failed()
    clock.now_s += 2
    assert left.lets_through()
    clock.now_s += 2
    assert left.lets_through()
