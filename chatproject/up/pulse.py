"""The pulse of a child: it writes to a pipe once a second, so that one that hangs is told from one that rests."""

import contextlib
import os
import time

#: Where a child finds its end of the pipe.
VARIABLE = "PARLEY_PULSE"
#: So long without a sign, and the child hangs; until its first sign it may take as long as a slow start does.
SILENCE_S = 15.0
START_S = 120.0
#: Whoever listens and was away for longer itself (the machine slept, all were stopped) begins to wait anew.
LAPSE_S = 5.0


def beat() -> None:
    """Give a sign of life, where somebody listens."""
    if VARIABLE in os.environ:
        with contextlib.suppress(OSError):
            os.write(int(os.environ[VARIABLE]), b".")


class Pulse:
    """Both ends of one child's pipe, until it is started; then the end that listens."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self.writer, False)
        self._looked_at = time.monotonic()
        self._silent_at = self._looked_at + START_S

    @property
    def environment(self) -> dict[str, str]:
        """Say to the child where its end is."""
        return {VARIABLE: str(self.writer)}

    def started(self) -> None:
        """Let go of the child's end."""
        os.close(self.writer)

    def is_silent(self) -> bool:
        """Tell whether nothing was heard for too long. It is to be asked every few seconds."""
        now = time.monotonic()
        if self._has_beaten():
            self._silent_at = now + SILENCE_S
        elif now - self._looked_at > LAPSE_S:
            self._silent_at = max(self._silent_at, now + SILENCE_S)
        self._looked_at = now
        return now > self._silent_at

    def _has_beaten(self) -> bool:
        try:
            return bool(os.read(self._reader, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Listen no more."""
        os.close(self._reader)
