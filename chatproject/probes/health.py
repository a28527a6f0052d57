"""`/health/live` and `/health/ready`: for whatever restarts processes, and for whatever sends them visitors.

Anybody may ask, so they tell the names of the parts and no more.
"""

from typing import Any

from chatproject.probes import parts
from messaging import draining
from messaging.ways.request import Send, answer


async def live(send: Send) -> None:
    """Tell that this process's loop runs; nothing else is asked."""
    await answer(send, {"status": "live"})


async def ready(send: Send) -> None:
    """Tell whether this process serves, and which parts are down: 503 for `unavailable` and `draining`."""
    up = await parts.up()
    status = _status(up)
    shown: dict[str, Any] = {"status": status, "parts": {name: "up" if is_up else "down" for name, is_up in up.items()}}
    await answer(send, shown, 200 if status in ("ready", "degraded") else 503)


def _status(up: dict[str, bool]) -> str:
    if draining.is_begun():
        return "draining"
    if not all(up[name] for name in parts.NEEDED):
        return "unavailable"
    return "ready" if all(up.values()) else "degraded"
