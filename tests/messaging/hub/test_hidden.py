"""What people hide from their peers is told to no peer, and is in the record all the same."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from accounts import workspace
from accounts.models import Setting, User
from messaging.models import Receipt
from messaging.protocol import commands
from tests import worlds
from tests.messaging.api.calls import Caller
from tests.messaging.hub.inside import quiet_hub, seat
from tests.messaging.hub.test_presence import beat, hubs, told, watch
from tests.messaging.hub.test_typing import shown, watcher
from tests.messaging.hub.test_watching import advance
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built


def hide(user: User, what: str, value: bool | None = True) -> None:
    """Hide something, or show it again."""
    frame = commands.Prefer(id=uuid4(), name=f"hide_{what}", value=value)
    assert worlds.keep(user, worlds.own_log(user), frame).code is None


@pytest.fixture
def nobody_may() -> Iterator[None]:
    """A workspace where nothing is hidden."""
    Setting.objects.update_or_create(name="private_mode", defaults={"value": 0})
    yield
    Setting.objects.filter(name="private_mode").delete()
    workspace.forget()


async def test_presence_and_last_seen_each_alone(alice: User, bob: User, carol: User) -> None:
    await built(hide, bob, "presence")
    await built(hide, carol, "last_seen")
    async with hubs(1) as (here,):
        _peer, tape = watch(here, alice, bob, carol)
        here.watching.presence._here[carol.pk] = "1700000000"  # away since then
        await here.watching.presence._whereabouts.write({carol.pk: "1700000000"}, {}, is_anew=False)
        here.watching.presence._is_whole = True
        seat(here, bob)
        await beat(here)
        assert told(tape, bob) == [None]
        assert "last_seen" not in next(e for f in tape.all("presence") for e in f["users"] if e["user"] == carol.pk)
        await built(hide, bob, "presence", None)
        here.watching.presence.prefer(bob.pk)
        await beat(here)
        assert told(tape, bob) == [None, "online"]


async def test_typing(alice: User, bob: User, carol: User) -> None:
    await built(hide, bob, "typing")
    conversation = await built(worlds.channel, alice, bob, carol)
    async with quiet_hub() as hub:
        tape = await watcher(hub, alice, conversation)
        for user in (bob, carol):
            hub.watching.typing.begin(user.pk, conversation)
        await hub.watching.typing.tell()
        assert shown(tape) == [[carol.pk]]


async def test_receipts(alice: User, bob: User, carol: User) -> None:
    await built(hide, bob, "receipts")
    conversation = await built(worlds.channel, alice, bob, carol)
    seq = await built(worlds.say, alice, conversation, "to be read")
    async with quiet_hub() as hub:
        peer, tape = seat(hub, alice)
        own, own_tape = seat(hub, bob)
        for each in (peer, own):
            await hub.catchup.hello(each, {})
            hub.watching.watch(each, commands.Watch(conversations=[conversation]))
        await advance(hub, (bob, conversation, seq), (carol, conversation, seq))
        assert [[e["user"] for e in frame["receipts"]] for frame in tape.all("receipt")] == [[carol.pk]]
        assert [[e["user"] for e in f["receipts"]] for f in own_tape.all("receipt")] == [[carol.pk], [bob.pk]]
    caller = await built(Caller, alice)
    answer = (await built(caller.get, f"/conversations/{conversation}/receipts", seq=seq)).body
    assert (answer["members"], answer["delivered"], answer["read"]) == (2, 1, 1)
    assert [each["user"] for each in answer["receipts"]] == [carol.pk]
    assert await built(Receipt.objects.filter(conversation_id=conversation, person_id=bob.pk).count) == 1


async def test_where_the_workspace_does_not_allow_it(nobody_may: None, alice: User, bob: User) -> None:
    for what in ("presence", "typing", "receipts"):
        await built(hide, bob, what)
    conversation = await built(worlds.channel, alice, bob)
    async with hubs(1) as (here,):
        peer, tape = watch(here, alice, bob)
        seat(here, bob)
        await here.catchup.hello(peer, {})
        here.watching.watch(peer, commands.Watch(users=[bob.pk], conversations=[conversation]))
        await beat(here)
        here.watching.typing.begin(bob.pk, conversation)
        await here.watching.typing.tell()
        await advance(here, (bob, conversation, 2))
        assert (told(tape, bob), shown(tape)) == (["online"], [[bob.pk]])
        assert [e["user"] for f in tape.all("receipt") for e in f["receipts"]] == [bob.pk]


async def test_a_choice_counts_at_once(site: Server, alice: User, bob: User) -> None:
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(site.socket_url, tokens[0]) as watching, Talker(site.socket_url, tokens[1]) as hiding:
        await watching.put("watch", users=[bob.pk])
        await watching.until(lambda: _last(watching) == "online", "online")
        await hiding.answer(await _prefer(hiding), "ack")
        await watching.until(lambda: _last(watching) is None, "hidden")


async def _prefer(talker: Talker) -> str:
    id = str(uuid4())
    await talker.put("prefer", id=id, name="hide_presence", value=True)
    return id


def _last(talker: Talker) -> str | None:
    frames = talker.all("presence")
    return frames[-1]["users"][-1].get("status") if frames else "nothing"
