"""One export with everything that Slack writes, and everything of it in the log."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from audit.models import Entry
from messaging.database import rows
from messaging.models import Conversation, Event, Mention, MessageState, SlackKey, Source
from messaging.slack import convert, load, writer
from messaging.slack.load import Done
from messaging.slack.moments import micros, moment
from tests.messaging.slack.exports import Export, channel, said, user

LONG = "long words " * 3636 + "1234"


def at(ts: str) -> Any:
    return moment(micros(ts) or 0)


def rich(folder: Path) -> Export:
    export = Export(folder)
    export.add(
        "users.json",
        user("U1", f"ann-{export.team}", profile={"display_name": "Ann &amp; Co"}),
        user("U2", f"ben-{export.team}", deleted=True),
        user("U3", f"cat-{export.team}"),
        user("U9", f"ci-{export.team}", is_bot=True, profile={"bot_id": "B9"}),
    )
    export.add("org_users.json", user("U4", f"dan-{export.team}"), user("U1", "not again"))
    topic = {"value": "all &amp; sundry", "creator": "U3", "last_set": 1_700_000_500}
    export.add(
        "channels.json",
        channel("C1", "general", "U1", "U3", "U4", topic=topic, purpose={"value": "talk"}),
        channel("C2", "old", "U1", is_archived=True),
    )
    export.add("groups.json", channel("G1", "secret", "U1", "U2"))
    export.add("mpims.json", channel("G2", "mpdm-ann--ben--cat-1", "U1", "U2", "U3"))
    export.add("dms.json", {"id": "D1", "created": 1_700_000_000, "members": ["U1", "U2"]})
    export.add("general/2023-11-14.json", *first_day())
    export.add("general/2023-11-15.json", *second_day())
    export.add("secret/2023-11-14.json", said("U2", "1700000000.000001", "psst"))
    export.add("D1/2023-11-14.json", said("U1", "1700000000.000001", "just us"))
    export.add("mpdm-ann--ben--cat-1/2023-11-14.json", said("U3", "1700000000.000001", "we three"))
    export.add("nowhere/2023-11-14.json", said("U1", "1700000000.000001", "x"), said("U1", "1700000000.000002", "y"))
    return export.add("integration_logs.json", {"user_id": "U1"})


def first_day() -> list[dict[str, Any]]:
    react = [{"name": "thumbsup::skin-tone-2", "users": ["U2", "U3"], "count": 2}, {"name": "shipit", "users": ["U1"]}]
    return [
        said("U1", "1700000000.000100", "<@U1> has joined the channel", subtype="channel_join"),
        said("U2", "1700000001.000000", "joined", subtype="channel_join", inviter="U1"),
        said(
            "U1",
            "1700000002.000000",
            "a root for <@U2> &amp; <!channel>",
            thread_ts="1700000002.000000",
            reactions=react,
        ),
        said("U2", "1700000003.000000", "first", subtype="me_message"),
        # The same microsecond, three times, of which two by one person.
        said("U2", "1700000004.000001", "same 1"),
        said("U3", "1700000004.000001", "same 2"),
        said("U2", "1700000004.000001", "same 1"),
        said("U3", "1700000005.000000", "a reply", thread_ts="1700000002.000000"),
        said("U3", "1700000006.000000", "late root's reply", thread_ts="1700000090.000000"),
        said("U3", "1700000007.000000", "no root's reply", thread_ts="1600000000.000000"),
        said("U1", "1700000008.000000", "last words", edited={"user": "U1", "ts": "1700000009.123456"}),
        said("U1", "1700000010.000000", ""),
        said("U1", "1700000011.000000", "nul \0 and \ud800"),
        said("U1", "1700000012.000000", LONG),
        said("U1", "1700000013.000000", "look", files=[{"name": "a.png", "url_private": "https://files/a"}]),
        {"type": "message", "ts": "1700000014.000000", "text": "nobody said this"},
        {"type": "message", "subtype": "bot_message", "bot_id": "B9", "ts": "1700000015.000000", "text": "built"},
        {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B7",
            "username": "Cron",
            "ts": "1700000016.0",
            "text": "x",
        },
        said("U1", "no time", "when?"),
        {"type": "message", "ts": 5},
    ]


def second_day() -> list[dict[str, Any]]:
    return [
        # Out of order within the day, and before the end of the first day.
        said("U3", "1700000091.000000", "root's other reply", thread_ts="1700000090.000000"),
        said("U1", "1700000090.000000", "a late root", thread_ts="1700000090.000000"),
        said("U1", "1700000003.500000", "strayed into the second day"),
        said("U1", "1700000092.000000", "topic", subtype="channel_topic", topic="all &amp; sundry"),
        said("U1", "1700000093.000000", "renamed", subtype="channel_name", name="everybody", old_name="general"),
        said("U1", "1700000094.000000", "edited since"),
        {
            "type": "message",
            "subtype": "message_changed",
            "ts": "1700000095.000000",
            "original": said("U1", "1700000094.000000", "as it was"),
            "message": said("U1", "1700000094.000000", "edited since"),
        },
        {
            "type": "message",
            "subtype": "message_deleted",
            "ts": "1700000096.000000",
            "user": "U3",
            "original": said("U3", "1700000080.000000", "deleted since"),
        },
        said("U2", "1700000097.000000", "left", subtype="channel_leave"),
        said("UGONE", "1700000098.000000", "from elsewhere", user_profile={"name": "eve", "real_name": "Eve E"}),
        said("USLACKBOT", "1700000099.000000", "beep"),
    ]


class World:
    """An imported export: what is where."""

    def __init__(self, export: Export, done: Done) -> None:
        self.done = done
        self.tally = done.tally
        keys = SlackKey.objects.filter(team=export.team)
        self.people = {k.slack_id: User.objects.get(pk=k.object_id) for k in keys.filter(kind="person")}
        self.rooms = {k.slack_id: Conversation.objects.get(pk=k.object_id) for k in keys.filter(kind="conversation")}

    def events(self, room: str, **narrowed: Any) -> list[Event]:
        return list(Event.objects.filter(conversation_id=self.rooms[room].pk, **narrowed).order_by("seq"))

    def message(self, body: str) -> Event:
        return Event.objects.get(conversation_id=self.rooms["C1"].pk, kind="message", body=body)

    def state(self, body: str) -> MessageState:
        return MessageState.objects.get(conversation_id=self.rooms["C1"].pk, seq=self.message(body).seq)

    def members(self, room: str) -> set[str]:
        names = {person.pk: slack_id for slack_id, person in self.people.items()}
        found = rows(
            "select person_id from membership where conversation_id = %s and upper_inf(spans)", [self.rooms[room].pk]
        )
        return {names[person] for (person,) in found}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    export = rich(tmp_path_factory.mktemp("rich"))
    return World(export, load.run(export.write(), by="tester"))


def test_people(world: World) -> None:
    ann, ben, ci = world.people["U1"], world.people["U2"], world.people["U9"]
    assert (ann.name, ann.kind, ann.email, ann.is_active) == ("Ann & Co", "person", "u1@example.com", True)
    assert not ben.is_active
    assert (ci.kind, ci.has_usable_password()) == ("bot", False)
    assert all(person.imported_at and not person.has_usable_password() for person in world.people.values())
    assert (world.people["B7/Cron"].kind, world.people["USLACKBOT"].kind) == ("bot", "bot")
    assert world.people["UGONE"].name == "Eve E"
    assert "U4" in world.people


def test_conversations(world: World) -> None:
    kinds = {id: (room.kind, room.name, room.is_private) for id, room in world.rooms.items()}
    assert kinds == {
        "C1": ("channel", "everybody", False),
        "C2": ("channel", "old", False),
        "G1": ("channel", "secret", True),
        "G2": ("group", "", True),
        "D1": ("direct", "", True),
    }
    assert all(room.shown_at for room in world.rooms.values())
    assert world.rooms["C1"].created_at == at("1600000000")
    assert world.rooms["D1"].direct_key == f"{world.people['U1'].pk}:{world.people['U2'].pk}"
    assert [event.body for room in ("G1", "G2", "D1") for event in world.events(room, kind="message")] == [
        "psst",
        "we three",
        "just us",
    ]


def test_topic_purpose_and_end(world: World) -> None:
    general = world.rooms["C1"]
    assert (general.topic, general.purpose, general.archived_at) == ("all & sundry", "talk", None)
    assert [event.said_at for event in world.events("C1", kind="topic")] == [at("1700000092.000000")]
    assert world.rooms["C2"].archived_at is not None


def test_order_and_times(world: World) -> None:
    """By time over all day files; the log's own clock and numbers are those of the import."""
    events = world.events("C1", kind__in=["message", "join", "leave", "topic", "rename"])
    claimed = [event.said_at for event in events if event.said_at]
    late = {at("1700000006.000000"), at("1700000080.000000")}
    assert [t for t in claimed if t not in late] == sorted(t for t in claimed if t not in late)
    assert [event.seq for event in world.events("C1")] == list(range(1, len(world.events("C1")) + 1))
    assert world.message("strayed into the second day").seq < world.message("a reply").seq


def test_source(world: World) -> None:
    source = Source.objects.get(pk=world.events("C1")[0].source_id or 0)
    assert (source.kind, source.imported_by, len(source.sha256)) == ("slack", "tester", 64)
    assert {event.source_id for room in world.rooms for event in world.events(room)} == {source.pk}
    verbs = Entry.objects.filter(target=f"source:{source.pk}").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["import.start", "import.finish"]


def test_words_and_mentions(world: World) -> None:
    ben = world.people["U2"]
    root = world.message(f"a root for <@{ben.pk}> & <!channel>")
    assert root.payload == {"mentions": [ben.pk, "channel"]}
    wanted = Mention.objects.filter(conversation_id=root.conversation_id, seq=root.seq)
    assert set(wanted.values_list("person_id", flat=True)) == {ben.pk, None}
    assert world.message("first").payload == {"me": True}
    assert world.message("nul \ufffd and \ufffd")
    assert len(LONG) == 40_000
    assert world.message(LONG).body == LONG
    assert world.message("look\n[a.png](https://files/a)")
    assert world.message("built").author_id == world.people["U9"].pk
    assert world.message("x").author_id == world.people["B7/Cron"].pk


def test_the_same_microsecond(world: World) -> None:
    same = world.events("C1", kind="message", said_at=at("1700000004.000001"))
    names = {person.pk: slack_id for slack_id, person in world.people.items()}
    assert [(names[event.author_id], event.body) for event in same] == [
        ("U2", "same 1"),
        ("U3", "same 2"),
        ("U2", "same 1"),
    ]


def test_threads(world: World) -> None:
    root = world.events("C1", kind="message", said_at=at("1700000002.000000"))[0]
    assert world.message("a reply").thread == root.seq
    late = world.message("a late root")
    assert [world.message(text).thread for text in ("late root's reply", "root's other reply")] == [late.seq] * 2
    assert world.message("late root's reply").seq == late.seq + 1
    assert world.state("a late root").replies == 2
    assert world.message("no root's reply").thread is None
    assert world.tally.remarks[writer.NO_ROOT].places == ["general/2023-11-14.json 1700000007.000000"]


def test_edits_and_deletions(world: World) -> None:
    known_last = world.state("last words")
    assert (known_last.body, known_last.edited_at) == ("last words", at("1700000009.123456"))
    edited = world.state("as it was")
    assert (edited.body, edited.edited_at) == ("edited since", at("1700000095.000000"))
    deleted = world.state("deleted since")
    assert (deleted.deleted_by, deleted.deleted_at) == (world.people["U3"].pk, at("1700000096.000000"))
    assert world.message("deleted since").said_at == at("1700000080.000000")


def test_reactions(world: World) -> None:
    root = world.events("C1", kind="message", said_at=at("1700000002.000000"))[0]
    state = MessageState.objects.get(conversation_id=root.conversation_id, seq=root.seq)
    one, two, three = (world.people[id].pk for id in ("U1", "U2", "U3"))
    assert state.reactions == [{"emoji": "👍🏻", "users": [two, three]}, {"emoji": ":shipit:", "users": [one]}]
    assert {event.said_at for event in world.events("C1", kind="react")} == {None}


def test_membership(world: World) -> None:
    assert world.members("C1") == {"U1", "U3", "U4"}
    assert world.members("G1") == world.members("D1") == {"U1", "U2"}
    assert world.members("G2") == {"U1", "U2", "U3"}
    joins = world.events("C1", kind="join")
    ann, ben = world.people["U1"].pk, world.people["U2"].pk
    assert [(event.author_id, (event.payload or {})["member"]) for event in joins[:2]] == [(ann, ann), (ann, ben)]
    assert [event.said_at is None for event in joins] == [False, False, True, True]
    assert joins[0].payload == {"member": ann, "role": "owner", "from": 1}


def test_nothing_is_unread(world: World) -> None:
    behind = (
        "select m.person_id from membership m join head h using (conversation_id)"
        " where conversation_id = %s and m.read_n <> h.n"
    )
    assert rows(behind, [world.rooms["C1"].pk]) == []


def test_every_record_is_accounted_for(world: World) -> None:
    skipped = {reason: (found.times, found.places) for reason, found in world.tally.skipped.items()}
    day = "general/2023-11-14.json"
    assert skipped == {
        convert.EMPTY: (1, [f"{day} 1700000010.000000"]),
        convert.NO_AUTHOR: (1, [f"{day} 1700000014.000000"]),
        convert.NO_TIME: (1, [f"{day}, element 19"]),
        load.UNREADABLE: (1, [f"{day}, element 20: Expected `str | null`, got `int` - at `$.ts`"]),
        load.STRAY: (2, ["nowhere/2023-11-14.json"]),
    }
    assert (world.tally.taken, world.tally.records) == (len(first_day()) + len(second_day()) + 3 - 4, 36)
    assert world.tally.remarks[convert.REPLACED].times == 2
    assert world.done.left_out == ["integration_logs.json"]
