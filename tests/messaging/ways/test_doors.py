"""What a stream, a poll and a request with commands take and refuse, and what is kept between two of them."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from accounts.models import User
from messaging.protocol import limits
from messaging.ways import poll, spool, stream
from tests import worlds
from tests.beside import Poller, Streamer, arrive
from tests.messaging.hub.browsing import Browser
from tests.messaging.hub.inside import eventually
from tests.serving import Serve, Server
from tests.worlds import built

STREAM, POLL, COMMANDS = "/api/v1/events/stream", "/api/v1/events/poll", "/api/v1/events/commands"


def said(conversation: int, body: str = "hello") -> dict[str, Any]:
    """Make the body of a request that says something."""
    return {"frames": [{"type": "send", "id": str(uuid4()), "conversation": conversation, "body": body}]}


async def begun(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    """Ask, and give the answer's head alone."""
    async with client.stream("GET", path, headers=headers) as answer:
        return answer


async def test_a_session_posts_from_pages_of_its_own_alone(site: Server, alice: User) -> None:
    """With the token that Django's own check asks for, and from this origin."""
    conversation = await built(worlds.channel, alice)
    browser = await Browser.signed_in(site, alice)
    csrf = {"X-CSRFToken": browser.client.cookies["csrftoken"]}
    own = {"Origin": site.url, **csrf}
    assert (await browser.client.post(COMMANDS, json=said(conversation, "own"), headers=own)).status_code == 200
    foreign = [
        {},
        {"Origin": site.url},
        {"Origin": site.url, "X-CSRFToken": "x" * 32},
        {"Origin": "https://evil.example", **csrf},
        {"Origin": "null", **csrf},
        {"Authorization": "Basic eDp5", "Origin": site.url},
    ]
    for headers in foreign:
        refused = await browser.client.post(COMMANDS, json=said(conversation, "foreign"), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), headers
    as_form = await browser.client.post(COMMANDS, content=json.dumps(said(conversation)), headers=own)
    assert as_form.status_code == 415
    bodies = [getattr(event, "body", None) for event in await built(worlds.log_of, conversation)]
    assert bodies == [None, "own"]
    await browser.client.aclose()


async def test_a_session_listens_from_pages_of_its_own_alone(site: Server, alice: User) -> None:
    """A browser names no origin where a page fetches from its own, and says so; nothing lets others read."""
    browser = await Browser.signed_in(site, alice)
    for path in (STREAM, f"{POLL}?wait=0"):
        for headers in ({}, {"Origin": site.url}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
            answer = await begun(browser.client, path, **headers)
            assert answer.status_code == 200
            assert "access-control-allow-origin" not in answer.headers
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
            assert (await begun(browser.client, path, **headers)).status_code == 401, headers
    await browser.client.aclose()


async def test_nobody_keeps_an_answer_or_holds_it_back(site: Server, alice: User) -> None:
    async with site.client(await built(worlds.bearer, alice)) as client:
        for path in (STREAM, f"{POLL}?wait=0"):
            headers = (await begun(client, path)).headers
            assert headers["cache-control"] == "no-store, no-transform"
            assert headers["x-content-type-options"] == "nosniff"
        assert (await begun(client, STREAM)).headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize("path", [STREAM, POLL, COMMANDS])
async def test_who_is_turned_away(site: Server, alice: User, path: str) -> None:
    method = "POST" if path == COMMANDS else "GET"
    body = said(1) if method == "POST" else None
    for token in (None, "parley_nobody"):
        async with site.client(token) as client:
            refused = await client.request(method, path, json=body)
            expected = 403 if method == "POST" and token is None else 401
            assert refused.status_code == expected
            assert refused.headers["content-type"] == "application/problem+json"
    async with site.client(await built(worlds.bearer, alice)) as client:
        refused = await client.request("DELETE", path)
        assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("cursors", ["1", "1:", ":1", "1:-1", "0:1", "1:1,", "1:1;2:2", "٣:1", "a:b", "1:1" + "0" * 17])
async def test_cursors_that_are_none(site: Server, alice: User, cursors: str) -> None:
    async with site.client(await built(worlds.bearer, alice)) as client:
        for path in (STREAM, POLL):
            refused = await client.get(path, params={"cursors": cursors})
            assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
            assert "12:345,13:9" in refused.json()["detail"]


async def test_a_wait_that_is_none(site: Server, alice: User) -> None:
    async with site.client(await built(worlds.bearer, alice)) as client:
        for wait in ("", "-1", "1.5", "soon", "9" * 9):
            assert (await client.get(POLL, params={"wait": wait})).status_code == 400


async def test_bodies_that_are_none(site: Server, alice: User) -> None:
    """Each is refused whole, a frame of a good body alone; and no `hello` comes this way."""
    conversation = await built(worlds.channel, alice)
    async with site.client(await built(worlds.bearer, alice)) as client:
        json_ = {"Content-Type": "application/json"}
        for body in (b"", b"{", b"[]", b'{"frames":{}}', b'{"frames":[]}', b'{"frames":[' + b"1," * 100 + b"1]}"):
            assert (await client.post(COMMANDS, content=body, headers=json_)).status_code == 400, body
        too_large = await client.post(COMMANDS, content=b" " * (limits.FRAME_BYTES + 1), headers=json_)
        assert too_large.status_code == 413
        frames = [1, {"type": "nonsense"}, {"type": "hello"}, *said(conversation)["frames"], {"type": "ping", "n": 5}]
        answer = await client.post(COMMANDS, json={"frames": frames})
        codes = [frame.get("code", frame["type"]) for frame in answer.json()["frames"]]
        assert sorted(codes) == ["ack", "malformed", "malformed", "pong", "unknown_type"]


async def test_a_token_that_may_not(site: Server, alice: User) -> None:
    """Scopes hold as on a socket."""
    conversation = await built(worlds.channel, alice)
    reading = await built(worlds.bearer, alice, "read")
    writing = await built(worlds.bearer, alice, "write")
    async with site.client(reading) as client:
        answer = await client.post(COMMANDS, json=said(conversation))
        assert [frame["code"] for frame in answer.json()["frames"]] == ["forbidden"]
    async with site.client(writing) as client:
        for path in (STREAM, POLL):
            assert (await client.get(path)).status_code == 403


async def test_a_stream_goes_on_from_the_last_event_id(pair: Server, alice: User, bob: User) -> None:
    """Cut anywhere: what was missed comes, what was received does not come again, of every conversation."""
    rooms = [await built(worlds.channel, alice, bob) for _ in range(3)]
    talker = await arrive("stream", pair, bob)
    assert isinstance(talker, Streamer)
    for room in rooms[:2]:
        await talker.reached(room, await built(worlds.say, alice, room, "heard"))
    assert talker.listening is not None
    talker.listening.cancel()
    heads = [await built(worlds.say, alice, room, "missed") for room in rooms]
    await talker.hello()
    heads = [await built(worlds.say, alice, room, "live") for room in rooms]
    for room, head in zip(rooms, heads, strict=True):
        await talker.reached(room, head)
        assert talker.seqs(room) == list(range(3, head + 1))
    await talker.close()


async def test_several_tabs_poll_at_once_and_nothing_is_kept_between(server: Serve, alice: User, bob: User) -> None:
    """Each tab hears everything; a server that is started again in between is not noticed."""
    served = server()
    conversation = await built(worlds.channel, alice, bob)
    tabs = [await arrive("poll", served, bob) for _ in range(5)]
    for number in range(10):
        seq = await built(worlds.say, alice, conversation, f"{number}")
        for tab in tabs:
            await tab.reached(conversation, seq)
    for tab in tabs:
        assert tab.seqs(conversation) == list(range(3, seq + 1))
        await tab.close()
    async with served.client(await built(worlds.bearer, bob)) as client:
        given = (await client.get(POLL, params={"wait": 0})).json()
        assert [frame["type"] for frame in given["frames"]] == ["welcome"]
        given = (await client.get(POLL, params={"wait": 0, "cursors": given["cursors"]})).json()
        assert given["frames"] == []
        served.processes[0].kill()
        served.processes[0].wait()
        missed = await built(worlds.say, alice, conversation, "between two polls")
        other = await built(worlds.channel, alice, bob)
        served.start()
        frames = (await client.get(POLL, params={"cursors": given["cursors"]})).json()["frames"]
        assert [frame["type"] for frame in frames] == ["conversation", "events"]
        assert (frames[0]["change"], frames[0]["conversation"]["id"]) == ("added", other)
        assert [event["seq"] for event in frames[1]["events"]] == [missed]


async def test_a_stream_that_nobody_reads_is_cut(server: Serve, alice: User, bob: User) -> None:
    """Its process holds a bounded part of what was not taken, and lets the connection go."""
    served = server()
    conversation = await built(worlds.channel, alice, bob)
    token = await built(worlds.bearer, bob)
    speaker = await arrive("socket", served, alice)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
    writer.write(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    assert b"200" in await reader.readline()
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    from tests.messaging.hub.test_slow_reader import connections

    assert connections(served) == 2
    for _ in range(200):
        await speaker.said(conversation, "🎈" * 16_000)
    await eventually(lambda: connections(served) == 1, "the end of the stream")
    assert "Traceback" not in served.log.read_text()
    writer.transport.abort()
    await speaker.close()


async def test_a_line_that_says_nothing_shows_that_the_stream_is_there(
    monkeypatch: pytest.MonkeyPatch, site: Server, alice: User
) -> None:
    """Within the half minute after which the most impatient proxies cut."""
    assert stream.HEARTBEAT_S < 30 > poll.LONGEST_WAIT_S
    assert stream.HEARTBEAT_S < limits.SILENCE_S / 2
    written = stream._written([], spool.Spool({}))
    assert written.startswith(b":")
    assert written.endswith(b"\n\n")


def test_the_names_of_cursors_are_bounded() -> None:
    """Those that moved last are named; all are known."""
    kept = spool.Spool(dict.fromkeys(range(1, 2000), 1))
    kept.write(b'{"type":"event","conversation":7,"seq":2}')
    assert kept.text().endswith(",7:2")
    assert len(spool.read_cursors(kept.text())) == spool.NAMED


def test_what_the_client_does_not_take_is_bounded() -> None:
    """Only where it is stuck: a long page that was just asked for is no sign of a slow client."""

    async def run() -> list[int]:
        kept, called = spool.Spool({}), []
        kept.slow = lambda: called.append(1)
        page = b'{"type":"events","conversation":7,"events":[],"from":1,"x":"' + b"x" * (2 << 20) + b'"}'
        kept.write(page)
        await asyncio.sleep(0)
        assert called == []
        kept.is_stuck = True
        kept.write(b'{"type":"pong"}')
        await asyncio.sleep(0)
        return called

    assert asyncio.run(run()) == [1]


async def test_nothing_comes_from_a_poll_without_cursors_but_its_welcome(site: Server, alice: User) -> None:
    talker = await arrive("poll", site, alice)
    assert isinstance(talker, Poller)
    assert [frame["type"] for frame in talker.frames] == ["welcome"]
    await talker.close()
