"""A hub in the test's own process, and sockets that are a list: for what depends on the order of single steps."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from accounts.access.identity import Identity
from accounts.models import User
from messaging import database, history, publishing
from messaging.entry import Entry, of_row
from messaging.hub import Hub
from messaging.peers import OUTLETS, Form, Peer
from messaging.protocol.codec import JSON
from messaging.upkeep import CONFIRMED_S
from tests import worlds
from tests.talking import PATIENCE_S, Frame, events_of


class Tape:
    """A wire that keeps what is written to it."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.code: int | None = None

    def write(self, ready: bytes, /) -> None:
        """Keep a frame; a closed socket gets none."""
        if self.code is None:
            self.frames.append(json.loads(ready))

    def rest(self) -> None:
        """Do nothing: nobody sends."""

    def end(self, code: int, reason: str = "") -> None:
        """Note how the socket was closed."""
        self.code = code

    def all(self, type: str) -> list[Frame]:
        """Give the frames of a type."""
        return [frame for frame in self.frames if frame["type"] == type]

    def seqs(self, conversation: int) -> list[int]:
        """Give the seqs of a conversation's events in the order in which they came."""
        return [event["seq"] for event in events_of(self.frames, conversation)]


def seat(hub: Hub, user: User, credential: tuple[str, str] = ("token", "0")) -> tuple[Peer, Tape]:
    """Open a socket of somebody in a hub."""
    tape = Tape()
    peer = Peer(Identity(user.pk, user.username, user.name, credential), tape, OUTLETS[JSON, Form.BARE])
    assert hub.enter(peer)
    return peer, tape


@contextlib.asynccontextmanager
async def quiet_hub() -> AsyncIterator[Hub]:
    """Make a hub whose clockwork, listener and writers stand still: only what a test does happens."""
    hub = Hub()
    try:
        yield hub
    finally:
        await hub.stop()
        await database.close_pool()


@contextlib.asynccontextmanager
async def running_hub() -> AsyncIterator[Hub]:
    """Run a hub as a web process does."""
    hub = Hub()
    hub.start()
    try:
        await hub.ready()
        yield hub
    finally:
        await hub.stop()
        await database.close_pool()
        await get_channel_layer().flush()


@sync_to_async
def _read(conversation: int, seq: int) -> Entry:
    return of_row(database.rows(history.GAP, {"conversation": conversation, "after": seq - 1, "limit": 1})[0])


async def committed_elsewhere(user: User, conversation: int, body: str, **fields: Any) -> Entry:
    """Say something in another process, so to speak: it is in the log, and no hub was told."""
    command = worlds.message(user, conversation, body, **fields)
    (verdict,) = await worlds.built(worlds.put, command, is_published=False)
    return await _read(conversation, verdict.seq)


async def last_event(conversation: int) -> Entry:
    """Read the last event of a log."""
    return await _read(conversation, len(await worlds.built(worlds.log_of, conversation)))


async def eventually(condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
    """Poll until a condition holds; fails where it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come in {within_s:.0f} s"
        await asyncio.sleep(0.01)


def long_ago(hub: Hub) -> None:
    """Set the hub's last confirmation so far back that it counts no more."""
    hub.upkeep._confirmed_at = time.monotonic() - CONFIRMED_S


def hear(hub: Hub, *entries: Entry) -> None:
    """Let a hub hear of events from another process."""
    hub.heard(publishing.message(entries))


class Statements:
    """Keeps what is sent to the asynchronous pool."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[str] = []
        fetch = database.fetch

        async def kept(sql: str, params: database.Params = (), /) -> list[database.Row]:
            self.sent.append(sql)
            return await fetch(sql, params)

        monkeypatch.setattr(database, "fetch", kept)

    def count(self, sql: str) -> int:
        """Tell how often a statement was sent."""
        return self.sent.count(sql)
