"""`GET /api/v1/events/poll`: waits until there is something, and gives the socket's frames with the cursors after them.

Of logs nothing is kept between two polls: any process answers the next one, from the cursors that the client brings.
What the client has on its screen Redis keeps, where the client says which device it is (`messaging.devices`).
"""

import asyncio
from functools import partial

from messaging.peers import POLL, Peer
from messaging.protocol.codec import Refused
from messaging.talk import Talk
from messaging.ways import request
from messaging.ways.request import Receive, Scope, Send
from messaging.ways.spool import NAMED, Spool, read_cursors
from messaging.ways.stream import check_scopes

LONGEST_WAIT_S = 25
#: What comes so soon after the first frame goes with it.
GATHER_S = 0.02


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one poll. Raises Turned; Refused for a parameter that can't be read."""
    asked = request.query(scope)
    wait_s = _wait_s(asked.get("wait", str(LONGEST_WAIT_S)))
    cursors, device = read_cursors(asked.get("cursors", "")), request.read_device(asked.get("device"))
    found = await request.who(scope)
    check_scopes(found)
    async with request.entered(found, cursors, POLL, device) as (talk, peer, spool):
        async with request.beside(request.gone(receive)) as going:
            going.add_done_callback(lambda went: None if went.cancelled() else spool.end(1001, "gone"))
            await _gather(talk, peer, spool, wait_s, is_new="cursors" not in asked or "welcome" in asked)
        if spool.code is None and not peer.is_welcome:
            raise request.unavailable()
        frames = spool.take()
        if spool.code is not None and (spool.code != 1012 or not frames):
            raise request.ended(spool.code)
        named = b'],"cursors":"%s"}' % spool.text().encode()
        if spool.told is not None:
            await talk.hub.devices.end(peer, spool.told.packed())
        body, headers = request.packed(scope, b'{"frames":[' + b",".join(frames) + named)
        await request.answer(send, body, headers=headers)


async def _gather(talk: Talk, peer: Peer, spool: Spool, wait_s: int, *, is_new: bool) -> None:
    """Wait for the answer to where the client is, and where that says nothing new for what happens next."""
    catchup = talk.hub.catchup
    if is_new:
        talk.ask(peer, partial(catchup.hello, peer, dict(spool.cursors)))
    else:
        is_whole = len(spool.cursors) < NAMED
        talk.ask(peer, partial(catchup.resume, peer, dict(spool.cursors), is_whole=is_whole))
    if peer.device is not None:
        talk.ask(peer, partial(talk.hub.devices.begin, peer, is_new=is_new))
    async with request.beside(talk.answered()) as answering, request.beside(spool.ended.wait()) as ending:
        await asyncio.wait({answering, ending}, return_when=asyncio.FIRST_COMPLETED)
    try:
        async with asyncio.timeout(wait_s):
            await spool.moved.wait()
    except TimeoutError:
        return
    if spool.code is None:
        await asyncio.sleep(GATHER_S)


def _wait_s(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Refused("malformed", f"`wait` is a whole number of seconds, at most {LONGEST_WAIT_S}.")
    return min(int(text), LONGEST_WAIT_S)
