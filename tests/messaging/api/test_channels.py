"""Public channels: who finds them, who joins them, and what is read by who joins."""

from datetime import timedelta

import pytest

from tests.messaging.api.calls import Answer, Caller
from tests.messaging.api.test_barriers import wall
from tests.worlds import add, age, channel, group, person, rule, say


def _join(who: Caller, conversation: int) -> Answer:
    return who.post(f"/conversations/{conversation}/join", {})


def _found(who: Caller, part: str) -> list[str]:
    return [each["name"] for each in who.pages("/channels", "channels", q=part, limit=2)]


def test_public_channels_are_found_by_a_part_of_their_name_and_by_pages():
    alice, bob = person("alice"), person("bob")
    mark = alice.username.rsplit("-", 1)[-1]
    for name in ("Zebra", "apple", "Mango", "100%_sure"):
        channel(alice, name=f"{name} {mark}", is_private=False)
    channel(alice, name=f"secret {mark}")
    archived = channel(alice, name=f"archived {mark}", is_private=False)
    rule(alice, archived, archived=True)
    his = Caller(bob)
    assert _found(his, mark) == [f"{name} {mark}" for name in ("100%_sure", "apple", "Mango", "Zebra")]
    assert _found(his, f"ANGO {mark}") == [f"Mango {mark}"]
    assert _found(his, "%_sure " + mark) == [f"100%_sure {mark}"]
    assert _found(his, "_" + mark) == []
    (found,) = his.get("/channels", q=f"mango {mark}").body["channels"]
    assert (found["members"], found["is_member"]) == (1, False)
    (found,) = Caller(alice).get("/channels", q=f"mango {mark}").body["channels"]
    assert found["is_member"] is True


def test_whoever_finds_a_channel_joins_it_and_leaves_it():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, is_private=False)
    say(alice, conversation, "before")
    his = Caller(bob)
    joined = _join(his, conversation)
    assert joined.status == 201
    assert (joined.body["id"], joined.body["role"], joined.body["members"]) == (conversation, "member", 2)
    assert _join(his, conversation).status == 200
    assert his.bodies(conversation) == ["before"]
    assert his.delete(f"/conversations/{conversation}/members/{bob.pk}").status == 204
    assert his.get(f"/conversations/{conversation}").refusal == (404, "not_found")


def test_what_is_not_public_is_not_joined_and_not_told_from_nothing():
    alice, mallory = person("alice"), person("mallory")
    hers = Caller(mallory)
    nothing = _join(hers, 10**8)
    for conversation in (channel(alice), group(alice, person("bob"))):
        assert _join(hers, conversation).body == nothing.body
    assert nothing.refusal == (404, "not_found")
    assert _join(hers, 10**30).body == nothing.body
    archived = channel(alice, is_private=False)
    rule(alice, archived, archived=True)
    assert _join(hers, archived).refusal == (409, "archived")


def test_a_guest_neither_browses_nor_joins():
    alice, guest = person("alice"), person("guest", is_guest=True)
    conversation = channel(alice, is_private=False)
    assert Caller(guest).get("/channels").refusal == (403, "forbidden")
    assert _join(Caller(guest), conversation).refusal == (403, "forbidden")


def test_a_channel_with_somebody_behind_a_barrier_is_not_there():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    name = alice.username
    conversation = channel(alice, name=name, is_private=False)
    wall([alice], [bob])
    assert _found(Caller(bob), name) == []
    assert _join(Caller(bob), conversation).body == _join(Caller(bob), 10**8).body
    assert _found(Caller(carol), name) == [name]
    assert _join(Caller(carol), conversation).status == 201


def test_once_made_private_it_is_found_no_more_and_its_members_stay():
    alice, bob, mallory = person("alice"), person("bob"), person("mallory")
    name = alice.username
    conversation = channel(alice, bob, name=name, is_private=False)
    assert _found(Caller(mallory), name) == [name]
    made = Caller(alice).patch(f"/conversations/{conversation}", {"private": True})
    assert made.body["is_private"] is True
    assert _found(Caller(mallory), name) == []
    assert _join(Caller(mallory), conversation).refusal == (404, "not_found")
    assert Caller(bob).get(f"/conversations/{conversation}").status == 200
    assert Caller(alice).patch(f"/conversations/{conversation}", {"private": False}).refusal == (400, "malformed")


def _with_history(kind=channel):
    """Make a conversation in which something was said 40, 20, 5 and 0 days ago."""
    alice = person("alice")
    conversation = kind(alice, person("dave"))
    for days in (20, 15, 5):
        say(alice, conversation, "older")
        age(conversation, timedelta(days=days))
    say(alice, conversation, "now")
    return alice, conversation


@pytest.mark.parametrize(
    ("history", "seen"),
    [("start", 4), ("joining", 0), (60, 4), (30, 3), (10, 2), (3, 1)],
)
def test_who_joins_reads_what_the_rule_says(history, seen):
    alice, conversation = _with_history()
    rule(alice, conversation, history=history)
    for bob in (person("bob"), person("bob")):  # one behind the other: the log grows by a join
        add(alice, conversation, bob)
        assert len(Caller(bob).bodies(conversation)) == seen
        shown = Caller(bob).get(f"/conversations/{conversation}").body
        assert shown.get("history", "start") == history
        assert (shown["unread"], shown["mentions"]) == (0, 0)


def test_days_hold_for_who_joins_a_public_channel_and_count_from_now():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, is_private=False)
    rule(alice, conversation, history=1)
    say(alice, conversation, "yesterday")
    age(conversation, timedelta(days=1, seconds=5))
    _join(Caller(bob), conversation)
    assert Caller(bob).bodies(conversation) == []
    assert [e["kind"] for e in Caller(bob).get(f"/conversations/{conversation}/events").body["events"]] == ["join"]


def test_a_group_may_open_its_history():
    alice, conversation = _with_history(group)
    bob, carol = person("bob"), person("carol")
    add(alice, conversation, bob)
    assert Caller(bob).bodies(conversation) == []
    rule(alice, conversation, history="start")
    add(alice, conversation, carol)
    assert len(Caller(carol).bodies(conversation)) == 4
    assert Caller(bob).bodies(conversation) == []  # the rule is for those who join from now on
