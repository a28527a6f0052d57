"""`hello`: the welcome, and what moved since the cursors."""

import pytest

from accounts.models import User
from messaging import conversations, database, history
from messaging.entry import Entry
from messaging.protocol import limits
from tests import worlds
from tests.messaging.hub.inside import Statements, committed_elsewhere, hear, last_event, quiet_hub, seat
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built


async def caught_up(talker: Talker, conversation: int, cursor: int = 0) -> None:
    """Ask for the rest until there is none, as a client does."""
    while talker.all("events", conversation=conversation)[-1].get("more"):
        answers = await talker.sync({conversation: max(talker.seqs(conversation), default=cursor)})
        assert [answer["type"] for answer in answers] == ["events"]


async def test_without_a_cursor_one_is_live_from_the_welcome_on(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    await built(worlds.say, alice, conversation, "before")
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        welcome = await talker.hello()
        assert [each["seq"] for each in welcome["conversations"]] == [3]
        seq = await built(worlds.say, alice, conversation, "after")
        await talker.reached(conversation, seq)
        assert talker.seqs(conversation) == [4]
        assert not talker.all("events")


@pytest.mark.parametrize("behind", [0, 1, 100, 101, 150, 200, 201, 500])
async def test_behind(site: Server, alice: User, bob: User, behind: int) -> None:
    """The log from the cursor on, contiguous, while somebody goes on talking."""
    conversation = await built(worlds.channel, alice, bob)
    tokens = [await built(worlds.bearer, user) for user in (alice, bob)]
    async with Talker(site.socket_url, tokens[0]) as speaker, Talker(site.socket_url, tokens[1]) as talker:
        await speaker.hello()
        for number in range(500):
            await speaker.say(conversation, f"{number}")
        await speaker.reached(conversation, 502)
        ids = [await speaker.say(conversation, "meanwhile") for _ in range(20)]
        await talker.hello({conversation: 502 - behind})
        ids += [await speaker.say(conversation, "meanwhile") for _ in range(20)]
        head = (await speaker.answer(ids[-1], "ack"))["seq"]
        await talker.until(lambda: talker.all("events") or behind == 0, "events")
        if talker.all("events"):
            await caught_up(talker, conversation)
        await talker.reached(conversation, head)
        assert talker.seqs(conversation) == list(range(502 - behind + 1, 502 + 40 + 1))
        assert not any(page.get("gap") for page in talker.all("events"))
        assert all(len(page["events"]) <= 240 for page in talker.all("events"))


async def test_nothing_live_comes_while_there_is_more(site: Server, alice: User, bob: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    other = await built(worlds.channel, alice, bob)
    await built(worlds.say_many, alice, conversation, 500)
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        await talker.hello({conversation: 2})
        page = await talker.first("events", conversation=conversation)
        assert page["more"] is True
        assert [event["seq"] for event in page["events"]] == list(range(3, 203))
        await built(worlds.say, alice, conversation, "not yet")
        await talker.reached(other, await built(worlds.say, alice, other, "live at once"))
        await talker.echo()
        assert not talker.all("event", conversation=conversation)
        await caught_up(talker, conversation)
        assert talker.seqs(conversation) == list(range(3, 504))
        await talker.reached(conversation, await built(worlds.say, alice, conversation, "live again"))
        assert talker.seqs(conversation) == list(range(3, 505))


async def test_a_cursor_ahead_of_the_log_is_told_to_start_afresh(site: Server, alice: User, bob: User) -> None:
    """As after a database was restored from a backup."""
    conversation = await built(worlds.channel, alice, bob)
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        welcome = await talker.hello({conversation: 1000})
        page = await talker.first("events", conversation=conversation)
        assert page == {"type": "events", "conversation": conversation, "from": 1, "events": [], "gap": True}
        await talker.reached(conversation, await built(worlds.say, alice, conversation, "live"))
        assert talker.seqs(conversation) == [welcome["conversations"][0]["seq"] + 1]


async def test_further_behind_than_anybody_would_read_is_a_gap(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    monkeypatch.setattr(limits, "EVENTS_BEHIND", 50)
    conversation = await built(worlds.channel, alice, bob)
    await built(worlds.say_many, alice, conversation, 60)
    async with quiet_hub() as hub:
        for cursor, is_gap in ((62 - 50, False), (62 - 51, True)):
            peer, tape = seat(hub, bob)
            await hub.catchup.hello(peer, {conversation: cursor})
            assert [page.get("gap", False) for page in tape.all("events")] == [is_gap]
            assert tape.seqs(conversation) == ([] if is_gap else list(range(13, 63)))


async def test_conversations_of_others_are_ignored(site: Server, alice: User, bob: User, mallory: User) -> None:
    conversation = await built(worlds.channel, alice, bob)
    own = await built(worlds.channel, mallory)
    await built(worlds.say, alice, conversation, "secret")
    async with Talker(site.socket_url, await built(worlds.bearer, mallory)) as talker:
        welcome = await talker.hello({conversation: 0, 2**53 - 1: 0, own: 1})
        assert [each["id"] for each in welcome["conversations"]] == [own]
        await built(worlds.say, alice, conversation, "secret")
        await talker.echo()
        assert {frame["type"] for frame in talker.frames} == {"welcome", "pong"}


async def test_many_conversations_share_an_allowance(site: Server, alice: User, bob: User) -> None:
    """Twelve conversations of 200 events: 2,000 come by themselves, the rest is asked for."""
    twelve = [await built(worlds.channel, alice, bob) for _ in range(12)]
    for conversation in twelve:
        await built(worlds.say_many, alice, conversation, 200)
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        await talker.hello(dict.fromkeys(twelve, 2))
        await talker.until(lambda: len(talker.all("events")) == 12, "twelve pages")
        assert sum(len(page["events"]) for page in talker.all("events")) == limits.EVENTS_PER_HELLO
        assert sum(bool(page.get("more")) for page in talker.all("events")) == 2
        for conversation in twelve:
            await caught_up(talker, conversation, 2)
            await talker.reached(conversation, await built(worlds.say, alice, conversation, "live"))
            assert talker.seqs(conversation) == list(range(3, 204))


async def test_two_hundred_conversations_in_the_welcome_and_all_live(site: Server, alice: User, bob: User) -> None:
    opened = [await built(worlds.channel, alice, bob) for _ in range(limits.CONVERSATIONS_IN_WELCOME + 5)]
    await built(worlds.say, alice, opened[3], "the latest")
    latest = [opened[3], *reversed(opened[:3] + opened[4:])]
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        welcome = await talker.hello()
        assert [each["id"] for each in welcome["conversations"]] == latest[: limits.CONVERSATIONS_IN_WELCOME]
        for conversation in latest[-2:]:
            await talker.reached(conversation, await built(worlds.say, alice, conversation, "live"))
            assert talker.seqs(conversation) == [3]


async def test_what_the_welcome_counts(site: Server, alice: User, bob: User) -> None:
    """Unread messages, mentions of oneself and of all, and how far one has read; one's own are read."""
    conversation = await built(worlds.channel, alice, bob)
    first = await built(worlds.say, alice, conversation, "one")
    await built(worlds.say, alice, conversation, f"<@{bob.pk}> two")
    await built(worlds.say, alice, conversation, f"<@{alice.pk}> three")
    last = await built(worlds.say, alice, conversation, "<!channel> four")
    await built(worlds.done, worlds.react(alice, conversation, last))
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        (shown,) = (await talker.hello())["conversations"]
        counted = {name: shown[name] for name in ("seq", "unread", "mentions", "read")}
        assert counted == {"seq": last + 1, "unread": 4, "mentions": 2, "read": 2}
        await talker.put("read", conversation=conversation, seq=first + 1)
        await talker.first("receipt", conversation=conversation)
        (shown,) = (await talker.hello())["conversations"]
        counted = {name: shown[name] for name in ("seq", "unread", "mentions", "read")}
        assert counted == {"seq": last + 1, "unread": 2, "mentions": 1, "read": first + 1}
        await talker.said(conversation, "my own")
        await talker.until(lambda: len(talker.all("receipt")) > 1, "the receipt of one's own")
        (shown,) = (await talker.hello())["conversations"]
        assert (shown["unread"], shown["mentions"], shown["read"]) == (0, 0, last + 2)


async def test_what_is_deleted_while_the_welcome_is_made_is_not_unread(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    """Between the reading of what is unread and the welcome: of what was said before or since, not of what is read."""
    conversation = await built(worlds.channel, alice, bob)
    read = await built(worlds.say, alice, conversation, "read")
    unread, kept = [await built(worlds.say, alice, conversation, each) for each in ("unread", "kept")]
    async with quiet_hub() as hub:
        await hub.catchup.hello(seat(hub, alice)[0], {})
        hub.upkeep.receipts.advance(bob.pk, conversation, read=read)
        await hub.upkeep.receipts.flush()
        peer, tape = seat(hub, bob)
        fetch = database.fetch
        meanwhile: list[Entry] = []

        async def slowly(sql: str, params: database.Params = (), /) -> list[database.Row]:
            found = await fetch(sql, params)
            if sql == conversations.SUMMARIES and not meanwhile:
                meanwhile.append(await committed_elsewhere(alice, conversation, "said and taken back"))
                for target in (read, unread, meanwhile[0].seq):
                    await built(worlds.put, worlds.delete(alice, conversation, target), is_published=False)
                    meanwhile.append(await last_event(conversation))
                hear(hub, *meanwhile)
            return found

        monkeypatch.setattr(database, "fetch", slowly)
        await hub.catchup.hello(peer, {})
        (shown,) = tape.all("welcome")[0]["conversations"]
        assert (shown["seq"], shown["unread"]) == (meanwhile[-1].seq, 1)
        assert len(meanwhile) == 4
        # as it is read afterwards
        again, tape = seat(hub, bob)
        await hub.catchup.hello(again, {})
        assert tape.all("welcome")[0]["conversations"][0]["unread"] == 1
        assert kept < meanwhile[0].seq


async def test_a_group_begins_with_ones_joining(site: Server, alice: User, bob: User, carol: User) -> None:
    conversation = await built(worlds.group, alice, bob)
    await built(worlds.say, alice, conversation, f"before <@{carol.pk}>")
    await built(worlds.add, alice, conversation, carol)
    seq = await built(worlds.say, alice, conversation, "after")
    async with Talker(site.socket_url, await built(worlds.bearer, carol)) as talker:
        (shown,) = (await talker.hello({conversation: 0}))["conversations"]
        assert (shown["unread"], shown["mentions"]) == (1, 0)
        page = await talker.first("events", conversation=conversation)
        assert page["from"] == seq - 1
        assert talker.seqs(conversation) == [seq - 1, seq]


async def test_up_to_a_hundred_behind_the_database_is_not_asked_for_events(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        await hub.catchup.hello(seat(hub, alice)[0], {})
        for number in range(101):
            hear(hub, await committed_elsewhere(alice, conversation, f"{number}"))
        for behind, asked in ((1, 0), (100, 0), (101, 1)):
            peer, tape = seat(hub, bob)
            statements = Statements(monkeypatch)
            await hub.catchup.hello(peer, {conversation: 103 - behind})
            assert tape.seqs(conversation) == list(range(104 - behind, 104))
            assert statements.count(conversations.SUMMARIES) == 1
            assert statements.count(history.SINCE) == asked
