"""Why a socket is closed, and that the code is seen: always after the handshake."""

import asyncio
import contextlib
import signal
import time
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from messaging.protocol import limits
from tests import worlds
from tests.messaging.hub.browsing import Browser
from tests.messaging.hub.inside import quiet_hub, seat
from tests.parts import wait_until
from tests.serving import Serve, Server
from tests.talking import JSON, MSGPACK, Talker
from tests.worlds import built

BAD_HELLOS: list[dict[str, Any]] = [
    {"cursors": []},
    {"cursors": {"1": -1}},
    {"cursors": {"1": 1.5}},
    {"cursors": {"1": "1"}},
    {"cursors": {"one": 1}},
    {"cursors": {str(n): 1 for n in range(1, limits.CURSORS + 2)}},
    {"cursors": {"1": 2**53}},
    {"device": "x" * 129},
    {"device": 5},
]


@pytest.mark.parametrize("subprotocol", [None, JSON, MSGPACK])
async def test_not_signed_in(site: Server, subprotocol: str | None) -> None:
    for token in (None, "", "parley_nobody", "ü" * 10):
        async with Talker(site.socket_url, token, subprotocol) as talker:
            assert talker.socket.subprotocol == subprotocol
            assert await talker.closed() == 4401
            assert talker.frames == []


async def test_a_session_opens_sockets_of_its_own_origin_only(site: Server, alice: User) -> None:
    browser = await Browser.signed_in(site, alice)
    async with browser.talker(site.url) as talker:
        assert (await talker.hello())["user"]["username"] == alice.username
    port = site.url.rpartition(":")[2]
    foreign = [
        "https://evil.example",
        f"http://localhost:{port}",
        f"https://127.0.0.1:{port}",
        "http://127.0.0.1",
        "null",
    ]
    for origin in (*foreign, f"{site.url}.evil.example", f"{site.url}/", None):
        async with browser.talker(origin) as talker:
            assert await talker.closed() == 4401, origin
    await browser.client.aclose()


async def test_a_trusted_origin_and_a_token_from_anywhere(server: Serve, alice: User) -> None:
    trusting = server(PARLEY_ORIGINS="https://chat.example.com")
    browser = await Browser.signed_in(trusting, alice)
    async with browser.talker("https://chat.example.com") as talker:
        await talker.hello()
    async with browser.talker("https://chat.example.com.evil.example") as talker:
        assert await talker.closed() == 4401
    async with Talker(trusting.socket_url, await built(worlds.bearer, alice), origin="https://evil.example") as talker:
        await talker.hello()  # a browser sends no token by itself
    await browser.client.aclose()


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_a_malformed_hello(site: Server, alice: User, subprotocol: str) -> None:
    token = await built(worlds.bearer, alice)
    for fields in BAD_HELLOS:
        async with Talker(site.socket_url, token, subprotocol) as talker:
            await talker.put("hello", **fields)
            assert await talker.closed() == 4400, fields
            assert [frame["code"] for frame in talker.frames] == ["malformed"]


async def test_a_hundred_malformed_frames(site: Server, alice: User) -> None:
    """The hundredth within a minute; each is answered, and what is refused for another reason does not count."""
    conversation = await built(worlds.channel, alice)
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        for number in range(99):
            await talker.socket.send("{")
            await talker.put("send", id=str(uuid4()), conversation=2**53 - 1, body="not found")
            if number == 50:
                await talker.said(conversation, "well formed")
        await talker.until(lambda: len(talker.all("error")) == 2 * 99, "198 errors")
        await talker.echo()
        await talker.socket.send("{")
        assert await talker.closed() == 4400
        assert len(talker.all("error", code="malformed")) == 100


async def test_malformed_frames_of_more_than_a_minute(alice: User) -> None:
    async with quiet_hub() as hub:
        peer, _tape = seat(hub, alice)
        assert not any(peer.is_flooding() for _ in range(99))
        assert peer.malformed is not None
        peer.malformed[0] -= 61  # the first was longer ago
        assert not peer.is_flooding()
        assert peer.is_flooding()


async def test_silent_for_a_minute(alice: User, bob: User) -> None:
    """Whatever is sent counts, a ping as well; what one is sent does not."""
    async with quiet_hub() as hub:
        silent, silent_tape = seat(hub, alice)
        talkative, talkative_tape = seat(hub, bob)
        silent.heard_at = talkative.heard_at = time.monotonic() - limits.SILENCE_S + 5
        hub.upkeep._drop_silent()
        assert (silent_tape.code, talkative_tape.code) == (None, None)
        silent.heard_at = time.monotonic() - limits.SILENCE_S
        hub.upkeep._drop_silent()
        assert (silent_tape.code, talkative_tape.code) == (4408, None)
        assert alice.pk not in hub.people


async def test_silent_for_long_on_a_real_socket(server: Serve, alice: User) -> None:
    """One pings as often as `welcome` asks, the other is silent; a twelfth of the contract's 25 and 60 s."""
    assert (limits.HEARTBEAT_S, limits.SILENCE_S) == (25, 60)
    served = server(hurried={"messaging.protocol.limits.HEARTBEAT_S": 2, "messaging.protocol.limits.SILENCE_S": 5})
    token = await built(worlds.bearer, alice)
    async with Talker(served.socket_url, token) as silent, Talker(served.socket_url, token) as pinging:
        welcome = await silent.hello()
        await pinging.hello()
        started_at = time.monotonic()
        while silent.close_code is None and time.monotonic() < started_at + 35:
            with contextlib.suppress(TimeoutError):
                await silent.closed(welcome["heartbeat"])
            await pinging.echo()
        assert silent.close_code == 4408
        assert time.monotonic() - started_at > 5 - 1
        await pinging.echo()


async def test_too_many_sockets_of_a_person(server: Serve, alice: User, bob: User) -> None:
    limited = server(PARLEY_LIMITS="on")
    token = await built(worlds.bearer, alice)
    async with contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(Talker(limited.socket_url, token)) for _ in range(100)]
        for talker in sockets:
            await talker.echo()
        async with Talker(limited.socket_url, token) as one_more:
            assert await one_more.closed() == 1013
        async with Talker(limited.socket_url, await built(worlds.bearer, bob)) as other:
            await other.hello()
        await sockets[0].close()

        async def is_let_in() -> bool:
            async with Talker(limited.socket_url, token) as again:
                with contextlib.suppress(AssertionError):
                    await again.hello()
                return again.close_code is None

        async with asyncio.timeout(10):
            while not await is_let_in():
                pass


async def test_the_server_goes_away(server: Serve, alice: User) -> None:
    """1012 to everybody; what was acknowledged is in the log; the process is gone soon."""
    going = server()
    conversation = await built(worlds.channel, alice)
    token = await built(worlds.bearer, alice)
    async with Talker(going.socket_url, token) as talker, Talker(going.socket_url, token) as other:
        await talker.hello()
        await other.hello()
        for number in range(100):
            await talker.say(conversation, f"{number}")
        await talker.until(lambda: len(talker.all("ack")) >= 10, "some acks")
        going.processes[0].send_signal(signal.SIGTERM)
        for each in (talker, other):
            assert await each.closed() == 1012
        ids = {str(event.id) for event in await built(worlds.log_of, conversation)}
        assert {ack["id"] for ack in talker.all("ack")} <= ids
    wait_until(lambda: going.processes[0].poll() is not None, "the end of the process", 10)
    assert going.processes[0].returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in going.log.read_text()


async def test_clients_that_hang_up_disturb_nobody(server: Serve, alice: User, bob: User) -> None:
    """Whichever way they go and whenever, the others get everything, and the log has no traceback."""
    served = server()
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(served.socket_url, tokens[0]) as speaker, Talker(served.socket_url, tokens[1]) as steady:
        await speaker.hello()
        await steady.hello()
        is_over = False

        async def talk() -> None:
            while not is_over:
                await asyncio.gather(*[speaker.said(conversation, "on and on") for _ in range(10)])

        talking = asyncio.create_task(talk())
        for way in range(120):
            leaving = await Talker(served.socket_url, tokens[1]).open()
            if way % 2:
                await leaving.hello({conversation: 0})
            else:
                await leaving.put("hello", cursors={})
            if way % 4 < 2:
                leaving.socket.transport.abort()
                await leaving._listening
            else:
                await leaving.close()
        is_over = True
        await talking
        head = (await speaker.said(conversation, "that was all"))["seq"]
        for talker in (speaker, steady):
            await talker.reached(conversation, head)
            assert talker.seqs(conversation) == list(range(3, head + 1))
    assert "Traceback" not in served.log.read_text()
