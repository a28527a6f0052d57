"""A question to something that may hang: one at a time however many want to know, and nobody waits for long."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

#: Nobody waits for longer than this after a question was put; the question itself goes on, and ends by its own limits.
PATIENCE_S = 2.0
#: An answer serves everybody who asks within so long.
KEPT_S = 1.0


class Question(Generic[T]):
    """Something that is asked again and again."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Future[T] | None = None
        self._asked_at = 0.0

    async def answer(self) -> T | None:
        """Give the answer; None where there was none in time, or an error."""
        now = time.monotonic()
        if self._asking is None or (self._asking.done() and now - self._asked_at > KEPT_S):
            self._asked_at = now
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(_look_at)
        left_s = self._asked_at + PATIENCE_S - now
        if not self._asking.done() and left_s > 0:
            await asyncio.wait({self._asking}, timeout=left_s)
        is_answered = self._asking.done() and not self._asking.cancelled() and self._asking.exception() is None
        return self._asking.result() if is_answered else None


def _look_at(asked: "asyncio.Future[Any]") -> None:
    """See what went wrong, though nobody waits for it any more: asyncio would complain."""
    if not asked.cancelled():
        asked.exception()
