"""PostgreSQL hangs: commands are refused with a time to wait, and all goes on by itself when it comes back."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from chatproject import places
from messaging import database, log
from tests import worlds
from tests.messaging.log.line import Line
from tests.serving import Serve
from tests.talking import Frame, Talker
from tests.worlds import built

#: A batch, or another statement, is given up after some seconds; psycopg then gives its cancellation 5 s, twice.
GIVEN_UP_WITHIN_S = 30.0


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A line to the worker's PostgreSQL that can be held."""
    known = conninfo_to_dict(places.database_url("app") or "")
    server = Path(str(known["host"])) / f".s.PGSQL.{known.get('port') or 5432}"
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        async with Line(Path(folder), server) as line:
            yield line


def by(line: Line) -> str:
    """Name the database by way of the line."""
    return make_conninfo(places.database_url("app") or "", host=str(line.folder))


async def taken(talker: Talker, conversation: int, id: str) -> Frame:
    """Send a command again, as a client does, until it is acknowledged."""
    async with asyncio.timeout(60):
        while True:
            talker.frames = [frame for frame in talker.frames if frame["type"] == "event" or frame.get("id") != id]
            answer = await talker.answer(await talker.say(conversation, "during", id=id))
            if answer["type"] == "ack":
                return answer
            assert answer["code"] == "unavailable"
            await asyncio.sleep(answer["retry_after"])


async def test_while_it_hangs(server: Serve, line: Line, alice: User, bob: User) -> None:
    """One hang for three who need the database at its beginning, each by another way; then all goes on."""
    assert (log.BATCH_TIMEOUT_S, database.FETCH_TIMEOUT_S) == (5, 10)
    hurried = {"messaging.log.BATCH_TIMEOUT_S": 2.0, "messaging.database.FETCH_TIMEOUT_S": 3.0}
    served = await asyncio.to_thread(server, hurried=hurried, DATABASE_URL=by(line))
    conversation = await built(worlds.channel, alice, bob)
    token, other = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with contextlib.AsyncExitStack() as stack:
        talker, greeter, hearer = [
            await stack.enter_async_context(Talker(served.socket_url, each)) for each in (token, token, other)
        ]
        for each in (talker, greeter, hearer):
            await each.hello()
        await talker.said(conversation, "before")
        line.hold()
        sent, *_ = await asyncio.gather(
            refused(talker, conversation), unwelcome(greeter), turned_away(Talker(served.socket_url, token))
        )
        line.release()
        acks = {id: await taken(talker, conversation, id) for id in sent}
        for each in (talker, hearer):
            await each.reached(conversation, max(ack["seq"] for ack in acks.values()))
            assert each.seqs(conversation) == list(range(3, 4 + len(sent)))
        assert sorted(ack["seq"] for ack in acks.values()) == list(range(4, 4 + len(sent)))
        async with asyncio.timeout(30):
            while len(greeter.all("welcome")) < 2:
                await greeter.put("hello")
                await asyncio.sleep(0.5)
    async with asyncio.timeout(30):
        while not await is_let_in(Talker(served.socket_url, token)):
            pass


async def refused(talker: Talker, conversation: int) -> list[str]:
    """Send until what comes is refused at once; each command is answered. Gives their ids."""
    sent = [await talker.say(conversation, "during")]
    async with asyncio.timeout(10):
        while not talker.all("error", code="unavailable"):
            sent.append(await talker.say(conversation, "during"))
            await talker.echo()
            await asyncio.sleep(0.05)
    for answer in talker.all("error"):
        assert (answer["code"], answer["retry_after"] > 0, bool(answer["detail"])) == ("unavailable", True, True)
    await talker.until(
        lambda: {f["id"] for f in talker.all("error") if f.get("id")} == set(sent),
        "an answer to each",
        GIVEN_UP_WITHIN_S,
    )
    return sent


async def unwelcome(talker: Talker) -> None:
    """Say hello: answered with `unavailable`, within the time that a client would wait."""
    await talker.put("hello")
    await talker.until(lambda: talker.all("error"), "an answer", GIVEN_UP_WITHIN_S)
    (answer,) = talker.all("error")
    assert answer["code"] == "unavailable"
    assert answer["retry_after"] > 0


async def turned_away(talker: Talker) -> None:
    """Open a socket: nobody can tell who this is, so 1013, come again later."""
    async with talker:
        assert await talker.closed(GIVEN_UP_WITHIN_S) == 1013


async def is_let_in(talker: Talker) -> bool:
    """Tell whether a token that is good counts as good again; until then its socket is told 1013."""
    async with talker:
        try:
            await talker.hello()
        except (AssertionError, ConnectionClosed):
            assert talker.close_code == 1013
            return False
        return True


async def test_a_lock_held_elsewhere_costs_its_conversation_alone(server: Serve, alice: User, bob: User) -> None:
    """An import holds one conversation: the other goes on, and what waits is in order when it is let go."""
    served = server()
    held, free = [await built(worlds.channel, alice, bob) for _ in range(2)]
    async with Talker(served.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
        with psycopg.connect(places.database_url("app") or "") as holder:
            holder.execute("select from head where conversation_id = %s for update", [held])
            waiting = [await talker.say(held, f"{number}") for number in range(5)]
            for number in range(20):
                await talker.said(free, f"{number}")
            assert not [f for f in talker.frames if f.get("id") in waiting]
            holder.rollback()
        seqs = [(await talker.answer(id, "ack"))["seq"] for id in waiting]
        assert seqs == list(range(3, 8))
