"""How much is said: messages a day, counted by an index and for no longer than two seconds."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.utils import timezone

DAYS = 14
#: The chart's measures, in the units of its own drawing.
HEIGHT, STEP, BAR = 100, 30, 22

_COUNT = """
select (at at time zone 'UTC')::date, count(*) from event
where kind = 'message' and at >= %(since)s group by 1
"""
#: Days that are over, whose number never changes: the log only grows, and at its end.
_over: dict[date, int] = {}


class Bar(NamedTuple):
    """A day in the chart."""

    day: date
    messages: int
    x: int
    y: int
    height: int
    is_today: bool


def messages_a_day() -> list[tuple[date, int]] | None:
    """Count the messages of the last DAYS days, today's so far; None where counting takes too long."""
    today = timezone.now().astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    unknown = next((day for day in days if day not in _over), today)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local statement_timeout = '2s'")
            cursor.execute(_COUNT, {"since": datetime.combine(unknown, time.min, UTC)})
            counted: dict[date, int] = dict(cursor.fetchall())
    except OperationalError:
        return None
    for day in days[:-1]:
        if day >= unknown:
            _over[day] = counted.get(day, 0)
    for day in [day for day in _over if day < days[0]]:
        del _over[day]
    return [(day, counted.get(day, 0) if day == today else _over[day]) for day in days]


def chart(counts: list[tuple[date, int]]) -> list[Bar]:
    """Draw the days as bars, the highest as high as the chart."""
    most = max((count for _day, count in counts), default=0) or 1
    bars = []
    for nth, (day, count) in enumerate(counts):
        height = max(1, round(count / most * HEIGHT)) if count else 0
        bars.append(Bar(day, count, nth * STEP + 4, HEIGHT - height, height, nth == len(counts) - 1))
    return bars
