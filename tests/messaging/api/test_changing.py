"""A conversation's name, topic, purpose, rules and archive: one call, all or nothing, an event each."""

import pytest

from messaging.protocol import events
from tests.messaging.api.calls import Answer, Caller
from tests.worlds import channel, direct, group, log_of, own_log, person, rule


def _change(who: Caller, conversation: int, **fields: object) -> Answer:
    return who.patch(f"/conversations/{conversation}", fields)


def test_each_change_is_an_event_and_shows():
    alice = person("alice")
    conversation = channel(alice, name="first")
    answer = _change(
        Caller(alice),
        conversation,
        name=" second ",
        topic="a topic",
        purpose="a purpose",
        read_only=True,
        slow_s=30,
        disappears_s=3600,
        history=30,
        edits_s=600,
    )
    shown = {name: answer.body[name] for name in ("name", "topic", "purpose", "is_read_only", "slow_s", "history")}
    assert shown == {
        "name": "second",
        "topic": "a topic",
        "purpose": "a purpose",
        "is_read_only": True,
        "slow_s": 30,
        "history": 30,
    }
    assert (answer.body["disappears_s"], answer.body["edits_s"]) == (3600, 600)
    _join, renamed, _topic, _purpose, rules = log_of(conversation)
    assert isinstance(renamed, events.Rename)
    assert renamed.name == "second"
    assert isinstance(rules, events.Rules)
    assert (rules.slow_s, rules.history, rules.edits_s) == (30, 30, 600)
    back = _change(Caller(alice), conversation, edits_s=None, read_only=False, slow_s=30)
    assert "edits_s" not in back.body
    last = log_of(conversation)[-1]
    assert isinstance(last, events.Rules)
    assert (last.edits_s, last.read_only) == (None, False)
    assert "slow_s" not in Caller(alice).get(f"/conversations/{conversation}/events").body["events"][-1]


def test_what_is_no_different_makes_no_event():
    alice = person("alice")
    conversation = channel(alice, name="first")
    for fields in ({"name": "first"}, {"slow_s": 0, "read_only": False}, {"archived": False}, {}, {"private": True}):
        assert _change(Caller(alice), conversation, **fields).status == 200
    assert len(log_of(conversation)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": " "},
        {"name": "x" * 129},
        {"topic": "x" * 251},
        {"topic": "a\0b"},
        {"purpose": 1},
        {"slow_s": -1},
        {"slow_s": 21_601},
        {"disappears_s": 3599},
        {"disappears_s": 7_776_001},
        {"history": 0},
        {"history": 3651},
        {"history": "always"},
        {"edits_s": -1},
        {"private": False},
        {"archived": None},
        {"owner": 1},
    ],
)
def test_what_makes_no_sense_changes_nothing(fields):
    alice = person("alice")
    conversation = channel(alice, is_private=False)
    assert _change(Caller(alice), conversation, **{"read_only": True, **fields}).refusal == (400, "malformed")
    assert len(log_of(conversation)) == 1


def test_what_one_field_may_not_the_whole_call_may_not():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    assert _change(Caller(bob), conversation, topic="mine", name="mine").refusal == (403, "forbidden")
    assert len(log_of(conversation)) == 2
    assert _change(Caller(bob), conversation, topic="ours").status == 200
    rule(alice, conversation, read_only=True)
    assert _change(Caller(bob), conversation, topic="mine again").refusal == (403, "forbidden")


def test_an_archived_one_is_opened_before_it_is_changed():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob, name="old")
    assert _change(Caller(alice), conversation, archived=True, topic="closed for good").body["is_archived"] is True
    assert Caller(bob).say(conversation, "anybody?").refusal == (409, "archived")
    assert _change(Caller(alice), conversation, name="new").refusal == (409, "archived")
    assert _change(Caller(bob), conversation, archived=False).refusal == (403, "forbidden")
    opened = _change(Caller(alice), conversation, archived=False, name="new")
    assert (opened.body.get("is_archived", False), opened.body["name"]) == (False, "new")
    kinds = [event.__struct_config__.tag for event in log_of(conversation)]
    assert kinds == ["join", "join", "topic", "archive", "archive", "rename"]
    assert Caller(bob).say(conversation, "there you are").status == 201


def test_a_direct_conversation_has_a_time_and_nothing_else_to_change():
    alice, bob = person("alice"), person("bob")
    conversation = direct(alice, bob)
    assert _change(Caller(bob), conversation, disappears_s=86400).body["disappears_s"] == 86400
    for fields in ({"name": "us"}, {"archived": True}, {"slow_s": 5}, {"private": True}, {"history": "start"}):
        assert _change(Caller(alice), conversation, **fields).refusal == (403, "forbidden")


def test_a_group_is_named_and_its_name_taken_off_again():
    alice, bob = person("alice"), person("bob")
    conversation = group(alice, bob)
    assert _change(Caller(alice), conversation, name="us").body["name"] == "us"
    assert _change(Caller(alice), conversation, name="").body["name"] == ""


@pytest.mark.parametrize("fields", [{"topic": "a topic"}, {"name": "mine"}, {"archived": True}, {"disappears_s": 3600}])
def test_nothing_of_one_s_own_log_is_changed(fields):
    alice = person("alice")
    own = own_log(alice)
    before = log_of(own)
    assert _change(Caller(alice), own, **fields).status == 403
    assert log_of(own) == before
