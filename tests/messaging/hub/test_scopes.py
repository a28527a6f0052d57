"""A socket does what its token's scopes say, and a refusal costs no statement."""

from uuid import uuid4

from accounts.models import User
from tests import worlds
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built


async def test_read_only(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with Talker(site.socket_url, await built(worlds.bearer, alice, "read")) as talker:
        await talker.hello()
        refused = await talker.answer(await talker.say(conversation, "not I"), "error")
        assert (refused["code"], "scope" in refused["detail"]) == ("forbidden", True)
        for type, fields in (("edit", {"seq": 1, "body": "x"}), ("delete", {"seq": 1})):
            error = await talker.error(type, id=str(uuid4()), conversation=conversation, **fields)
            assert error["code"] == "forbidden"
        error = await talker.error("react", id=str(uuid4()), conversation=conversation, seq=1, emoji="👍", on=True)
        assert error["code"] == "forbidden"
        said = await built(worlds.say, bob, conversation, "read this")
        await talker.reached(conversation, said)
        await talker.put("read", conversation=conversation, seq=said)
        assert await talker.sync({conversation: 0})
        await talker.echo()
        assert len(talker.all("error")) == 4
    assert len(await built(worlds.log_of, conversation)) == 3  # two joins, and what bob said


async def test_write_only(site: Server, alice: User) -> None:
    """It says things and hears nothing."""
    conversation = await built(worlds.channel, alice)
    async with Talker(site.socket_url, await built(worlds.bearer, alice, "write")) as talker:
        for type, fields in (
            ("hello", {"cursors": {}}),
            ("sync", {"cursors": {str(conversation): 0}}),
            ("read", {"conversation": conversation, "seq": 1}),
            ("delivered", {"conversation": conversation, "seq": 1}),
        ):
            assert (await talker.error(type, **fields))["code"] == "forbidden"
        await talker.said(conversation, "words")
        await talker.echo()
        assert {frame["type"] for frame in talker.frames} == {"error", "ack", "pong"}
