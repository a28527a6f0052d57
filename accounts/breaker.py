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

    def lets_through(self) -> bool:
        """Tell whether a call may be made now."""
        if self._next_try_at is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._next_try_at is not None:
                if now < self._next_try_at:
                    return False
                self._next_try_at = now + self._rest_s
            return True

    def succeeded(self) -> None:
        """Take it that a call had its answer."""
        self._next_try_at = None

    def failed(self) -> None:
        """Take it that a call had none."""
        with self._lock:
            self._next_try_at = time.monotonic() + self._rest_s
