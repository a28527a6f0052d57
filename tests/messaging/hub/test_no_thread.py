"""No thread on the way of a frame: an executor costs each message more than all the rest of its way."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from asgiref.sync import SyncToAsync
from channels.testing import WebsocketCommunicator

from accounts.models import User
from chatproject.asgi import application
from chatproject.up.uvicorn import configuration
from messaging import database, hub
from messaging.frames import FrameProtocol, Plain
from messaging.peers import Peer
from tests import worlds
from tests.messaging.hub.inside import eventually
from tests.serving import free_port
from tests.talking import Talker
from tests.worlds import built

Told = Callable[[dict[str, Any]], Awaitable[None]]
Heard = Callable[[str], Awaitable[dict[str, Any]]]


class Hops:
    """Counts what is handed to a thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[str] = []
        submit, call = ThreadPoolExecutor.submit, SyncToAsync.__call__

        def counted_submit(pool: Any, work: Any, *args: Any, **kwargs: Any) -> Any:
            self.made.append(f"executor: {work}")
            return submit(pool, work, *args, **kwargs)

        async def counted_call(self_: Any, *args: Any, **kwargs: Any) -> Any:
            self.made.append(f"sync_to_async: {self_.func}")
            return await call(self_, *args, **kwargs)

        monkeypatch.setattr(ThreadPoolExecutor, "submit", counted_submit)
        monkeypatch.setattr(SyncToAsync, "__call__", counted_call)


@contextlib.asynccontextmanager
async def by_uvicorn(token: str) -> AsyncIterator[tuple[Told, Heard]]:
    """Speak over a real socket to uvicorn in this process, with the project's protocol class."""
    config = configuration(None, None, False)
    config.port, config.loop = free_port(), "asyncio"
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "uvicorn")
    try:
        async with Talker(f"ws://127.0.0.1:{config.port}/ws/", token) as talker:
            yield lambda frame: talker.put(**frame), talker.first
    finally:
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def by_asgi(token: str) -> AsyncIterator[tuple[Told, Heard]]:
    """Speak ASGI, as daphne does."""
    headers = [(b"authorization", f"Bearer {token}".encode())]
    spoken = WebsocketCommunicator(application, "/ws/", headers=headers)
    assert (await spoken.connect(timeout=30))[0]
    frames: list[dict[str, Any]] = []

    async def heard(type: str) -> dict[str, Any]:
        while not any(frame["type"] == type for frame in frames):
            frames.append(json.loads(await spoken.receive_from(timeout=30)))
        found = next(frame for frame in frames if frame["type"] == type)
        frames.remove(found)
        return found

    yield lambda frame: spoken.send_to(text_data=json.dumps(frame)), heard
    await spoken.disconnect()


@pytest.mark.parametrize(("served", "wire"), [(by_uvicorn, FrameProtocol), (by_asgi, Plain)], ids=["uvicorn", "ASGI"])
async def test_a_hundred_sends_without_a_thread(
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    served: Callable[[str], contextlib.AbstractAsyncContextManager[tuple[Told, Heard]]],
    wire: type,
) -> None:
    conversation = await built(worlds.channel, alice)
    token = await built(worlds.bearer, alice)
    try:
        async with served(token) as (tell, hear):
            await tell({"type": "hello"})
            await hear("welcome")
            (peer,) = [peer for person in (await hub.current()).people.values() for peer in person.peers]
            assert isinstance(peer.wire, wire)
            acked, counted = counting(monkeypatch, peer)
            await tell({"type": "send", "id": str(uuid4()), "conversation": conversation, "body": "the first"})
            await eventually(lambda: acked() == 1, "an ack")
            hops = Hops(monkeypatch)
            for number in range(100):
                await tell({"type": "send", "id": str(uuid4()), "conversation": conversation, "body": f"{number}"})
                await tell({"type": "ping", "n": number})
                await tell({"type": "read", "conversation": conversation, "seq": number})
            await eventually(lambda: acked() == 101 and counted("event") == 101 and counted("pong") == 100, "answers")
            assert hops.made == []
            await asyncio.to_thread(int)
            assert len(hops.made) == 1  # the counting counts
    finally:
        await (await hub.current()).stop()
        await database.close_pool()


def counting(monkeypatch: pytest.MonkeyPatch, peer: Peer) -> tuple[Callable[[], int], Callable[[str], int]]:
    """Count what is written to a socket, by type."""
    types: list[str] = []
    write = peer.write

    def counted_write(ready: bytes) -> None:
        types.append(json.loads(ready[ready.index(b'{"') :])["type"])
        write(ready)

    peer.write = counted_write
    room_of = [room.outs[peer.outlet] for room in hub._hubs[asyncio.get_running_loop()].rooms.values()]
    for writers in room_of:
        writers[peer] = counted_write
    return lambda: types.count("ack"), types.count
