"""What time it is at PostgreSQL: by that clock `expires_at` is written, and read by every query.

This host's own clock may differ from it, and either may be set while the process runs. So what PostgreSQL said last
counts, and the steady clock since; the upkeep asks twice a second.
"""

import time
from datetime import UTC, datetime, timedelta

from messaging.entry import instant


class _Said:
    """What it said, and when that was asked (monotonic); nothing where no hub runs."""

    at: datetime | None = None
    asked_at = 0.0


def said(at: datetime, asked_at: float) -> None:
    """Take what PostgreSQL's clock said, as it was asked at a moment of the steady clock."""
    _Said.at, _Said.asked_at = at, asked_at


def now() -> str:
    """Write this moment as `entry.instant` does."""
    if _Said.at is None:
        return instant(datetime.now(UTC))
    return instant(_Said.at + timedelta(seconds=time.monotonic() - _Said.asked_at))
