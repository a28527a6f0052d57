"""Each kind of Slack record stands for its events, and what stands for none has a reason."""

from typing import Any

import msgspec
import pytest

from messaging.slack import convert
from messaging.slack.convert import THIS, Converter, Draft, Skipped
from messaging.slack.records import Account, Message, Profile
from messaging.slack.roster import Roster
from messaging.slack.text import Names

AT = 1_700_000_000_000_001
TS = "1700000000.000001"


def converter(firsts: dict[int, tuple[int, Message]] | None = None) -> Converter:
    bot = Account(id="U9", name="ci", is_bot=True, profile=Profile(bot_id="B9"))
    roster = Roster([Account(id="U1", name="ann"), Account(id="U2", name="ben"), bot])
    return Converter(roster, Names({"U1": 11, "U2": 12, "U9": 19}, {}), firsts or {})


def record(**fields: Any) -> Message:
    return msgspec.convert({"type": "message", "user": "U1", "ts": TS, "text": "hi"} | fields, Message)


def drafts(**fields: Any) -> list[Draft]:
    return converter().drafts(record(**fields))


def test_a_message() -> None:
    assert drafts() == [Draft(kind="message", author="U1", said_at=AT, body="hi")]


def test_me() -> None:
    assert drafts(subtype="me_message")[0].payload == {"me": True}


@pytest.mark.parametrize(
    ("thread_ts", "thread", "is_root"), [(TS, None, True), ("1699999999.999999", AT - 2, False), (None, None, False)]
)
def test_threads(thread_ts: str | None, thread: int | None, is_root: bool) -> None:
    (draft,) = drafts(thread_ts=thread_ts)
    assert (draft.thread, draft.is_root) == (thread, is_root)


def test_a_reply_shown_to_the_channel_too_stays_a_reply() -> None:
    assert drafts(subtype="thread_broadcast", thread_ts="1699999999.000000")[0].thread == 1_699_999_999_000_000


@pytest.mark.parametrize("room", ["channel", "group", "mpim"])
def test_joins_and_leaves(room: str) -> None:
    assert drafts(subtype=f"{room}_join") == [Draft(kind="join", author="U1", said_at=AT, member="U1")]
    assert drafts(subtype=f"{room}_join", inviter="U2") == [Draft(kind="join", author="U2", said_at=AT, member="U1")]
    assert drafts(subtype=f"{room}_leave") == [Draft(kind="leave", author="U1", said_at=AT, member="U1")]


@pytest.mark.parametrize(
    ("subtype", "fields", "kind", "payload"),
    [
        ("channel_topic", {"topic": "a &amp; <@U1>"}, "topic", {"topic": "a & <@11>"}),
        ("group_topic", {"topic": ""}, "topic", {"topic": ""}),
        ("channel_purpose", {"purpose": "talk"}, "purpose", {"purpose": "talk"}),
        ("channel_name", {"name": "new", "old_name": "old"}, "rename", {"name": "new"}),
        ("channel_archive", {}, "archive", {"on": True}),
        ("group_unarchive", {}, "archive", {"on": False}),
    ],
)
def test_changes_of_a_conversation(subtype: str, fields: dict[str, str], kind: str, payload: dict[str, Any]) -> None:
    assert drafts(subtype=subtype, **fields) == [Draft(kind=kind, author="U1", said_at=AT, payload=payload)]


@pytest.mark.parametrize("subtype", ["pinned_item", "reminder_add", "bot_add", "tombstone", "channel_topic", "new_one"])
def test_what_has_no_event_of_its_own_is_words(subtype: str) -> None:
    assert drafts(subtype=subtype) == [Draft(kind="message", author="U1", said_at=AT, body="hi")]


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"bot_id": "B9"}, "U9"),
        ({"bot_id": "B9", "username": "ci"}, "U9"),
        ({"bot_id": "B9", "username": "Nagios"}, "B9/Nagios"),
        ({"bot_id": "B5"}, "B5"),
        ({"username": "cron"}, "cron"),
        ({"comment": {"user": "U2", "comment": "hi"}}, "U2"),
    ],
)
def test_authors_without_a_user(fields: dict[str, Any], author: str) -> None:
    assert drafts(user=None, subtype="bot_message", **fields)[0].author == author


def test_an_edit_of_which_only_the_last_words_are_known() -> None:
    message, edit = drafts(edited={"user": "U2", "ts": "1700000060.000000"})
    assert message.body == "hi"
    expected = Draft(kind="edit", author="U2", said_at=1_700_000_060_000_000, body="hi", target=THIS)
    expected.mark = "1700000060.000000"
    assert edit == expected


def test_an_edit_whose_first_words_are_known() -> None:
    first = record(text="first")
    made = converter({AT: (AT + 5, first)}).drafts(
        record(text="last", edited={"user": "U1", "ts": "1700000060.000000"})
    )
    assert [(draft.kind, draft.body) for draft in made] == [("message", "first")]


def test_first_words_of_somebody_else_at_the_same_time() -> None:
    other = record(user="U2", text="first")
    assert converter({AT: (AT + 5, other)}).drafts(record(text="mine"))[0].body == "mine"


def test_a_name_of_any_length() -> None:
    assert drafts(subtype="channel_name", name="a&amp;" * 200)[0].payload == {"name": ("a&" * 200)[:128]}


def test_a_record_of_an_edit() -> None:
    original = {"user": "U1", "ts": TS, "text": "first"}
    stand_in, edit = drafts(
        subtype="message_changed",
        ts="1700000060.000000",
        user=None,
        original=original,
        message={"user": "U1", "ts": TS, "text": "last", "edited": {"user": "U2", "ts": "1700000060.000000"}},
    )
    assert stand_in == Draft(kind="message", author="U1", said_at=AT, body="first", stands_in=True)
    assert edit == Draft(kind="edit", author="U2", said_at=1_700_000_060_000_000, body="last", target=AT)


def test_a_record_of_a_deletion() -> None:
    stand_in, deletion = drafts(
        subtype="message_deleted",
        ts="1700000060.000000",
        previous_message={"user": "U2", "ts": TS, "text": "gone"},
        deleted_ts=TS,
    )
    assert (stand_in.author, stand_in.body, stand_in.stands_in) == ("U2", "gone", True)
    assert deletion == Draft(kind="delete", author="U1", said_at=1_700_000_060_000_000, target=AT)


def test_reactions() -> None:
    to = converter()
    made = to.drafts(record(reactions=[{"name": "tada", "users": ["U1", "U2", "U1"], "count": 5}, {"name": "x"}]))
    assert [(draft.author, draft.payload, draft.target, draft.said_at) for draft in made[1:]] == [
        ("U1", {"emoji": "🎉", "on": True}, THIS, None),
        ("U2", {"emoji": "🎉", "on": True}, THIS, None),
    ]
    assert to.losses == {convert.NO_REACTOR: 3}


def test_characters_that_cannot_be_stored() -> None:
    to = converter()
    assert to.drafts(record(text="a\0b\ud800"))[0].body == "a\ufffdb\ufffd"
    assert to.losses == {convert.REPLACED: 2}
    assert to.drafts(record(text="&lt;@11&gt;"))[0].body == "<\u2060@11>"
    assert to.losses == {convert.PARTED: 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": ""}, convert.EMPTY),
        ({"text": " \n"}, convert.EMPTY),
        ({"text": None}, convert.EMPTY),
        ({"user": None}, convert.NO_AUTHOR),
        ({"ts": None}, convert.NO_TIME),
        ({"ts": "yesterday"}, convert.NO_TIME),
        ({"text": "x" * (convert.MAX_BODY + 1)}, convert.TOO_LONG),
        ({"subtype": "message_changed"}, convert.NO_TARGET),
        ({"subtype": "message_deleted"}, convert.NO_TARGET),
        (
            {"subtype": "message_changed", "original": {"ts": TS, "user": "U1", "text": "x"}, "text": ""},
            convert.NO_NEW_TEXT,
        ),
        ({"subtype": "message_changed", "message": {"ts": TS, "text": "x"}, "user": None}, convert.NO_AUTHOR),
        ({"subtype": "message_deleted", "deleted_ts": TS, "user": None}, convert.NO_AUTHOR),
    ],
)
def test_what_is_not_taken_and_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Skipped) as skipped:
        drafts(**fields)
    assert str(skipped.value) == reason
