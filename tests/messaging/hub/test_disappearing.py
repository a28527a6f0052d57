"""What was said for a time: hidden at once when it is over, from every reader; everything else goes on as it was."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from messaging import moment
from messaging.database import rows
from messaging.models import Event
from tests import worlds
from tests.messaging.api.calls import Caller
from tests.messaging.hub.inside import committed_elsewhere, hear, quiet_hub, seat
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import built

HOUR = timedelta(hours=1, seconds=1)


def _room(*members: User, kept: int = 1, over: int = 2) -> tuple[int, list[int]]:
    """Open a group in which some things were said for good, then some for an hour that is over; with their seqs."""
    conversation = worlds.group(*members)
    seqs = [worlds.say(members[0], conversation, f"kept {number}") for number in range(kept)]
    worlds.rule(members[0], conversation, disappears_s=3600)
    seqs += [worlds.say(members[0], conversation, f"over {n} <@{members[1].pk}>") for n in range(over)]
    worlds.age(conversation, HOUR)
    return conversation, seqs


def test_until_then_it_is_shown_and_then_nowhere():
    alice, bob = worlds.person("alice"), worlds.person("bob")
    conversation = worlds.group(alice, bob)
    kept = worlds.say(alice, conversation, "kept")
    worlds.rule(alice, conversation, disappears_s=3600)
    seq = worlds.say(alice, conversation, f"for an hour <@{bob.pk}>")
    worlds.done(worlds.edit(alice, conversation, seq, "better words"))
    worlds.done(worlds.pin(alice, conversation, seq))
    his = Caller(bob)
    address = f"/conversations/{conversation}"
    assert his.bodies(conversation) == ["kept", "better words"]
    shown = his.messages(conversation)[-1]
    assert shown["expires_at"][:13] > shown["at"][:13]
    assert [message["seq"] for message in his.pages(f"{address}/pins", "messages")] == [seq]
    counts = his.get(address).body
    assert (counts["unread"], counts["mentions"]) == (2, 1)
    worlds.age(conversation, HOUR)
    for places in ({}, {"before": seq + 1}, {"after": kept - 1}, {"around": seq}):
        assert his.bodies(conversation, **places) == ["kept"], places
    assert his.bodies(conversation, thread=seq) == []
    told = his.get(f"{address}/events").body["events"]
    assert "better words" not in str(told)
    assert "for an hour" not in str(told)
    assert his.pages(f"{address}/pins", "messages") == []
    counts = his.get(address).body
    assert (counts["unread"], counts["mentions"]) == (1, 0)
    (listed,) = his.pages("/conversations", "conversations")
    assert (listed["unread"], listed["mentions"]) == (1, 0)
    assert Event.objects.filter(conversation_id=conversation, seq=seq, body__contains="for an hour").exists()


def test_it_can_be_neither_answered_nor_changed_when_it_is_over():
    alice, bob = worlds.person("alice"), worlds.person("bob")
    conversation, (*_kept, seq) = _room(alice, bob)
    commands = [
        worlds.message(bob, conversation, "reply", thread=seq),
        worlds.react(bob, conversation, seq),
        worlds.edit(alice, conversation, seq, "longer"),
        worlds.delete(alice, conversation, seq),
        worlds.pin(bob, conversation, seq),
    ]
    assert {verdict.code for verdict in worlds.put(*commands)} == {"not_found"}


def test_a_reply_that_is_over_is_counted_no_more():
    alice, bob = worlds.person("alice"), worlds.person("bob")
    conversation = worlds.group(alice, bob)
    root = worlds.say(alice, conversation, "root")
    worlds.say(bob, conversation, "a reply for good", thread=root)
    worlds.rule(alice, conversation, disappears_s=3600)
    worlds.say(bob, conversation, "a reply for an hour", thread=root)
    his = Caller(bob)
    before = his.messages(conversation)[0]
    assert before["replies"] == 2
    worlds.age(conversation, HOUR)
    after = his.messages(conversation)[0]
    assert after["replies"] == 1
    assert after["last_reply_at"] == his.messages(conversation)[1]["at"]
    assert len(his.messages(conversation, thread=root)) == 2


def test_what_was_said_before_the_timer_and_after_it_stays():
    alice, bob = worlds.person("alice"), worlds.person("bob")
    conversation, _seqs = _room(alice, bob)
    worlds.rule(alice, conversation, disappears_s=0)
    worlds.say(alice, conversation, "kept again")
    worlds.age(conversation, timedelta(days=400))
    assert Caller(bob).bodies(conversation) == ["kept 0", "kept again"]
    assert Caller(bob).get(f"/conversations/{conversation}").body["unread"] == 2


def test_what_is_read_and_over_is_not_taken_off_twice():
    alice, bob = worlds.person("alice"), worlds.person("bob")
    conversation, seqs = _room(alice, bob)
    rows(
        "update membership set read_seq = %s, read_n = 2 where conversation_id = %s and person_id = %s returning 1",
        [seqs[1], conversation, bob.pk],
    )
    assert Caller(bob).get(f"/conversations/{conversation}").body.get("unread") == 0
    worlds.rule(alice, conversation, disappears_s=0)
    worlds.say(alice, conversation, "one more")
    assert Caller(bob).get(f"/conversations/{conversation}").body["unread"] == 1


@pytest.mark.parametrize("after", ["something was said", "nothing was said"])
async def test_who_catches_up_gets_none_of_it_and_goes_on(site: Server, alice: User, bob: User, after: str) -> None:
    """Also where all that is new is over: the answer ends, and the socket is live."""
    conversation, seqs = await built(_room, alice, bob)
    if after == "something was said":
        await built(worlds.rule, alice, conversation, disappears_s=0)
        await built(worlds.say, alice, conversation, "kept")
    head = len(await built(worlds.log_of, conversation))
    async with Talker(site.socket_url, await built(worlds.bearer, bob)) as talker:
        await talker.hello({conversation: seqs[0]})
        await talker.until(lambda: talker.all("events", conversation=conversation), "events")
        (page,) = talker.all("events", conversation=conversation)
        assert "more" not in page
        assert [event["seq"] for event in page["events"]] == [
            seq for seq in range(seqs[0] + 1, head + 1) if seq not in seqs
        ]
        (page,) = await talker.sync({conversation: seqs[1]})
        shown = [event["seq"] for event in page["events"]]
        assert shown == list(range(seqs[-1] + 1, head + 1))
        assert "more" not in page
        last = await built(worlds.say, alice, conversation, "live")
        await talker.reached(conversation, last)
        assert "over" not in str(talker.frames)


async def test_the_hubs_last_events_are_looked_at_too(alice: User, bob: User) -> None:
    """What a hub remembers of a room is not given to who comes after its time; a later first seq is told by `from`."""
    conversation, _ = await built(_room, alice, bob, kept=1, over=0)
    async with quiet_hub() as hub:
        first, tape = seat(hub, bob)
        await hub.catchup.hello(first, {})
        for body in ("over", "over too"):
            entry = await committed_elsewhere(alice, conversation, body)
            hear(hub, entry)
        assert len(tape.seqs(conversation)) == 2
        room = hub.rooms[conversation]
        for entry in room.recent:
            entry.event.expires_at = "2020-01-01T00:00:00.000000Z"
        await built(worlds.rule, alice, conversation, disappears_s=0)
        await hub.fill(room)
        cursor = tape.seqs(conversation)[0] - 1
        later, tape = seat(hub, bob)
        await hub.catchup.hello(later, {conversation: cursor})
        (page,) = tape.all("events")
        assert [event["kind"] for event in page["events"]] == ["rules"]
        assert page["from"] == page["events"][0]["seq"] == cursor + 3


async def test_postgresqls_clock_says_what_is_over(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """This host's own is an hour ahead, then an hour behind: what comes is shown all the same, and no longer."""
    conversation, _ = await built(_room, alice, bob, over=0)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, bob)
        await hub.upkeep._confirm()
        await hub.catchup.hello(peer, {})
        first = await committed_elsewhere(alice, conversation, "for an hour")
        monkeypatch.setattr(moment, "datetime", _Set(HOUR))
        hear(hub, first)
        assert tape.seqs(conversation) == [first.seq]
        late, later_tape = seat(hub, bob)
        await hub.catchup.hello(late, {conversation: first.seq - 1})
        assert later_tape.seqs(conversation) == [first.seq]
        missed = await built(worlds.say, alice, conversation, "over")
        await built(worlds.age, conversation, HOUR)
        monkeypatch.setattr(moment, "datetime", _Set(-HOUR))
        await hub.fill(hub.rooms[conversation])
        assert missed not in tape.seqs(conversation)


class _Set:
    """A host's clock that is set to another time."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self, zone: Any) -> datetime:
        """Tell the wrong time."""
        return datetime.now(zone) + self._by


async def test_what_is_found_too_late_is_passed_over(alice: User, bob: User) -> None:
    """An event that the hub missed for longer than it may be shown: those after it come all the same."""
    conversation, _ = await built(_room, alice, bob, over=0)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, bob)
        await hub.catchup.hello(peer, {})
        missed = await built(worlds.say, alice, conversation, "over")
        await built(worlds.age, conversation, HOUR)
        later = await built(worlds.say, alice, conversation, "shown")
        await hub.fill(hub.rooms[conversation])
        assert tape.seqs(conversation) == [later]
        assert later == missed + 1
