"""A conversation's rules over sockets: what is refused and why, and what everybody is told of what moderators do."""

from uuid import uuid4

from accounts.models import User
from messaging import channels, moderating
from tests import worlds
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built


async def test_a_refusal_says_which_rule_it_is(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        await talker.hello()
        seq = (await talker.said(conversation, "mine"))["seq"]
        await built(worlds.rule, alice, conversation, slow_s=60)
        await talker.said(conversation, "first")
        slow = await talker.answer(await talker.say(conversation, "second"), "error")
        assert slow["code"] == "slow_mode"
        assert 0 < slow["retry_after"] <= 60
        await built(worlds.rule, alice, conversation, slow_s=0, edits_s=0)
        late = await talker.error("edit", id=str(uuid4()), conversation=conversation, seq=seq, body="late")
        assert late["code"] == "forbidden"
        assert "time" in late["detail"]
        await built(worlds.rule, alice, conversation, read_only=True)
        closed = await talker.answer(await talker.say(conversation, "x"), "error")
        assert closed["code"] == "forbidden"
        assert "Only owners and moderators" in closed["detail"]
        await built(moderating.mute, conversation, by=alice.pk, member=bob.pk, for_s=60)
        muted = await talker.answer(await talker.say(conversation, "x"), "error")
        assert muted["code"] == "muted"
        assert 0 < muted["retry_after"] <= 60
        (told,) = (await talker.hello())["conversations"]
        assert (told["is_read_only"], told["edits_s"]) == (True, 0)
        assert told["muted_until"]


async def test_everybody_hears_of_pins_rules_and_bans(
    site: Server, alice: User, bob: User, carol: User, mallory: User
) -> None:
    conversation = await built(worlds.channel, alice, bob, carol, is_private=False)
    seq = await built(worlds.say, alice, conversation, "pin me")
    tokens = [await built(worlds.bearer, user) for user in (bob, carol, mallory)]
    async with (
        Talker(site.socket_url, tokens[0]) as bobs,
        Talker(site.socket_url, tokens[1]) as carols,
        Talker(site.socket_url, tokens[2]) as mallorys,
    ):
        for talker in (bobs, carols, mallorys):
            await talker.hello()
        refused = await mallorys.error("pin", id=str(uuid4()), conversation=conversation, seq=seq, on=True)
        assert refused["code"] == "not_found"
        id = str(uuid4())
        await bobs.put("pin", id=id, conversation=conversation, seq=seq, on=True)
        await bobs.answer(id, "ack")
        await built(worlds.rule, alice, conversation, slow_s=5, history=7)
        await built(moderating.ban, conversation, by=alice.pk, person=carol.pk)
        last = await built(worlds.say, alice, conversation, "after the ban")
        await bobs.reached(conversation, last)
        kinds = [event["kind"] for event in bobs.events(conversation)]
        assert kinds == ["pin", "rules", "leave", "ban", "message"]
        assert (bobs.events(conversation)[0]["target"], bobs.events(conversation)[0]["on"]) == (seq, True)
        rules = bobs.events(conversation)[1]
        assert (rules["slow_s"], rules["history"], "edits_s" in rules) == (5, 7, False)
        await carols.first("conversation", change="removed")
        await carols.echo()
        assert [event["kind"] for event in carols.events(conversation)][-1] == "leave"
        assert not mallorys.events(conversation)


async def test_who_joins_a_public_channel_is_live_at_once(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, is_private=False)
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        await talker.hello()
        await built(channels.join, conversation, bob.pk)
        shown = (await talker.first("conversation", change="added"))["conversation"]
        assert shown["id"] == conversation
        last = await built(worlds.say, alice, conversation, "welcome")
        await talker.reached(conversation, last)
