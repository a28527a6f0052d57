"""Commands over a socket: one answer each, in order, within bounds."""

import json
from uuid import uuid4

import pytest

from accounts.models import User
from messaging.protocol import limits
from tests import worlds
from tests.serving import Serve, Server
from tests.talking import JSON, MSGPACK, Talker
from tests.worlds import built


async def test_the_same_id_again_is_the_same_ack(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    token = await built(worlds.bearer, alice)
    id = str(uuid4())
    async with Talker(site.socket_url, token) as talker, Talker(site.socket_url, token) as other:
        await talker.hello()
        first = await talker.said(conversation, "once", id=id)
        assert "duplicate" not in first
        again = await other.said(conversation, "once", id=id)
        assert again == {**first, "duplicate": True}
        misused = await other.answer(await other.say(conversation, "else", id=(other_id := str(uuid4()))))
        assert misused["type"] == "ack"
        await talker.say(conversation, "another text", id=other_id)
        assert (await talker.first("error", id=other_id))["code"] == "malformed"
        await talker.reached(conversation, misused["seq"])
        assert talker.seqs(conversation) == [first["seq"], misused["seq"]]


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_the_order_sent_is_the_order_of_seqs(pair: Server, alice: User, subprotocol: str) -> None:
    """From the first frame after the handshake on, which comes while the server still asks who this is."""
    conversation = await built(worlds.channel, alice)
    token = await built(worlds.bearer, alice)
    for _ in range(3):
        async with Talker(pair.socket_url, token, subprotocol) as talker:
            ids = [await talker.say(conversation, f"{number} {'-' * 3000}") for number in range(500)]
            acks = [await talker.answer(id, "ack") for id in ids]
            seqs = [ack["seq"] for ack in acks]
            assert seqs == list(range(seqs[0], seqs[0] + 500))


async def test_each_kind_of_command(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(site.socket_url, tokens[0]) as talker, Talker(site.socket_url, tokens[1]) as other:
        await talker.hello()
        await other.hello()
        root = (await talker.said(conversation, f"hello <@{bob.pk}>", said_at="2026-01-02T03:04:05+02:00"))["seq"]
        ids = [str(uuid4()) for _ in range(4)]
        await other.put("send", id=ids[0], conversation=conversation, body="reply", thread=root)
        await talker.put("edit", id=ids[1], conversation=conversation, seq=root, body="hi")
        await other.put("react", id=ids[2], conversation=conversation, seq=root, emoji="🎉", on=True)
        await other.answer(ids[0], "ack")
        await other.answer(ids[2], "ack")
        await talker.put("delete", id=ids[3], conversation=conversation, seq=root)
        head = (await talker.answer(ids[3], "ack"))["seq"]
        for each in (talker, other):
            await each.reached(conversation, head)
        events = {event["id"]: event for event in other.events(conversation)}
        said = other.events(conversation)[0]
        assert (said["mentions"], said["said_at"], said["source"]) == (
            [bob.pk],
            "2026-01-02T01:04:05.000000Z",
            "client",
        )
        assert (events[ids[0]]["kind"], events[ids[0]]["thread"]) == ("message", root)
        assert (events[ids[1]]["kind"], events[ids[1]]["target"], events[ids[1]]["body"]) == ("edit", root, "hi")
        assert (events[ids[2]]["emoji"], events[ids[2]]["on"], events[ids[2]]["target"]) == ("🎉", True, root)
        assert (events[ids[3]]["kind"], events[ids[3]]["target"]) == ("delete", root)
        assert talker.events(conversation) == other.events(conversation)


async def test_live_and_read_again_are_the_same(site: Server, alice: User) -> None:
    """What a socket gets when it happens is to the letter what `sync` and the log give later."""
    conversation = await built(worlds.channel, alice)
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
        await talker.said(conversation, "ünï <!here> 🎈\u2028", said_at="2026-01-02T03:04:05.678901+05:45")
        root = (await talker.said(conversation, "second"))["seq"]
        await talker.reached(conversation, (await talker.said(conversation, "third", thread=root))["seq"])
        live = talker.events(conversation)
        async with site.client(await built(worlds.bearer, alice)) as client:
            url = f"/api/v1/conversations/{conversation}/events?after={live[0]['seq'] - 1}"
            assert (await client.get(url)).json()["events"] == live
        await built(worlds.say_many, alice, conversation, 150)  # far enough that the hub no longer has them
        async with Talker(site.socket_url, await built(worlds.bearer, alice)) as later:
            await later.hello({conversation: live[0]["seq"] - 1})
            await later.until(lambda: later.events(conversation), "events")
            assert later.events(conversation)[:3] == live


async def test_an_outsider_learns_nothing(site: Server, alice: User, mallory: User) -> None:
    """Each command for a conversation of others is answered like one for none."""
    conversation = await built(worlds.channel, alice)
    seq = await built(worlds.say, alice, conversation, "secret")
    id = str((await built(worlds.log_of, conversation))[-1].id)
    async with Talker(site.socket_url, await built(worlds.bearer, mallory)) as talker:
        await talker.hello()
        for type, fields in (
            ("send", {"body": "hi"}),
            ("send", {"body": "hi", "thread": seq}),
            ("edit", {"seq": seq, "body": "hi"}),
            ("delete", {"seq": seq}),
            ("react", {"seq": seq, "emoji": "🎉", "on": True}),
        ):
            answers = [await talker.error(type, id=id, conversation=c, **fields) for c in (conversation, 2**53 - 1)]
            assert answers[0] == answers[1]
            assert answers[0]["code"] == "not_found"
        for type in ("read", "delivered"):
            answers = [await talker.error(type, conversation=c, seq=seq) for c in (conversation, 2**53 - 1)]
            assert answers[0] == answers[1]
        assert [event.seq for event in await built(worlds.log_of, conversation)] == [1, 2]


async def test_fifty_a_second_after_a_burst_of_a_thousand(server: Serve, alice: User, bob: User) -> None:
    """The bounds as shipped; two sockets of a person share them, and another person's are her own."""
    limited = server(PARLEY_LIMITS="on")
    conversation = await built(worlds.channel, alice, bob)
    token = await built(worlds.bearer, alice)
    async with Talker(limited.socket_url, token) as one, Talker(limited.socket_url, token) as other:
        ids = [(talker, await talker.say(conversation, "quick")) for _ in range(700) for talker in (one, other)]
        answers = [await talker.answer(id) for talker, id in ids]
        refused = [answer for answer in answers if answer["type"] == "error"]
        assert len(answers) - len(refused) >= limits.COMMANDS_BURST
        assert refused, "1,400 commands at once were all taken"
        for answer in refused:
            assert answer["code"] == "rate_limited"
            assert 0 < answer["retry_after"] <= 1
        async with Talker(limited.socket_url, await built(worlds.bearer, bob)) as bystander:
            await bystander.said(conversation, "not bounded by others")


async def test_a_new_socket_brings_no_new_burst(server: Serve, alice: User) -> None:
    """Who has used up the allowance does not get another by reconnecting."""
    limited = server(PARLEY_LIMITS="on")
    conversation = await built(worlds.channel, alice)
    token = await built(worlds.bearer, alice)
    taken = 0
    for _ in range(3):
        async with Talker(limited.socket_url, token) as talker:
            ids = [await talker.say(conversation, "quick") for _ in range(1000)]
            answers = [await talker.answer(id) for id in ids]
            taken += sum(answer["type"] == "ack" for answer in answers)
    assert taken < 2000


async def test_the_many_ways_of_a_body(site: Server, alice: User) -> None:
    """At most 16,000 characters; empty, NUL and unpaired surrogates are refused; the rest comes back as it was."""
    conversation = await built(worlds.channel, alice)
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
        for body, code in (
            ("x" * 16_001, "too_large"),
            ("", "malformed"),
            (" \n\t", "malformed"),
            ("a\x00b", "malformed"),
            ("a\ud800b", "malformed"),
            ("a\udfffb", "malformed"),
        ):
            error = await talker.answer(await talker.say(conversation, body), "error")
            assert (error["code"], bool(error["detail"])) == (code, True)
        for body in ("x" * 16_000, "🎈" * 16_000, "\u0001\u007f\u0085\u2028\ufeff", "é\r\n'\"\\"):
            ack = await talker.said(conversation, body)
            event = await talker.first("event", conversation=conversation, seq=ack["seq"])
            assert event["body"] == body


async def test_read_tells_the_own_other_sockets(pair: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    seq = await built(worlds.say, alice, conversation, "to be read")
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with (
        Talker(pair.socket_url, tokens[1]) as reader,
        Talker(pair.socket_url, tokens[1]) as other,
        Talker(pair.socket_url, tokens[0]) as author,
    ):
        for talker in (reader, other, author):
            await talker.hello()
        await reader.put("read", conversation=conversation, seq=seq)
        receipt = await reader.first("receipt", conversation=conversation)
        (entry,) = receipt["receipts"]
        assert (entry["user"], entry["read"], entry["delivered"]) == (bob.pk, seq, seq)
        (shown,) = (await other.hello())["conversations"]
        assert (shown["unread"], shown["read"]) == (0, seq)
        await other.first("receipt", conversation=conversation)
        await reader.put("read", conversation=conversation, seq=1)  # positions only ever advance
        await reader.put("delivered", conversation=conversation, seq=10**9)  # and never beyond the log
        ack = await author.said(conversation, "more")
        await reader.reached(conversation, ack["seq"])
        await reader.put("delivered", conversation=conversation, seq=ack["seq"])
        await reader.until(
            lambda: any(r["receipts"][0]["delivered"] == ack["seq"] for r in reader.all("receipt")), "a receipt"
        )
        assert all(r["receipts"][0]["read"] == seq for r in reader.all("receipt"))
        await author.echo()
        assert all(r["receipts"][0]["user"] == alice.pk for r in author.all("receipt"))


async def test_frames_in_one_write(site: Server, alice: User) -> None:
    """Several frames in one packet, and one frame in several fragments."""
    conversation = await built(worlds.channel, alice)
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        ids = [str(uuid4()) for _ in range(2)]
        whole = [
            json.dumps({"type": "send", "id": id, "conversation": conversation, "body": f"{'ü' * 100}"}).encode()
            for id in ids
        ]
        text = whole[0].decode()
        await talker.socket.send([text[:10], text[10:90], text[90:]])
        await talker.socket.send(whole[1].decode())
        acks = [await talker.answer(id, "ack") for id in ids]
        assert acks[1]["seq"] == acks[0]["seq"] + 1
