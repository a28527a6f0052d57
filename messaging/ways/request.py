"""A request that Django doesn't see: who makes it, what it says, and how it is answered. No ORM and no thread."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
import psycopg
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from rest_framework.authentication import CSRFCheck

from accounts.access import identity, tokens
from messaging import database, hub, measures
from messaging.api import compression
from messaging.inbound import DETAILS
from messaging.log import RETRY_AFTER_S
from messaging.peers import POLL, Outlet, Peer
from messaging.protocol import limits
from messaging.protocol.bodies import Problem
from messaging.protocol.codec import Refused
from messaging.talk import Talk
from messaging.ways.spool import Spool
from messaging.ways.told import Told

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: What a page or a proxy may do with an answer: show it to this origin, and keep nothing.
HEADERS = [
    (b"cache-control", b"no-store, no-transform"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Turned(Exception):
    """A request that is turned away."""

    def __init__(self, status: int, code: str, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.problem = Problem(
            type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail, code=code,
            retry_after=retry_after,
        )  # fmt: skip


def unavailable() -> Turned:
    """Say that the database is away, or that this process goes away."""
    return Turned(503, "unavailable", DETAILS["unavailable"], RETRY_AFTER_S)


def ended(code: int | None) -> Turned:
    """Say by HTTP what a socket's close code says."""
    match code:
        case 4401:
            return Turned(401, "unauthorized", "You are not signed in, or no longer: sign in.")
        case 4400:
            return Turned(400, "malformed", "Too much of what was sent can't be read: mend the client.")
        case 1012:
            return unavailable()
        case _:
            return Turned(429, "rate_limited", "You have too many connections, or take too little.", RETRY_AFTER_S)


async def answer(
    send: Send,
    body: Any,
    status: int = 200,
    headers: list[tuple[bytes, bytes]] | None = None,
    kind: bytes = b"application/json",
) -> None:
    """Answer with a struct, or with bytes that are ready."""
    ready = body if isinstance(body, bytes) else msgspec.json.encode(body)
    described = [(b"content-type", kind), (b"content-length", b"%d" % len(ready)), *HEADERS, *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": described})
    await send({"type": "http.response.body", "body": ready})


async def turn_away(send: Send, turned: Turned) -> None:
    """Answer with problem details."""
    problem = turned.problem
    if problem.status == 503:
        measures.UNAVAILABLE.labels("request").inc()
    headers = [(b"www-authenticate", b"Bearer")] if problem.status == 401 else []
    if problem.retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, round(problem.retry_after))))
    await answer(send, problem, problem.status, headers, b"application/problem+json")


def packed(scope: Scope, body: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Compress a body for who may have it so; gives it with the headers that say so."""
    vary = (b"vary", b"accept-encoding")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if len(body) < compression.LEAST_BYTES or not compression.is_wanted(headers):
        return body, [vary]
    return compression.compress(body), [vary, (b"content-encoding", b"gzip")]


def query(scope: Scope) -> dict[str, str]:
    """Read the parameters of the address; of one that comes twice the last."""
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def header(scope: Scope, name: bytes) -> str:
    """Read a header; empty where there is none."""
    return str(dict(scope["headers"]).get(name, b"").decode("latin-1"))


def read_device(text: str | None) -> UUID | None:
    """Read what a client calls the device by which it hears. Raises Refused (`malformed`)."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise Refused("malformed", "`device` is a UUID of the client's own making.") from None


async def body(receive: Receive) -> bytes:
    """Read the whole body. Raises Turned where it is too large or the client goes away."""
    read = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Turned(400, "malformed", "The request ended before its body did.")
        read += message.get("body", b"")
        if len(read) > limits.FRAME_BYTES:
            raise Turned(413, "too_large", "The body of a request has at most 1 MiB.")
        if not message.get("more_body"):
            return bytes(read)


async def gone(receive: Receive) -> None:
    """Wait until the client hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def check_csrf(scope: Scope) -> None:
    """Ask Django's own check whether a page of ours sends this; a bearer token needs none. Raises Turned."""
    if tokens.bearer(header(scope, b"authorization")) is not None:
        return
    request = ASGIRequest(dict(scope), io.BytesIO())
    check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
    why: Any
    try:
        check.process_request(request)
        why = check.process_view(request, None, (), {})  # type: ignore[arg-type]
    except DisallowedHost:
        why = "the host is not ours"
    if why is not None:
        raise Turned(403, "forbidden", f"The request does not come from a page of this server: {why}")


async def who(scope: Scope) -> identity.Identity:
    """Find who asks. Raises Turned for nobody, and where the database is away."""
    try:
        found = await identity.of_scope(scope, database.fetch)
    except (psycopg.Error, TimeoutError, OSError):
        raise unavailable() from None
    if found is None:
        raise ended(4401)
    return found


@contextlib.asynccontextmanager
async def entered(
    found: identity.Identity,
    cursors: Mapping[int, int],
    outlet: Outlet,
    device: UUID | None = None,
    make: Callable[[hub.Hub, Peer], Talk] = Talk,
) -> AsyncIterator[tuple[Talk, Peer, Spool]]:
    """Take somebody in as a socket is, for as long as the block runs. Raises Turned for one too many."""
    try:
        here = await hub.current()
    except (psycopg.Error, TimeoutError, OSError):
        raise unavailable() from None
    spool = Spool(cursors)
    peer = Peer(found, spool, outlet, device)
    if device is not None and outlet is POLL:
        peer.told = spool.told = Told()
    if not here.enter(peer):
        raise ended(4401 if here.upkeep.is_revoked(found) else 1013)
    talk = make(here, peer)
    spool.slow = talk.slow
    try:
        yield talk, peer, spool
    finally:
        talk.close()


@contextlib.asynccontextmanager
async def beside(work: Awaitable[Any]) -> AsyncIterator["asyncio.Task[Any]"]:
    """Run something while the block runs, and no longer."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
