"""What the promises are measured by: counters and histograms of this process, in prometheus-client's multiprocess mode.

There each is a file a process, shared as memory, and the sum over the files outlives whoever wrote them. An increment
costs less than a microsecond, so the hot path counts once a batch; what happens for each frame is counted in plain
numbers (`peers.Outlet`), which `gauges` adds up each second.
"""

import time
from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram

from messaging.commands import Verdict

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class Spread(Histogram):
    """A histogram that takes the values of a batch at once."""

    def observe_all(self, values: Sequence[float]) -> None:
        """Count values, each in its bucket."""
        for bucket, count in Counts(bisect_left(self._upper_bounds, value) for value in values).items():
            self._buckets[bucket].inc(count)
        self._sum.inc(sum(values))


#: By the log's two doors: `put` for sockets, `append_in` for deeds. Verdicts: `ack`, `duplicate`, an error's code.
COMMANDS = Counter("parley_commands", "Commands that the log has answered.", ["door", "verdict"])
ACK_SECONDS = Spread("parley_ack_seconds", "From a command's coming in to its ack.", buckets=_SECONDS)
BATCH_COMMANDS = Histogram(
    "parley_batch_commands",
    "How many commands a batch of the log has answered.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
BATCH_AGE_SECONDS = Histogram(
    "parley_batch_age_seconds", "How long a batch's oldest command had waited as it began.", buckets=_SECONDS
)
REFUSED = Counter("parley_frames_refused", "Frames that were refused before the log.", ["code"])
UNAVAILABLE = Counter("parley_unavailable", "Answers `unavailable`: of commands, questions, requests.", ["what"])

EVENTS = Counter("parley_events_delivered", "Events written to clients, live or in a page.", ["way", "codec"])
FRAMES = Counter("parley_frames_written", "Frames written to clients.", ["way", "codec"])
LAG_SECONDS = Spread(
    "parley_delivery_lag_seconds", "From an event's `at` to its delivery in a process.", buckets=(*_SECONDS, 60.0)
)
#: By what told: `early` (an event came before its predecessor), `comparison` (with the database, within 10 s), `read`
#: (somebody's catching up), `unconfirmed` (rights could not be confirmed for a while).
GAPS_FOUND = Counter("parley_gaps_found", "Events missing before or after those a process had.", ["sign"])
#: By how: what was missing `arrived` by itself, or was read from the `log`.
GAPS_HEALED = Counter("parley_gaps_healed", "Gaps that were closed.", ["how"])
#: By what answered: `recent` (the hub's last events), `log` (PostgreSQL), `later` (if asked again), `gap` (anew).
CAUGHT_UP = Counter("parley_conversations_caught_up", "Conversations that a client was behind in.", ["source"])

CLIENTS = Gauge("parley_clients", "Clients that are connected.", ["way", "codec"], multiprocess_mode="livesum")
#: Of the process that is furthest behind; the label keeps out processes that confirm nothing.
CONFIRMED = Gauge(
    "parley_confirmed_timestamp_seconds", "When rights were last confirmed.", ["what"], multiprocess_mode="livemin"
)
COMMANDS_WAITING = Gauge(
    "parley_commands_waiting", "Commands that are in no batch of the log yet.", multiprocess_mode="livesum"
)
LOG_AWAY = Gauge("parley_log_writers_away", "Writers of the log without the database.", multiprocess_mode="livesum")


def answered(batch: Sequence[tuple[Verdict, float]]) -> None:
    """Count a batch's verdicts, each with how long its command had waited for it (seconds): of acks that counts."""
    if batch:
        BATCH_COMMANDS.observe(len(batch))
    _count("put", [verdict for verdict, _ in batch])
    ACK_SECONDS.observe_all([waited_s for verdict, waited_s in batch if verdict.code is None])


def appended(verdicts: Sequence[Verdict]) -> None:
    """Count the verdicts of a deed that has committed."""
    _count("append_in", verdicts)


def _count(door: str, verdicts: Sequence[Verdict]) -> None:
    named = (verdict.code or ("duplicate" if verdict.is_duplicate else "ack") for verdict in verdicts)
    for name, count in Counts(named).items():
        COMMANDS.labels(door, name).inc(count)


def failed(count: int) -> None:
    """Count commands that were answered `unavailable`."""
    COMMANDS.labels("put", "unavailable").inc(count)
    UNAVAILABLE.labels("command").inc(count)


def caught_up(sources: Mapping[str, int]) -> None:
    """Count conversations that a client was behind in, by what answered."""
    for source, count in sources.items():
        CAUGHT_UP.labels(source).inc(count)


def delivered(ats: Sequence[str]) -> None:
    """Count how old events were as they were delivered, by their `at`."""
    now = time.time()
    LAG_SECONDS.observe_all([max(0.0, now - _minute(at[:16]) - float(at[17:26])) for at in ats])


@lru_cache(16)
def _minute(text: str) -> float:
    """Give when a minute began, as Unix seconds: events of a batch are of one."""
    return datetime.fromisoformat(f"{text}:00Z").timestamp()
