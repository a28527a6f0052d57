"""Who is writing is told to who watches, on every process, and is over by itself."""

import time

import pytest

from accounts.models import User
from messaging import typing
from messaging.hub import Hub
from messaging.protocol import commands
from tests import worlds
from tests.messaging.hub.inside import Tape, long_ago, quiet_hub, seat
from tests.serving import Server
from tests.talking import Talker, spread
from tests.worlds import built


async def watcher(hub: Hub, user: User, *conversations: int) -> Tape:
    """Open a socket that watches conversations."""
    peer, tape = seat(hub, user)
    await hub.catchup.hello(peer, {})
    hub.watching.watch(peer, commands.Watch(conversations=list(conversations)))
    return tape


def shown(tape: Tape) -> list[list[int]]:
    return [frame["users"] for frame in tape.all("typing")]


async def test_on_both_processes_until_it_runs_out(pair: Server, alice: User, bob: User, carol: User) -> None:
    conversation = await built(worlds.channel, alice, bob, carol)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob, carol)]
    async with (
        spread(pair, tokens[0]) as alices,
        Talker(pair.socket_url, tokens[1]) as writer,
        Talker(pair.socket_url, tokens[2]) as bystander,
    ):
        watchers = [talker for (talker,) in alices]
        for talker in (*watchers, writer, bystander):
            await talker.hello()
        for talker in (*watchers, writer):
            await talker.put("watch", conversations=[conversation])
            await talker.echo()
        await writer.put("typing", conversation=conversation)
        for talker in watchers:
            await talker.until(lambda t=talker: len(t.all("typing")) == 2, "begun and run out")  # type: ignore[misc]
            assert [frame["users"] for frame in talker.all("typing")] == [[bob.pk], []]
        for talker in (writer, bystander):
            await talker.echo()
            assert talker.all("typing") == []


async def test_changes_and_who_goes_on_are_told_and_nobody_is_told_of_oneself(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await built(worlds.channel, alice, bob, carol)
    async with quiet_hub() as hub:
        tapes = [await watcher(hub, user, conversation) for user in (alice, bob, carol)]
        for user in (bob, carol, bob):
            hub.watching.typing.begin(user.pk, conversation)
        await hub.watching.typing.tell()
        await hub.watching.typing.tell()
        late = await watcher(hub, alice, conversation)
        began_at = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: began_at + typing.REPEAT_S - 1)
        hub.watching.typing.begin(carol.pk, conversation)
        await hub.watching.typing.tell()
        monkeypatch.setattr(time, "monotonic", lambda: began_at + typing.TYPING_S + 1)
        await hub.watching.typing.tell()
        assert shown(tapes[0]) == [[bob.pk, carol.pk], [carol.pk]]
        assert shown(late) == [[bob.pk, carol.pk], [carol.pk]]
        assert shown(tapes[1]) == [[carol.pk], [carol.pk]]
        assert shown(tapes[2]) == [[bob.pk], []]


async def test_who_goes_on_is_shown_all_the_while(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a client it is over where six seconds bring no more of it; and nobody is told twice what stands."""
    conversation = await built(worlds.channel, alice, bob, carol)
    async with quiet_hub() as hub:
        tape, own = await watcher(hub, alice, conversation), await watcher(hub, bob, conversation)
        began_at = time.monotonic()
        told_at: list[int] = []
        for second in range(31):
            monkeypatch.setattr(time, "monotonic", lambda passed=second: began_at + passed)
            if second <= 20 and second % 3 == 0:
                hub.watching.typing.begin(bob.pk, conversation)
            if second == 10:
                hub.watching.typing.begin(carol.pk, conversation)
            await hub.upkeep._confirm()
            await hub.watching.typing.tell()
            told_at += [second] * (len(tape.all("typing")) - len(told_at))
        *gone_on, over = zip(told_at, shown(tape), strict=True)
        assert over == (24, [])
        assert [users[0] for _, users in gone_on] == [bob.pk] * len(gone_on)
        assert [at for at, users in gone_on if carol.pk in users] == [10, 12]
        assert [at for at, _ in gone_on] == [0, 4, 8, 10, 12, 16, 20]
        assert shown(own) == [[carol.pk], [carol.pk], []]


async def test_who_repeats_it_costs_nothing_more(alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        await watcher(hub, alice, conversation)
        for _ in range(1000):
            hub.watching.typing.begin(bob.pk, conversation)
        assert hub.watching._outgoing["typing"] == [[conversation, bob.pk]]


async def test_an_outsider_sees_nobody_write_and_writes_nowhere(
    site: Server, alice: User, bob: User, mallory: User
) -> None:
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob, mallory)]
    async with (
        Talker(site.socket_url, tokens[0]) as watching,
        Talker(site.socket_url, tokens[1]) as writer,
        Talker(site.socket_url, tokens[2]) as outsider,
    ):
        for talker in (watching, writer, outsider):
            await talker.hello()
            await talker.put("watch", conversations=[conversation, 10**8])
            await talker.echo()
        errors = [await outsider.error("typing", conversation=id) for id in (conversation, 10**8)]
        assert errors[0] == errors[1]
        assert errors[0]["code"] == "not_found"
        await writer.put("typing", conversation=conversation)
        await watching.first("typing", conversation=conversation, users=[bob.pk])
        await outsider.echo()
        assert {frame["type"] for frame in outsider.frames} == {"welcome", "pong", "error"}


async def test_who_has_left_sees_nobody_write(alice: User, bob: User, mallory: User) -> None:
    conversation = await built(worlds.channel, alice, bob, mallory)
    async with quiet_hub() as hub:
        tape = await watcher(hub, mallory, conversation)
        stays = await watcher(hub, alice, conversation)
        await built(worlds.remove, alice, conversation, mallory)
        await hub.fill(hub.rooms[conversation])
        hub.watching.typing.begin(bob.pk, conversation)
        await hub.watching.typing.tell()
        assert (shown(tape), shown(stays)) == ([], [[bob.pk]])


async def test_nothing_is_told_under_rights_that_cannot_be_confirmed(alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        tape = await watcher(hub, alice, conversation)
        long_ago(hub)
        hub.watching.typing.begin(bob.pk, conversation)
        await hub.watching.typing.tell()
        assert shown(tape) == []
        await hub.upkeep._confirm()
        await hub.watching.typing.tell()
        assert shown(tape) == [[bob.pk]]


async def test_a_socket_that_was_cut_watches_nothing(alice: User, bob: User) -> None:
    """Its client may go on talking until the connection is gone."""
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        peer, _tape = seat(hub, alice)
        await hub.catchup.hello(peer, {})
        hub.leave(peer)
        hub.watching.watch(peer, commands.Watch(conversations=[conversation]))
        assert not hub.watching.is_watched(conversation)
