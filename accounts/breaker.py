"""A circuit breaker: what has just failed is left alone for a while, so that nobody waits for it once more."""

import threading
import time


class Breaker:
    """Lets every call through while they succeed; after a failure none for a while, then one at a time that tries.

    Several threads may share one. Whoever was let through says how it went; who never does counts as still trying, and
    the next one tries after another rest.
    """

    def __init__(self, rest_s: float) -> None:
        self._rest_s = rest_s
        self._lock = threading.Lock()
        #: When somebody may try again; None while all is well.
        self._next_try_at: float | None = None
        self._succeeded_at = float("-inf")

    def let_through(self) -> float | None:
        """Let a call be made now, and give when that was, for `failed`; None where it may not be made."""
        now = time.monotonic()
        if self._next_try_at is not None:
            with self._lock:
                if self._next_try_at is not None:
                    if now < self._next_try_at:
                        return None
                    self._next_try_at = now + self._rest_s
        return now

    def succeeded(self) -> None:
        """Take it that a call had its answer."""
        self._succeeded_at = time.monotonic()
        self._next_try_at = None

    def failed(self, since: float) -> None:
        """Take it that a call of then had none. Where others have had theirs meanwhile, that was its own affair."""
        with self._lock:
            if self._succeeded_at <= since:
                self._next_try_at = time.monotonic() + self._rest_s
