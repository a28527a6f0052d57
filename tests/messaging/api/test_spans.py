"""Out and in again: what was said meanwhile stays closed."""

import pytest

from messaging.commands import Command
from tests.messaging.api.calls import Caller
from tests.worlds import add, channel, delete, done, edit, group, log_of, person, put, react, remove, say


def _out_and_in(kind=group):
    """Bob reads, is out for a while, and comes back."""
    alice, bob = person("alice"), person("bob")
    conversation = kind(alice, bob)
    before = say(alice, conversation, "before")
    remove(alice, conversation, bob)
    while_out = say(alice, conversation, f"<@{bob.pk}> <!channel> meanwhile")
    reply = say(alice, conversation, "meanwhile, in the thread", thread=before)
    add(alice, conversation, bob)
    after = say(alice, conversation, "after")
    return alice, bob, conversation, (before, while_out, reply, after)


def test_a_group_shows_what_was_said_while_one_was_in():
    _alice, bob, conversation, (before, while_out, reply, after) = _out_and_in()
    his = Caller(bob)
    assert his.bodies(conversation) == ["before", "after"]
    assert his.bodies(conversation, before=after) == ["before"]
    assert his.bodies(conversation, after=before) == ["after"]
    assert his.bodies(conversation, around=while_out) == ["before", "after"]
    assert his.bodies(conversation, thread=before) == ["before"]
    assert his.bodies(conversation, thread=while_out) == []
    log = [event.seq for event in log_of(conversation)]
    shown = [event["seq"] for event in his.get(f"/conversations/{conversation}/events", after=0).body["events"]]
    assert shown == [seq for seq in log if seq not in (while_out, reply)]


def test_a_group_counts_what_was_said_since_one_came_back():
    alice, bob, conversation, _seqs = _out_and_in()
    his = Caller(bob)
    shown = his.get(f"/conversations/{conversation}").body
    assert (shown["unread"], shown["mentions"]) == (1, 0)
    say(alice, conversation, f"<@{bob.pk}>, welcome back")
    (listed,) = his.pages("/conversations", "conversations")
    assert (listed["unread"], listed["mentions"]) == (2, 1)


def test_nothing_is_changed_that_was_said_while_one_was_out():
    alice, bob, conversation, (before, while_out, reply, after) = _out_and_in()
    closed = [
        react(bob, conversation, while_out),
        edit(bob, conversation, while_out, "mine now"),
        Command(conversation=conversation, author=bob.pk, kind="message", body="reply", thread=while_out),
        react(bob, conversation, reply),
    ]
    assert {verdict.code for verdict in put(*closed)} == {"not_found"}
    done(react(bob, conversation, before))
    done(react(bob, conversation, after))
    assert Caller(alice).messages(conversation)[0]["reactions"] == [{"emoji": "👍", "users": [bob.pk]}]


def test_a_channel_is_open_from_its_start_to_whoever_comes_back():
    _alice, bob, conversation, _seqs = _out_and_in(channel)
    assert [body.split()[-1] for body in Caller(bob).bodies(conversation)] == ["before", "meanwhile", "thread", "after"]


@pytest.mark.parametrize("kind", [group, channel])
def test_out_again_everything_is_closed(kind):
    alice, bob, conversation, _seqs = _out_and_in(kind)
    remove(alice, conversation, bob)
    assert Caller(bob).get(f"/conversations/{conversation}/messages").refusal == (404, "not_found")
    assert Caller(bob).pages("/conversations", "conversations") == []


def test_the_head_a_reader_is_told_is_where_the_log_ends():
    _alice, bob, conversation, _seqs = _out_and_in()
    head = len(log_of(conversation))
    assert Caller(bob).get(f"/conversations/{conversation}/messages").body["head"] == head


def test_what_was_done_to_earlier_messages_meanwhile_stays_closed_but_for_deletions():
    alice, bob = person("alice"), person("bob")
    conversation = group(alice, bob)
    root, changed, deleted = (say(alice, conversation, body) for body in ("root", "first words", "to be deleted"))
    say(bob, conversation, "a reply that he saw", thread=root)
    remove(alice, conversation, bob)
    say(alice, conversation, "a reply behind closed doors", thread=root)
    done(edit(alice, conversation, changed, "other words"))
    done(react(alice, conversation, changed))
    done(delete(alice, conversation, deleted))
    add(alice, conversation, bob)
    shown = {message["seq"]: message for message in Caller(bob).messages(conversation)}
    assert shown[root]["replies"] == 1
    assert shown[changed]["body"] == "first words"
    assert not {"edited_at", "reactions"} & shown[changed].keys()
    assert shown[deleted]["body"] == ""
    assert "deleted_at" in shown[deleted]
    hers = {message["seq"]: message for message in Caller(alice).messages(conversation)}
    assert (hers[root]["replies"], hers[changed]["body"]) == (2, "other words")
    done(react(alice, conversation, changed, "🎉"))
    say(alice, conversation, "welcome back", thread=root)
    now = {message["seq"]: message for message in Caller(bob).messages(conversation)}
    assert now[changed]["reactions"] == [{"emoji": "🎉", "users": [alice.pk]}]
    assert now[root]["replies"] == 2


def test_a_deleted_message_wants_nobody():
    alice, bob = person("alice"), person("bob")
    conversation = group(alice, bob)
    wanted, gone = (say(alice, conversation, f"<@{bob.pk}> {n}") for n in range(2))
    done(delete(alice, conversation, gone))
    assert Caller(bob).get(f"/conversations/{conversation}").body["mentions"] == 1
    assert wanted < gone
