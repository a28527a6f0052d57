"""How long ago something was, whatever was done to the machine's clock since; and what time it is at PostgreSQL.

What counts for some minutes only is kept by two clocks: the machine's, which somebody may set, and the one that runs
since its start, which nobody sets, and which says nothing on another host or after a restart. An age is the longer of
the two that is known: a clock set back makes nothing young again, and one set forward, or a machine that stood still,
makes it old at once. `docs/decisions/clock.md` has which clock is asked for what.
"""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

#: Hosts' clocks differ: what comes from up to so far ahead is of now.
SKEW_S = 5.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_RUNNING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

#: Unix seconds, which start of which machine (empty where that is not known), seconds since then.
Mark = tuple[float, str, float]


def _boot() -> str:
    try:
        return hashlib.sha256(_BOOT_ID.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


_boot_here = _boot()


def _running_s() -> float:
    return time.clock_gettime(_RUNNING)


def mark() -> Mark:
    """Keep this moment; a session holds it as JSON."""
    return time.time(), _boot_here, _running_s()


def age_s(kept: object) -> float:
    """Tell how long ago a mark was made (seconds); infinity for what is none, or is of the future by all that is known.

    What was made on another host, or before a restart, goes by the machine's clock alone.
    """
    match kept:
        case [float() | int() as at, str() as boot, float() | int() as running_s]:
            ages = [time.time() - at]
            if boot and boot == _boot_here:
                ages.append(_running_s() - running_s)
            longest = max(ages)
            return float("inf") if longest < -SKEW_S else max(0.0, longest)
        case _:
            return float("inf")


def of_database() -> datetime:
    """Ask PostgreSQL what time it is: for an instant that its statements hold against its own clock."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (now,) = cursor.fetchone()
    return datetime.fromtimestamp(now.timestamp(), UTC)


def at(kept: object) -> datetime | None:
    """Tell when a mark was made, on the machine's clock as it is set now; None for one that `age_s` takes for none."""
    age = age_s(kept)
    return None if age == float("inf") else datetime.now(UTC) - timedelta(seconds=age)
