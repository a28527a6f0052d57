"""Subscribe, then read: what is committed while somebody arrives comes once, neither lost nor doubled."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from accounts.models import User
from messaging import conversations, database, history, user_groups
from messaging.hub import Hub
from tests import worlds
from tests.messaging.hub.inside import committed_elsewhere, hear, quiet_hub, seat
from tests.worlds import built

STATEMENTS = {
    "groups": user_groups.OF_PEOPLE,
    "ids": conversations.IDS,
    "summaries": conversations.SUMMARIES,
    "since": history.SINCE,
}


class Gate:
    """Stops one statement of the pool, before the database gets it or before its answer arrives."""

    def __init__(self, sql: str, is_before: bool) -> None:
        self.sql = sql
        self.is_before = is_before
        self.fetch = database.fetch
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, sql: str, params: database.Params = (), /) -> list[Any]:
        """Run a statement as the pool does, or wait at the gate."""
        if sql != self.sql or self.reached.is_set():
            return await self.fetch(sql, params)
        if not self.is_before:
            found = await self.fetch(sql, params)
        self.reached.set()
        await self.opened.wait()
        return found if not self.is_before else await self.fetch(sql, params)


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    """A hub in which only what the test does happens."""
    async with quiet_hub() as made:
        yield made


@pytest.mark.parametrize("heard", ["at once", "later", "never", "before its predecessor"])
@pytest.mark.parametrize("is_known", [False, True], ids=["new room", "room in use"])
@pytest.mark.parametrize("cursor", [None, 0, "head"])
@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("statement", list(STATEMENTS))
async def test_an_event_between_following_and_reading(
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    bob: User,
    statement: str,
    is_before: bool,
    cursor: int | str | None,
    is_known: bool,
    heard: str,
) -> None:
    """Two events are committed while bob's hello is held at one statement; others may hear of them when they like."""
    conversation = await built(worlds.channel, alice, bob)
    await built(worlds.say_many, alice, conversation, 120)
    start = 122  # two joins came first
    if is_known:
        await hub.catchup.hello(seat(hub, alice)[0], {})
    peer, tape = seat(hub, bob)
    if cursor == "head":
        cursor = start
    gate = Gate(STATEMENTS[statement], is_before)
    monkeypatch.setattr(database, "fetch", gate)
    arriving = asyncio.create_task(hub.catchup.hello(peer, {} if cursor is None else {conversation: int(cursor)}))
    waiting = asyncio.create_task(gate.reached.wait())
    await asyncio.wait({arriving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    entries = [await committed_elsewhere(alice, conversation, f"between {number}") for number in range(2)]
    if heard == "at once":
        hear(hub, *entries)
    elif heard == "before its predecessor":
        hear(hub, entries[1])
    gate.opened.set()
    await arriving
    if heard == "later":
        hear(hub, *entries)
    elif heard == "before its predecessor":
        hear(hub, entries[0])
    elif heard == "never":
        await hub.fill(hub.rooms[conversation])  # as the comparison of heads does
    entries.append(await committed_elsewhere(alice, conversation, "after"))
    hear(hub, entries[-1])
    while tape.all("events") and tape.all("events")[-1].get("more"):
        await hub.catchup.sync(peer, {conversation: tape.seqs(conversation)[-1] if tape.seqs(conversation) else 0})
    first = tape.all("welcome")[0]["conversations"][0]["seq"] if cursor is None else int(cursor)
    assert tape.seqs(conversation) == list(range(first + 1, start + 4))
    assert not hub.rooms[conversation].early
