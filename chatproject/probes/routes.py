"""The addresses of monitoring, answered beside Django: no session, no thread for a database, nothing to sign in for."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from chatproject.probes import health, metrics
from messaging.ways.request import Receive, Scope, Send, Turned, turn_away

Application = Callable[[Any, Any, Any], Awaitable[None]]
LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"

logger = logging.getLogger(__name__)


def beside(application: Application) -> Application:
    """Put the addresses before an application that answers everything else."""

    async def probed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] not in (LIVE, READY, METRICS):
            await application(scope, receive, send)
            return
        try:
            await _answer(scope, send)
        except Turned as turned:
            await turn_away(send, turned)
        except Exception:
            logger.exception("a fault of ours at %s", scope["path"])
            await turn_away(send, Turned(500, "internal", "A fault on our side."))

    return probed


async def _answer(scope: Scope, send: Send) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        raise Turned(405, "method_not_allowed", "This is called by GET.")
    match scope["path"]:
        case "/health/live":
            await health.live(send)
        case "/health/ready":
            await health.ready(send)
        case _:
            await metrics.serve(scope, send)
