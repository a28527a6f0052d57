"""Commands that wait for the log's verdict, in the order they came."""

import time
from collections import deque
from collections.abc import Callable, Sequence

from messaging import measures
from messaging.commands import Command, Verdict

BATCH = 500
#: A queue whose oldest command is older takes no more: the database is away or too busy.
QUEUE_AGE_S = 0.25
#: Nor does one that holds so many, however young they are.
QUEUE_COMMANDS = 10_000

UNAVAILABLE = Verdict("unavailable")

Done = Callable[[Verdict], None]


class Pending:
    """A command that waits for its verdict."""

    __slots__ = ("_done", "command", "put_at")

    def __init__(self, command: Command, done: Done) -> None:
        self.command = command
        self._done: Done | None = done
        self.put_at = time.monotonic()

    def answer(self, verdict: Verdict) -> bool:
        """Give the verdict; only the first counts, and True says that this is it."""
        done, self._done = self._done, None
        if done is not None:
            done(verdict)
        return done is not None

    def age_s(self) -> float:
        """Tell how long ago it came in (seconds)."""
        return time.monotonic() - self.put_at


class Queue(deque[Pending]):
    """Commands in the order they came."""

    def is_full(self) -> bool:
        """Tell whether there are too many to let more in, or the oldest has waited for too long."""
        return bool(self) and (len(self) >= QUEUE_COMMANDS or self[0].age_s() > QUEUE_AGE_S)

    def take(self) -> list[Pending]:
        """Take what fits a batch."""
        measures.BATCH_AGE_SECONDS.observe(self[0].age_s())
        return [self.popleft() for _ in range(min(len(self), BATCH))]

    def fail(self) -> None:
        """Answer all with `unavailable`."""
        fail(self.take_all())

    def take_all(self) -> list[Pending]:
        """Take all."""
        pending = list(self)
        self.clear()
        return pending


def fail(pending: Sequence[Pending]) -> None:
    """Answer commands with `unavailable`, as far as they have no answer yet."""
    if count := sum(each.answer(UNAVAILABLE) for each in pending):
        measures.failed(count)
