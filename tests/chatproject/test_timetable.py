"""Celery's timetable goes on where the clock is set back, and as it is started after that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery

from chatproject.timetable import Timetable

HOUR = timedelta(hours=1)
SCHEDULE = {
    "often": {"task": "often", "schedule": 5.0},
    "each minute": {"task": "minute", "schedule": 60.0},
    "daily": {"task": "daily", "schedule": 86_400.0},
}


class Clock:
    """The clock of Celery's applications, moved by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed = timedelta()
        monkeypatch.setattr(Celery, "now", lambda _: datetime.now(UTC) + self.passed)


class Timed(Timetable):
    """A timetable whose tasks are noted and not sent."""

    def __init__(self, schedule_filename: str) -> None:
        self.sent: list[str] = []
        app = Celery("test", set_as_current=False)
        app.conf.beat_schedule, app.conf.result_expires = SCHEDULE, None
        super().__init__(app=app, schedule_filename=schedule_filename)

    producer = None

    def apply_entry(self, entry, producer=None):
        """Note a task."""
        self.sent.append(entry.name)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def timetable(clock: Clock, tmp_path: Path) -> Iterator[Timed]:
    made = Timed(str(tmp_path / "beat"))
    yield made
    made.close()


def sent_within(timetable: Timed, clock: Clock, seconds: float) -> list[str]:
    """Let it run for a while, and give what it sent."""
    timetable.sent.clear()
    until = clock.passed + timedelta(seconds=seconds)
    while clock.passed <= until:
        clock.passed += timedelta(seconds=max(timetable.tick(), 0.1))
    return timetable.sent


def test_it_goes_on_where_the_clock_is_set_back(timetable: Timed, clock: Clock) -> None:
    assert sent_within(timetable, clock, 130).count("each minute") == 2
    for _ in range(2):
        clock.passed -= HOUR
        sent = sent_within(timetable, clock, 130)
        assert 20 <= sent.count("often") <= 27
        assert sent.count("each minute") == 2
        assert "daily" not in sent


def test_it_goes_on_as_it_is_started_after_that(timetable: Timed, clock: Clock, tmp_path: Path) -> None:
    sent_within(timetable, clock, 130)
    timetable.close()
    clock.passed -= HOUR
    again = Timed(str(tmp_path / "beat"))
    assert sent_within(again, clock, 130).count("each minute") == 2
    again.close()


def test_set_forward_each_task_runs_once(timetable: Timed, clock: Clock) -> None:
    sent_within(timetable, clock, 10)
    clock.passed += timedelta(days=1)
    assert sorted(set(sent_within(timetable, clock, 3))) == ["daily", "each minute", "often"]
    assert timetable.sent.count("daily") == timetable.sent.count("each minute") == 1
