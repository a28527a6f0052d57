"""Pages of history, with later events applied, and the raw log."""

from uuid import uuid4

import msgspec
import pytest

from messaging.fold import fold, plain
from tests.messaging.api.calls import Caller
from tests.worlds import channel, delete, done, edit, log_of, message, person, put, react, say, say_many


def test_an_empty_conversation_has_an_empty_page():
    alice = person("alice")
    conversation = channel(alice)
    page = Caller(alice).get(f"/conversations/{conversation}/messages").body
    assert page == {"messages": [], "more": False, "head": 1}


def test_pages_meet_without_gap_or_repeat_in_both_directions():
    alice = person("alice")
    conversation = channel(alice)
    seqs = say_many(alice, conversation, 730)
    hers = Caller(alice)
    for step in ("before", "after"):
        found: list[int] = []
        place = {} if step == "before" else {"after": 0}
        more = True
        while more:
            body = hers.get(f"/conversations/{conversation}/messages", limit=200, **place).body
            page = [entry["seq"] for entry in body["messages"]]
            assert page == sorted(page)
            assert body["head"] == seqs[-1]
            found = page + found if step == "before" else found + page
            more = body["more"]
            place = {step: page[0] if step == "before" else page[-1]}
        assert found == seqs


@pytest.mark.parametrize(("limit", "expected"), [(None, 50), (1, 1), (200, 200), (201, 200), (10**15, 200)])
def test_a_page_has_as_many_as_asked_for_and_at_most_200(limit, expected):
    alice = person("alice")
    conversation = channel(alice)
    seqs = say_many(alice, conversation, 230)
    query = {} if limit is None else {"limit": limit}
    assert [m["seq"] for m in Caller(alice).messages(conversation, **query)] == seqs[-expected:]


def test_around_shows_what_is_before_at_and_after():
    alice = person("alice")
    conversation = channel(alice)
    seqs = say_many(alice, conversation, 20)
    hers = Caller(alice)
    page = hers.get(f"/conversations/{conversation}/messages", around=seqs[10], limit=6).body
    assert [m["seq"] for m in page["messages"]] == seqs[7:13]
    assert (page["more"], page["more_after"]) == (True, True)
    page = hers.get(f"/conversations/{conversation}/messages", around=seqs[0], limit=40).body
    assert [m["seq"] for m in page["messages"]] == seqs
    assert (page["more"], page["more_after"]) == (False, False)
    # around a seq that is no message
    done(react(alice, conversation, seqs[0]))
    say(alice, conversation, "later")
    page = hers.get(f"/conversations/{conversation}/messages", around=seqs[-1] + 1, limit=4).body
    assert [m["seq"] for m in page["messages"]] == [*seqs[-2:], seqs[-1] + 2]


def test_a_thread_is_its_root_and_its_replies():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    root, other = say(alice, conversation, "root"), say(alice, conversation, "other")
    replies = [say(bob, conversation, f"reply {i}", thread=root) for i in range(3)]
    say(bob, conversation, "elsewhere", thread=other)
    hers = Caller(alice)
    assert [m["seq"] for m in hers.messages(conversation, thread=root)] == [root, *replies]
    page = hers.get(f"/conversations/{conversation}/messages", thread=root, limit=2).body
    assert ([m["seq"] for m in page["messages"]], page["more"]) == (replies[1:], True)
    page = hers.get(f"/conversations/{conversation}/messages", thread=root, after=root, limit=2).body
    assert ([m["seq"] for m in page["messages"]], page["more"]) == (replies[:2], True)
    assert hers.messages(conversation, thread=10**9) == []
    assert hers.messages(conversation)[0]["replies"] == 3


def test_what_was_edited_deleted_reacted_to_and_replied_to_is_shown_so():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    first, second, third = (say(alice, conversation, word) for word in ("one", f"<@{bob.pk}> two", "three"))
    done(edit(alice, conversation, first, "one, edited"))
    for who, emoji in ((bob, "🎉"), (alice, "👍"), (alice, "🎉")):
        done(react(who, conversation, first, emoji))
    done(delete(alice, conversation, second))
    reply = say(bob, conversation, "reply", thread=third)
    shown = {m["seq"]: m for m in Caller(alice).messages(conversation)}
    at = {event.seq: event.at for event in log_of(conversation)}
    assert shown[first]["body"] == "one, edited"
    assert shown[first]["edited_at"] == at[third + 1]
    assert shown[first]["reactions"] == [
        {"emoji": "🎉", "users": [bob.pk, alice.pk]}, {"emoji": "👍", "users": [alice.pk]}
    ]  # fmt: skip
    assert shown[second]["body"] == ""
    assert (shown[second]["deleted_by"], shown[second]["deleted_at"]) == (alice.pk, at[reply - 1])
    assert "mentions" not in shown[second]
    assert (shown[third]["replies"], shown[third]["last_reply_at"]) == (1, at[reply])
    assert list(shown.values()) == plain(fold(log_of(conversation)))


def test_the_raw_log_pages_by_seq_and_holds_everything():
    alice = person("alice")
    conversation = channel(alice)
    say_many(alice, conversation, 60)
    put(edit(alice, conversation, 2, "x"), react(alice, conversation, 3), delete(alice, conversation, 4))
    hers = Caller(alice)
    found: list[dict[str, object]] = []
    while True:
        after = found[-1]["seq"] if found else 0
        body = hers.get(f"/conversations/{conversation}/events", after=after, limit=7).body
        found += body["events"]
        if not body["more"]:
            break
    assert [event["seq"] for event in found] == list(range(1, 65))
    assert [event["kind"] for event in found[-3:]] == ["edit", "react", "delete"]
    assert found == [msgspec.to_builtins(event) for event in log_of(conversation)]
    assert hers.get(f"/conversations/{conversation}/events").body["events"] == found[:50]


@pytest.mark.parametrize("name", ["before", "after", "around", "thread", "limit"])
@pytest.mark.parametrize("value", ["x", "-1", "1.5", "", " 1", "٣", "1" * 17, "0x10", "null", "1;drop table event"])
def test_a_parameter_that_is_no_whole_number_is_refused(name, value):
    alice = person("alice")
    answer = Caller(alice).get(f"/conversations/{channel(alice)}/messages", **{name: value})
    assert answer.refusal == (400, "malformed")
    assert name in answer.body["detail"]


def test_parameters_that_contradict_each_other_are_refused():
    alice = person("alice")
    conversation = channel(alice)
    hers = Caller(alice)
    for pair in ({"before": 1, "after": 1}, {"before": 1, "around": 1}, {"after": 1, "around": 1}):
        assert hers.get(f"/conversations/{conversation}/messages", **pair).refusal == (400, "malformed")
    assert hers.get(f"/conversations/{conversation}/messages", limit=0).refusal == (400, "malformed")
    assert hers.get(f"/conversations/{conversation}/events", after="x").refusal == (400, "malformed")
    assert hers.messages(conversation, before=2**53 - 1, thread=2**53 - 1) == []


def test_own_messages_count_as_read_and_others_do_not():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    put(*(message(bob, conversation, f"{i}", id=uuid4()) for i in range(3)))
    assert Caller(alice).get(f"/conversations/{conversation}").body["unread"] == 3
    done(react(bob, conversation, 3))
    assert Caller(alice).get(f"/conversations/{conversation}").body["unread"] == 3
