"""When Celery's clock sends which task: its own timetable, kept in a file, which a clock set back does not stop."""

from typing import Any

from celery.beat import PersistentScheduler


class Timetable(PersistentScheduler):  # type: ignore[misc]
    """Celery's own waits until a task's last run is so long ago as is set, however far ahead that run lies."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due, and give how long there is to wait (seconds)."""
        self._forget_the_future()
        return float(super().tick(*args, **kwargs))

    def _forget_the_future(self) -> None:
        """Take it that what ran in the future, before the clock was set back, ran now; also where that is in the file.

        What Celery has put in order by time is put in order anew: what is ahead there would otherwise wait behind what
        is frequent, until the clock has caught up.
        """
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None
