"""Receipts go to whose they are and to who watches the conversation, on every process, and to nobody else."""

from accounts.models import User
from messaging.hub import Hub
from messaging.protocol import commands, limits
from tests import worlds
from tests.messaging.hub.inside import Tape, eventually, long_ago, quiet_hub, seat
from tests.serving import Server
from tests.talking import Talker, spread
from tests.worlds import built


async def test_watchers_on_both_processes_are_told_of_a_receipt(
    pair: Server, alice: User, bob: User, carol: User
) -> None:
    conversation = await built(worlds.channel, alice, bob, carol)
    seq = await built(worlds.say, alice, conversation, "to be read")
    tokens = [await built(worlds.bearer, user) for user in (alice, bob, carol)]
    async with (
        spread(pair, tokens[0]) as alices,
        spread(pair, tokens[1]) as bobs,
        Talker(pair.socket_url, tokens[2]) as bystander,
    ):
        for (talker,) in (*alices, *bobs):
            await talker.hello()
        await bystander.hello()
        for (talker,) in alices:
            await talker.put("watch", conversations=[conversation])
            await talker.echo()
        await bobs[0][0].put("read", conversation=conversation, seq=seq)
        for (talker,) in (*alices, *bobs):
            (entry,) = (await talker.first("receipt", conversation=conversation))["receipts"]
            assert (entry["user"], entry["read"], entry["delivered"]) == (bob.pk, seq, seq)
        for (talker,) in alices:  # what is on the screen now, in place of what was
            await talker.put("watch", conversations=[])
            await talker.echo()
        last = await built(worlds.say, alice, conversation, "and this")
        await bobs[0][0].put("read", conversation=conversation, seq=last)
        for (talker,) in bobs:
            await talker.until(lambda t=talker: t.all("receipt")[-1]["receipts"][0]["read"] == last, "own")  # type: ignore[misc]
        for talker in (*(talker for (talker,) in alices), bystander):
            await talker.echo()
        assert [len(talker.all("receipt")) for (talker,) in alices] == [1, 1]
        assert bystander.all("receipt") == []


async def advance(hub: Hub, *advances: tuple[User, int, int]) -> None:
    """Let people read, write it down and tell it."""
    for user, conversation, seq in advances:
        hub.upkeep.receipts.advance(user.pk, conversation, read=seq)
    await hub.upkeep.receipts.flush()
    await hub.watching._read_sizes()
    await hub.upkeep.receipts.tell()


async def test_one_frame_for_many_who_read(alice: User, bob: User, carol: User) -> None:
    conversation = await built(worlds.channel, alice, bob, carol)
    seq = await built(worlds.say, alice, conversation, "to be read")
    async with quiet_hub() as hub:
        seats = [seat(hub, user) for user in (alice, bob, carol)]
        for peer, _tape in seats:
            await hub.catchup.hello(peer, {})
        for peer, _tape in seats[:2]:
            hub.watching.watch(peer, commands.Watch(conversations=[conversation]))
        await advance(hub, *((user, conversation, seq) for user in (alice, bob, carol)))
        everybody = {alice.pk, bob.pk, carol.pk}
        for (_peer, tape), told in zip(seats, (everybody, everybody, {carol.pk}), strict=True):
            (frame,) = tape.all("receipt")
            assert {entry["user"] for entry in frame["receipts"]} == told


async def test_an_outsider_who_watches_is_told_nothing(alice: User, bob: User, mallory: User) -> None:
    """Of a conversation that is not hers, of one that she has left, and of none: not even an error tells them apart."""
    conversation = await built(worlds.channel, alice, bob)
    former = await built(worlds.channel, alice, bob, mallory)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, mallory)
        for each in (peer, seat(hub, alice)[0]):
            await hub.catchup.hello(each, {})
        hub.watching.watch(peer, commands.Watch(conversations=[conversation, former, 10**8]))
        await built(worlds.remove, alice, former, mallory)
        await eventually_left(hub, former, mallory, tape)
        known = len(tape.frames)
        await advance(hub, (alice, conversation, 2), (alice, former, 3), (bob, former, 3))
        assert tape.frames[known:] == []


async def eventually_left(hub: Hub, conversation: int, user: User, tape: Tape) -> None:
    """Bring a hub to where somebody has left."""
    await hub.fill(hub.rooms[conversation])
    await eventually(lambda: any(frame.get("change") == "removed" for frame in tape.frames), "the removal")


async def test_above_the_bound_nobody_is_named(alice: User, bob: User) -> None:
    others = [await built(worlds.person, "one") for _ in range(limits.NAMED_RECEIPTS - 1)]
    conversation = await built(worlds.channel, alice, bob, *others)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, alice)
        own, own_tape = seat(hub, bob)
        for each in (peer, own):
            await hub.catchup.hello(each, {})
        hub.watching.watch(peer, commands.Watch(conversations=[conversation]))
        await advance(hub, (bob, conversation, 3))
        assert (len(tape.all("receipt")), len(own_tape.all("receipt"))) == (0, 1)
        await built(worlds.remove, alice, conversation, others[0])
        hub.watching._sized_at -= 3600  # read again after a while
        await advance(hub, (bob, conversation, 4))
        assert len(tape.all("receipt")) == 1


async def test_nothing_is_told_under_rights_that_cannot_be_confirmed(alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, alice)
        await hub.catchup.hello(peer, {})
        hub.watching.watch(peer, commands.Watch(conversations=[conversation]))
        long_ago(hub)
        await advance(hub, (bob, conversation, 2))
        assert tape.all("receipt") == []
        await hub.upkeep._confirm()
        await hub.upkeep.receipts.tell()
        assert len(tape.all("receipt")) == 1


async def test_a_closed_socket_is_forgotten(alice: User) -> None:
    conversation = await built(worlds.channel, alice)
    async with quiet_hub() as hub:
        peer, _tape = seat(hub, alice)
        hub.watching.watch(peer, commands.Watch(conversations=[conversation]))
        assert hub.watching.is_watched(conversation)
        hub.leave(peer)
        assert not hub.watching.is_watched(conversation)


async def test_more_than_a_screen_holds_is_malformed(site: Server, alice: User) -> None:
    async with Talker(site.socket_url, await built(worlds.bearer, alice)) as talker:
        await talker.hello()
        error = await talker.error("watch", conversations=list(range(1, 22)))
        assert (error["code"], "20" in error["detail"]) == ("malformed", True)
        await talker.echo()
