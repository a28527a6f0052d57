"""The same consumer on uvicorn, with the ready frame, and on daphne, without: nothing else differs."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from accounts import revocations
from accounts.models import User
from chatproject.places import ROOT
from tests import worlds
from tests.serving import Server
from tests.talking import JSON, MSGPACK, Frame, Talker
from tests.worlds import built


class Daphne(Server):
    """A web process as `runserver` has it."""

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start daphne on the port."""
        argv = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)]
        argv += ["--application-close-timeout", "1", "chatproject.asgi:application"]
        with self.log.open("ab") as log:
            return subprocess.Popen(argv, cwd=ROOT, env=self.environment, stdout=log, stderr=log)


@pytest.fixture(scope="module", params=[Server, Daphne], ids=["uvicorn", "daphne"])
def served(request: pytest.FixtureRequest, data_folder: Path) -> Iterator[Server]:
    """One web process of either kind."""
    started: Server = request.param(data_folder / "log")
    try:
        yield started.start()
    finally:
        started.stop()


def unlike(frame: Frame) -> Frame:
    """Leave out what differs between two sockets by right: the number of a pong."""
    return {name: value for name, value in frame.items() if name != "n"}


async def test_both_encodings_say_the_same(served: Server, alice: User, bob: User) -> None:
    """Two sockets of bob's, one in each, get the same frames with the same fields."""
    conversation = await built(worlds.channel, alice, bob, name="both")
    await built(worlds.say_many, alice, conversation, 120)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with (
        Talker(served.socket_url, tokens[0], MSGPACK) as speaker,
        Talker(served.socket_url, tokens[1], JSON) as text,
        Talker(served.socket_url, tokens[1], MSGPACK) as binary,
        Talker(served.socket_url, tokens[1], None) as unspoken,
    ):
        hearers = (text, binary, unspoken)
        await speaker.hello()
        for talker in hearers:
            await talker.hello({conversation: 10})
            await talker.reached(conversation, 122)
        root = (await speaker.said(conversation, f"ünï <@{bob.pk}> 🎈", said_at="2026-01-02T03:04:05Z"))["seq"]
        await speaker.said(conversation, "reply", thread=root)
        for type, fields in (
            ("edit", {"seq": root, "body": "other words"}),
            ("react", {"seq": root, "emoji": "🎉", "on": False}),
            ("delete", {"seq": root}),
        ):
            id = str(uuid4())
            await speaker.put(type, id=id, conversation=conversation, **fields)
            head = (await speaker.answer(id, "ack"))["seq"]
        for talker in hearers:
            await talker.reached(conversation, head)
            assert talker.seqs(conversation) == list(range(11, head + 1))
        other = await built(worlds.channel, alice, bob)
        for talker in hearers:  # somebody in and out again before a process has looked is told neither
            await talker.first("conversation", change="added")
        await built(worlds.remove, alice, other, bob)
        for talker in hearers:
            await talker.first("conversation", change="removed")
        id = str(uuid4())
        for talker in hearers:
            refused = await talker.answer(await talker.say(2**53 - 1, "nobody's", id=id))
            assert (refused["code"], refused["id"]) == ("not_found", id)
            await talker.error("send", id=id)
            await talker.echo()
            await talker.sync({conversation: 100})
        for talker in (binary, unspoken):
            assert [unlike(frame) for frame in talker.frames] == [unlike(frame) for frame in text.frames]


async def test_order_and_each_once(served: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(served.socket_url, tokens[0]) as speaker, Talker(served.socket_url, tokens[1], MSGPACK) as hearer:
        await hearer.hello()
        ids = [await speaker.say(conversation, f"{number}") for number in range(500)]
        seqs = [(await speaker.answer(id, "ack"))["seq"] for id in ids]
        assert seqs == list(range(3, 503))
        await hearer.reached(conversation, seqs[-1])
        assert hearer.seqs(conversation) == seqs
        assert [event["body"] for event in hearer.events(conversation)] == [f"{number}" for number in range(500)]


async def test_closing(served: Server, alice: User) -> None:
    """The codes come through, after the handshake."""
    token = await built(worlds.bearer, alice)
    async with Talker(served.socket_url, "nobody's") as talker:
        assert await talker.closed() == 4401
    async with Talker(served.socket_url, token) as talker:
        await talker.put("hello", cursors=5)
        assert await talker.closed() == 4400
        assert talker.frames[0]["code"] == "malformed"
    async with Talker(served.socket_url, token, MSGPACK) as talker:
        await talker.hello()
        await built(revocations.deactivate, alice)
        assert await talker.closed() == 4401


async def test_nothing_to_complain_of(served: Server, alice: User) -> None:
    """Sockets that go in the middle of something leave no traceback."""
    conversation = await built(worlds.channel, alice)
    token = await built(worlds.bearer, alice)
    for _ in range(10):
        talker = await Talker(served.socket_url, token).open()
        await talker.put("hello", cursors={str(conversation): 0})
        await talker.say(conversation, "and away")
        talker.socket.transport.abort()
        await talker._listening
    async with Talker(served.socket_url, token) as talker:
        await talker.hello()
        await talker.said(conversation, "still here")
    assert "Traceback" not in served.log.read_text()
