"""Frames that are none: the socket answers and stays open, the process has nothing to complain of."""

from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from accounts.models import User
from messaging.protocol import limits
from tests import worlds
from tests.messaging.hub.deaf import Deaf
from tests.messaging.protocol.test_refusals import NOT_JSON, NOT_MSGPACK
from tests.serving import Serve, Server
from tests.talking import JSON, MSGPACK, Talker
from tests.worlds import built


@pytest.mark.parametrize(("subprotocol", "frames"), [(JSON, NOT_JSON), (MSGPACK, NOT_MSGPACK)], ids=["json", "msgpack"])
async def test_answered_and_open(server: Serve, alice: User, subprotocol: str, frames: list[bytes]) -> None:
    served = server()
    conversation = await built(worlds.channel, alice)
    with pytest.raises(InvalidStatus, match="403"):
        await Talker(f"{served.socket_url}nowhere", None, subprotocol).open()
    async with Talker(served.socket_url, await built(worlds.bearer, alice), subprotocol) as talker:
        await talker.hello()
        for number, data in enumerate(frames):
            await talker.socket.send(data, text=subprotocol == JSON)
            await talker.until(lambda n=number: len(talker.all("error")) == n + 1, f"an answer to {data[:60]!r}")  # type: ignore[misc]
        ack = await talker.said(conversation, "after all that")
        await talker.reached(conversation, ack["seq"])
        assert {frame["code"] for frame in talker.all("error")} <= {"malformed", "unknown_type"}
    assert "Traceback" not in served.log.read_text()


async def test_the_other_kind_of_frame(site: Server, alice: User) -> None:
    """JSON in a binary frame is JSON all the same; MessagePack in a text frame is answered, whatever it is."""
    token = await built(worlds.bearer, alice)
    async with Talker(site.socket_url, token, JSON) as talker:
        await talker.socket.send(b'{"type":"ping","n":7}')
        await talker.first("pong", n=7)
    async with Talker(site.socket_url, token, MSGPACK) as talker:
        await talker.socket.send("{}")
        await talker.first("error", code="malformed")
        await talker.echo()


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_a_frame_that_is_too_long(server: Serve, alice: User, bob: User, subprotocol: str) -> None:
    """Up to a mebibyte is read and judged; two are not read at all, and nobody else notices."""
    served = server()
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with (
        Talker(served.socket_url, tokens[0], subprotocol) as talker,
        Talker(served.socket_url, tokens[1]) as other,
    ):
        await talker.hello()
        await other.hello()
        long = await talker.answer(await talker.say(conversation, "x" * (limits.FRAME_BYTES - 300)))
        assert long["code"] == "too_large"
        await talker.put("send", id=str(uuid4()), conversation=conversation, body="x" * (2 << 20))
        assert await talker.closed() == 1009
        await other.said(conversation, "still here")
        deaf = await Deaf(served, tokens[0]).open()
        await deaf.pour(Frame(Opcode.TEXT, b"x" * (8 << 20)).serialize(mask=True))
        assert await deaf.listen() == 1009  # it reads only now
        deaf.close()
    assert "Traceback" not in served.log.read_text()


@pytest.mark.parametrize("subprotocol", [JSON, MSGPACK])
async def test_before_it_is_known_who_it_is(site: Server, alice: User, subprotocol: str) -> None:
    """What comes on the heels of the handshake is answered as everything is, or the socket closed with a code."""
    token = await built(worlds.bearer, alice)
    for _ in range(10):
        async with Talker(site.socket_url, token, subprotocol) as talker:
            await talker.socket.send(b"\xff\xfe", text=True)
            await talker.first("error", code="malformed")
        async with Talker(site.socket_url, token, subprotocol) as talker:
            talker.socket.transport.write(b"\x83\x80" + bytes(4))  # a kind of frame that there is not
            assert await talker.closed() == 1002
