"""`GET /api/v1/events/stream`: the socket's frames as server-sent events (WHATWG HTML, 9.2).

The stream catches up by itself, page after page as the client takes them, and each write names the cursors as its id:
a browser that connects again sends the last one as `Last-Event-ID`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import psycopg

from accounts.access.identity import Identity
from messaging import inbound
from messaging.frames import CLOSE_TIMEOUT_S, CUT
from messaging.peers import STREAM, Peer
from messaging.protocol.commands import Hello
from messaging.talk import Talk
from messaging.ways import request
from messaging.ways.request import HEADERS, Receive, Scope, Send, Turned
from messaging.ways.spool import Spool, read_cursors

#: A line that says nothing is said at least so often: proxies cut what is silent for a minute, some for half of it.
HEARTBEAT_S = 15.0
#: How long a browser waits before it connects again (milliseconds).
RETRY_MS = 2_000

_START = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # nginx, and others that follow it, keep nothing back
    *HEADERS,
]


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Send frames until either side ends it. Raises Turned before the first byte."""
    asked = request.query(scope)
    cursors, device = read_cursors(asked.get("cursors", "")), request.read_device(asked.get("device"))
    cursors |= read_cursors(request.header(scope, b"last-event-id"))
    found = await request.who(scope)
    check_scopes(found)
    async with (
        request.entered(found, cursors, STREAM, device) as (talk, peer, spool),
        request.beside(request.gone(receive)) as going,
    ):
        going.add_done_callback(lambda went: None if went.cancelled() else spool.end(1001, "gone"))
        talk.ask(peer, partial(_or_end, spool, partial(talk.hub.catchup.hello, peer, cursors)))
        if device is not None:
            talk.ask(peer, partial(talk.hub.devices.begin, peer, is_new=True))
        async with request.beside(_run(talk, peer, spool, send)) as running:
            running.add_done_callback(lambda _: spool.end(1011, "over"))
            await spool.ended.wait()
            await asyncio.wait({running}, timeout=CLOSE_TIMEOUT_S)
            if not running.done():
                _cut(scope)


def check_scopes(found: Identity) -> None:
    """Check that a token may read. Raises Turned."""
    why = inbound.beyond(found.scopes).get(Hello)
    if why is not None:
        raise Turned(403, "forbidden", why)


async def _run(talk: Talk, peer: Peer, spool: Spool, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _START})
    await send({"type": "http.response.body", "body": b"retry: %d\n\n" % RETRY_MS, "more_body": True})
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await spool.moved.wait()
        except TimeoutError:
            pass
        frames = spool.take()
        if not frames and spool.code is not None:
            break
        spool.is_stuck = True
        await send({"type": "http.response.body", "body": _written(frames, spool), "more_body": True})
        spool.is_stuck = False
        peer.heard_at = time.monotonic()  # what was taken shows that somebody is there
        if spool.behind:
            behind = {conversation: spool.cursors.get(conversation, 0) for conversation in spool.behind}
            spool.behind.clear()
            talk.ask(peer, partial(_or_end, spool, partial(talk.hub.catchup.sync, peer, behind)))
    last = b'event: close\ndata: {"code":%d,"reason":"%s"}\n\n' % (spool.code, spool.reason.encode())
    await send({"type": "http.response.body", "body": last})


async def _or_end(spool: Spool, catch_up: Callable[[], Awaitable[None]]) -> None:
    """Catch up, or end the stream: the client can't ask again but by another."""
    try:
        await catch_up()
    except (psycopg.Error, TimeoutError, OSError):
        spool.end(1013, "the database is away")


def _written(frames: list[bytes], spool: Spool) -> bytes:
    """Write frames, the last with the cursors as of it as its id; a comment where there are none."""
    if not frames:
        return b": here\n\n"
    *before, last = [b"data: " + frame + b"\n\n" for frame in frames]
    return b"".join((*before, b"id: ", spool.text().encode(), b"\n", last))


def _cut(scope: Scope) -> None:
    cut: Callable[[], None] | None = (scope.get("extensions") or {}).get(CUT)
    if cut is not None:
        cut()
