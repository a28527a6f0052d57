"""What a conversation's other name, its archiving, and another user group are to those who are connected."""

from uuid import uuid4

from accounts import workspace
from accounts.actor import shell
from messaging import user_groups
from messaging.models import UserGroup
from tests.talking import MSGPACK, Talker
from tests.worlds import add, bearer, built, channel, group, person, rule


def _group(handle: str) -> UserGroup:
    return user_groups.make(shell("tests"), handle, "On duty")


async def test_members_are_told_in_order_and_nobody_else(pair):
    alice, bob, mallory = [await built(person, name) for name in ("alice", "bob", "mallory")]
    room = await built(channel, alice, bob, name="before")
    async with (
        Talker(pair.socket_url, await built(bearer, alice)) as hers,
        Talker(pair.socket_url, await built(bearer, bob), MSGPACK) as his,
        Talker(pair.socket_url, await built(bearer, mallory)) as outside,
    ):
        for talker in (hers, his, outside):
            await talker.hello()
        await built(rule, alice, room, name="after")
        await built(rule, alice, room, archived=True)
        await built(rule, alice, room, archived=False)
        for talker in (hers, his):
            await talker.first("event", kind="archive", on=False)
            await talker.echo()
            told = [f for f in talker.frames if f["type"] in ("event", "conversation")]
            assert [f["type"] for f in told] == ["event", "conversation"] * 3
            shown = [f["conversation"] for f in told if f["type"] == "conversation"]
            assert [f["change"] for f in talker.all("conversation")] == ["renamed", "archived", "archived"]
            assert [one["id"] for one in shown] == [room] * 3
            assert [one["seq"] for one in shown] == [f["seq"] for f in told if f["type"] == "event"]
            assert shown[0]["name"] == "after"
            assert [one.get("is_archived", False) for one in shown[1:]] == [True, False]
        await outside.echo()
        assert not outside.all("conversation")


async def test_one_knows_the_user_groups_that_one_is_in(pair):
    bob = await built(person, "bob")
    first, second = await built(_group, f"one-{bob.pk}"), await built(_group, f"two-{bob.pk}")
    await built(user_groups.move, shell("tests"), first, add=[bob.pk])
    async with Talker(pair.socket_url, await built(bearer, bob)) as his:
        assert (await his.hello())["groups"] == [first.pk]
        await built(user_groups.move, shell("tests"), second, add=[bob.pk])
        await his.first("groups", groups=sorted([first.pk, second.pk]))
        await built(user_groups.close, shell("tests"), first)
        await his.first("groups", groups=[second.pk])


async def test_a_broad_mention_is_refused_with_what_would_be_right(pair):
    alice, bob, carol = [await built(person, name) for name in ("alice", "bob", "carol")]
    room = await built(group, alice, bob)
    await built(add, alice, room, carol)
    await built(workspace.change, shell("tests"), {"broad_mention_members": "2"})
    try:
        async with Talker(pair.socket_url, await built(bearer, bob)) as his:
            await his.hello()
            refused = await his.error("send", id=str(uuid4()), conversation=room, body="<!here>")
            assert refused["code"] == "forbidden"
            assert "ask a moderator" in refused["detail"]
    finally:
        await built(workspace.change, shell("tests"), {"broad_mention_members": "100"})
