"""What is answered beside Django: the addresses of the ways in that are no WebSocket."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from messaging.api.problems import STATUS
from messaging.protocol.codec import Refused
from messaging.ways import commands, poll, request, stream
from messaging.ways.request import Receive, Scope, Send, Turned

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

ROUTES: dict[str, tuple[str, Application]] = {
    "/api/v1/events/stream": ("GET", stream.serve),
    "/api/v1/events/poll": ("GET", poll.serve),
    "/api/v1/events/commands": ("POST", commands.serve),
}

logger = logging.getLogger(__name__)


def beside(django: Callable[[Any, Any, Any], Awaitable[None]]) -> Application:
    """Put the ways in before an application that answers everything else."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        route = ROUTES.get(scope["path"])
        if route is None:
            await django(scope, receive, send)
        else:
            await _answer(*route, scope, receive, send)

    return application


async def _answer(method: str, serve: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request, or say why not; what goes wrong once an answer has begun is the server's to end."""
    has_begun = False

    async def sent(message: request.Message) -> None:
        nonlocal has_begun
        has_begun = True
        await send(message)

    try:
        if scope["method"] != method:
            raise Turned(405, "method_not_allowed", f"This is called by {method}.")
        await serve(scope, receive, sent)
    except Turned as turned:
        await request.turn_away(send, turned)
    except Refused as refused:
        error = refused.error
        await request.turn_away(send, Turned(STATUS.get(error.code, 400), error.code, error.detail, error.retry_after))
    except Exception:
        logger.exception("a fault of ours at %s", scope["path"])
        if not has_begun:
            await request.turn_away(send, Turned(500, "internal", "A fault on our side."))
        raise
