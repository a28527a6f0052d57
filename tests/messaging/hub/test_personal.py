"""What is one's own is the same on all one's devices, wherever they are connected, and nobody else's."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from tests import worlds
from tests.serving import Server
from tests.talking import Frame, Talker, spread
from tests.worlds import built


async def _own(talker: Talker) -> int:
    """Wait until somebody's own log is there, and give its id."""
    await talker.until(
        lambda: [f for f in talker.all("conversation", change="added") if f["conversation"]["kind"] == "personal"],
        "the own log",
    )
    found = [f for f in talker.all("conversation") if f["conversation"]["kind"] == "personal"]
    return int(found[0]["conversation"]["id"])


async def _keep(talker: Talker, type: str, **fields: Any) -> Frame:
    id = str(uuid4())
    await talker.put(type, id=id, **fields)
    return await talker.answer(id, "ack")


async def _state(server: Server, token: str, **query: str) -> list[Frame]:
    async with server.client(token) as client:
        answer = await client.get("/api/v1/me/state", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["state"])


async def test_two_devices_on_two_processes_agree(pair: Server, alice: User, bob: User) -> None:
    """Drafts, saved, follows, levels: in one order on both, and as the state says."""
    room = await built(worlds.channel, alice, bob)
    said = await built(worlds.say, bob, room, "something")
    token = await built(worlds.bearer, alice)
    async with spread(pair, token) as ((phone,), (laptop,)):
        assert [(await device.hello())["personal"] for device in (phone, laptop)] == [None, None]
        await _keep(phone, "prefer", name="theme", value="dark")
        own = await _own(phone)
        assert await _own(laptop) == own
        for device, other, type, fields in (
            (phone, laptop, "draft", {"where": room, "body": "half a sen"}),
            (laptop, phone, "draft", {"where": room, "thread": said, "body": "a reply"}),
            (phone, laptop, "save", {"where": room, "message": said, "on": True}),
            (laptop, phone, "follow", {"where": room, "root": said, "on": True}),
            (phone, laptop, "level", {"where": room, "level": "none", "until": "2027-01-01T01:00:00+01:00"}),
            (laptop, phone, "draft", {"where": room, "body": ""}),
        ):
            ack = await _keep(device, type, **fields)
            assert ack["conversation"] == own
            for each in (other, device):
                await each.reached(own, ack["seq"])
            (event,) = [e for e in other.events(own) if e["seq"] == ack["seq"]]
            assert (event["kind"], event["user"], event["where"]) == (type, alice.pk, room)
        assert phone.events(own)[-6:] == laptop.events(own)[-6:]
        fresh = await Talker(pair.socket_url, token).open()
        welcome = await fresh.hello({own: 0})
        assert (welcome["personal"]["id"], welcome["personal"]["seq"]) == (own, 8)
        assert own not in [c["id"] for c in welcome["conversations"]]
        await fresh.reached(own, 8)
        assert fresh.seqs(own) == list(range(1, 9))
        await fresh.close()
    state = await _state(pair, token)
    assert {(kept["kind"], kept["key"]) for kept in state} == {
        ("draft", f"{room}/{said}"),
        ("save", f"{room}/{said}"),
        ("follow", f"{room}/{said}"),
        ("level", str(room)),
        ("prefer", "theme"),
    }
    (draft,) = await _state(pair, token, kind="draft")
    assert draft["value"] == {"where": room, "thread": said, "body": "a reply"}
    (level,) = await _state(pair, token, kind="level")
    assert level["value"]["until"] == "2027-01-01T00:00:00.000000Z"


async def test_commands_sent_before_the_log_was_there_keep_their_order(pair: Server, alice: User) -> None:
    """Both processes make it at once, and there is one; each socket's commands are numbered as sent."""
    room = await built(worlds.channel, alice)
    async with spread(pair, await built(worlds.bearer, alice)) as ((phone,), (laptop,)):
        ids = {device: [str(uuid4()) for _ in range(20)] for device in (phone, laptop)}

        async def write(device: Talker) -> list[Frame]:
            for number, id in enumerate(ids[device]):
                await device.put("draft", id=id, where=room, body=f"{number}")
            return [await device.answer(id, "ack") for id in ids[device]]

        acks = await asyncio.gather(write(phone), write(laptop))
        for each in acks:
            seqs = [ack["seq"] for ack in each]
            assert seqs == sorted(seqs)
        assert len({ack["conversation"] for each in acks for ack in each}) == 1
        own = acks[0][0]["conversation"]
        log = await built(worlds.log_of, own)
        assert [type(event).__name__ for event in log] == ["Join"] + ["Draft"] * 40
        await phone.put("draft", id=ids[phone][0], where=room, body="0")
        await phone.until(lambda: phone.all("ack", duplicate=True), "the same ack again")
        assert len(await built(worlds.log_of, own)) == 41


async def test_nobody_else_learns_anything_of_it(pair: Server, alice: User, mallory: User) -> None:
    """Not by the socket, not by any call, not by writing into it."""
    room = await built(worlds.channel, alice)
    alices, mallorys = [await built(worlds.bearer, user) for user in (alice, mallory)]
    async with Talker(pair.socket_url, alices) as talker, spread(pair, mallorys) as outsiders:
        for (outsider,) in outsiders:
            await outsider.hello()
        await talker.hello()
        await _keep(talker, "draft", where=room, body="secret")
        own = await _own(talker)
        for (outsider,) in outsiders:
            (answer,) = await outsider.sync({own: 0})
            assert (answer["type"], answer["code"]) == ("error", "not_found")
            for type in ("read", "delivered"):
                assert (await outsider.error(type, conversation=own, seq=1))["code"] == "not_found"
            refused = await outsider.answer(await outsider.say(own, "let me in"), "error")
            assert refused["code"] == "not_found"
            id = str(uuid4())
            await outsider.put("draft", id=id, where=room, body="not mine")
            assert (await outsider.answer(id, "error"))["code"] == "not_found"
            await outsider.echo()
            assert outsider.events(own) == []
        async with pair.client(mallorys) as client:
            for path in ("", "/messages", "/messages?around=2", "/events?after=0", "/members"):
                assert (await client.get(f"/api/v1/conversations/{own}{path}")).status_code == 404, path
            for path, body in (
                ("members", {"user": mallory.pk}),
                ("messages", {"id": str(uuid4()), "body": "let me in"}),
            ):
                assert (await client.post(f"/api/v1/conversations/{own}/{path}", json=body)).status_code == 404
            assert (await client.delete(f"/api/v1/conversations/{own}/members/{alice.pk}")).status_code == 404
            assert own not in [c["id"] for c in (await client.get("/api/v1/conversations")).json()["conversations"]]
            assert (await client.get("/api/v1/me/state")).json()["state"] == []
    assert len(await built(worlds.log_of, own)) == 2


async def test_nothing_is_said_in_it_and_nobody_comes_or_goes(site: Server, alice: User, bob: User) -> None:
    """It is the person's, and only for what is one's own."""
    room = await built(worlds.channel, alice, bob)
    token = await built(worlds.bearer, alice)
    async with Talker(site.socket_url, token) as talker, site.client(token) as client:
        await talker.hello()
        await _keep(talker, "status", emoji="🌴", text="away")
        own = await _own(talker)
        assert (await talker.answer(await talker.say(own, "dear diary"), "error"))["code"] == "forbidden"
        added = await client.post(f"/api/v1/conversations/{own}/members", json={"user": bob.pk})
        assert added.status_code == 403
        assert (await client.delete(f"/api/v1/conversations/{own}/members/{alice.pk}")).status_code == 403
        me = (await client.get("/api/v1/me")).json()
        assert me["personal"] == own
        listed = (await client.get("/api/v1/conversations")).json()["conversations"]
        assert [c["id"] for c in listed] == [room]
        page = (await client.get(f"/api/v1/conversations/{own}/events")).json()
        assert [event["kind"] for event in page["events"]] == ["join", "status"]


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("draft", {"where": 1, "body": "x" * 16_001}),
        ("draft", {"where": 0, "body": "x"}),
        ("save", {"where": 1, "message": 1}),
        ("level", {"where": 1, "level": "some"}),
        ("level", {"where": 1, "level": "none", "until": "tomorrow"}),
        ("level", {"where": 1, "level": "none", "until": "2027-01-01T00:00:00"}),
        ("prefer", {"name": "Theme", "value": True}),
        ("prefer", {"name": "theme", "value": [1]}),
        ("prefer", {"name": "theme", "value": "\x00"}),
        ("status", {"text": "x" * 201}),
        ("schedule", {"schedule": "7", "where": 1, "due_at": "2027-01-01T00:00:00Z", "body": "x"}),
        ("schedule", {"schedule": str(uuid4()), "where": 1, "due_at": "soon", "body": "x"}),
        ("schedule", {"schedule": str(uuid4()), "where": 1, "due_at": "2027-01-01T00:00:00Z", "body": " "}),
    ],
)
async def test_bad_input_is_refused_and_makes_nothing(
    site: Server, alice: User, type: str, fields: dict[str, Any]
) -> None:
    """Each gets one error with its id, and no log is made for it."""
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
        id = str(uuid4())
        await talker.put(type, id=id, **fields)
        assert (await talker.answer(id, "error"))["code"] in ("malformed", "too_large")
        assert (await talker.hello())["personal"] is None
