"""What a conversation's rules let in: read-only, slow mode, muting, until when one edits, pins; both doors."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts import workspace
from accounts.actor import shell
from accounts.models import User
from accounts.people import muting
from messaging import moderating
from messaging.commands import Command, Verdict
from messaging.fold import fold
from tests.accounts.admin.desks import holder
from tests.messaging.log.doors import DOORS, Door
from tests.worlds import (
    acting,
    add,
    age,
    channel,
    delete,
    direct,
    done,
    edit,
    log_of,
    message,
    own_log,
    person,
    pin,
    react,
    remove,
    rule,
    say,
)


@pytest.fixture(params=list(DOORS.values()), ids=list(DOORS))
def door(request) -> Door:
    return request.param  # type: ignore[no-any-return]


def _codes(verdicts: list[Verdict]) -> list[str | None]:
    return [verdict.code for verdict in verdicts]


def test_where_it_is_read_only_moderators_write_and_members_react(door):
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = channel(alice, bob, carol)
    add(alice, conversation, bob, "moderator")
    hers = say(carol, conversation, "before")
    rule(alice, conversation, read_only=True)
    refused = [
        message(carol, conversation, "mine"),
        message(carol, conversation, "reply", thread=hers),
        edit(carol, conversation, hers, "other words"),
        pin(carol, conversation, hers),
    ]
    for verdict in door(refused):
        assert (verdict.code, verdict.why) == ("forbidden", "read_only")
    allowed = [
        message(alice, conversation, "news"),
        message(bob, conversation, "more news"),
        react(carol, conversation, hers),
        delete(carol, conversation, hers),
    ]
    assert _codes(door(allowed)) == [None] * 4
    rule(alice, conversation, read_only=False)
    assert _codes(door([message(carol, conversation, "mine")])) == [None]


def test_in_slow_mode_a_member_waits(door):
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = channel(alice, bob, carol)
    rule(alice, conversation, slow_s=60)
    first = message(bob, conversation, "first")
    assert _codes(door([first])) == [None]
    (second,) = door([message(bob, conversation, "second")])
    assert second.code == "slow_mode"
    assert second.retry_after_s is not None
    assert 0 < second.retry_after_s <= 60
    # what was taken is acknowledged again, others wait for nobody, and only messages are counted
    again, others, reaction = door(
        [first, message(carol, conversation, "carol"), react(bob, conversation, log_of(conversation)[-1].seq)]
    )
    assert (again.is_duplicate, others.code, reaction.code) == (True, None, None)
    age(conversation, timedelta(seconds=61))
    assert _codes(door([message(bob, conversation, "second")])) == [None]
    rule(alice, conversation, slow_s=0)
    assert _codes(door([message(bob, conversation, "third"), message(bob, conversation, "fourth")])) == [None, None]


def test_in_slow_mode_one_of_several_said_at_once_is_taken(door):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    rule(alice, conversation, slow_s=60)
    first, second = message(bob, conversation, "first"), message(bob, conversation, "second")
    commands = [first, first, second, second, message(alice, conversation, "a"), message(alice, conversation, "b")]
    verdicts = door(commands)
    assert _codes(verdicts) == [None, None, "slow_mode", "slow_mode", None, None]
    assert [verdict.is_duplicate for verdict in verdicts[:2]] == [False, True]
    assert verdicts[2].retry_after_s == 60
    seqs = [verdict.seq for verdict in verdicts if verdict.code is None]
    assert seqs == [4, 4, 5, 6]
    assert [event.seq for event in log_of(conversation)] == list(range(1, 7))


def test_slow_mode_goes_on_where_the_clock_is_set_back(door):
    """Nobody waits for the hour, and everybody waits the minute, though the log's own time stands still meanwhile."""
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    rule(alice, conversation, slow_s=60)
    assert _codes(door([message(bob, conversation, "first")])) == [None]
    age(conversation, -timedelta(hours=1))
    with connections["owner"].cursor() as cursor:
        cursor.execute("update head set at = at + interval '1 hour' where conversation_id = %s", [conversation])
    assert _codes(door([message(bob, conversation, "second")])) == [None]
    (third,) = door([message(bob, conversation, "third")])
    assert third.code == "slow_mode"
    assert third.retry_after_s is not None
    assert 0 < third.retry_after_s <= 60


def test_who_is_muted_writes_nothing_until_then(door):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    seq = say(bob, conversation, "before")
    moderating.mute(conversation, by=alice.pk, member=bob.pk, for_s=600)
    verdicts = door([message(bob, conversation, "x"), react(bob, conversation, seq), edit(bob, conversation, seq, "y")])
    assert _codes(verdicts) == ["muted"] * 3
    assert verdicts[0].retry_after_s is not None
    assert 590 < verdicts[0].retry_after_s <= 600
    moderating.unmute(conversation, by=alice.pk, member=bob.pk)
    assert _codes(door([message(bob, conversation, "x")])) == [None]


def test_a_mute_lasts_by_postgresqls_clock(door, monkeypatch):
    """Not by that of the host that took it, which is an hour behind."""
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    now = timezone.now()
    with monkeypatch.context() as behind:
        behind.setattr(timezone, "now", lambda: now - timedelta(hours=1))
        moderating.mute(conversation, by=alice.pk, member=bob.pk, for_s=600)
    assert _codes(door([message(bob, conversation, "x")])) == ["muted"]


def test_who_is_muted_in_the_workspace_writes_nowhere_whatever_the_role_and_keeps_the_own(door):
    alice, bob, moderator = person("alice"), person("bob"), holder("moderator")
    room, talk, own = channel(alice, bob), direct(alice, bob), own_log(alice)
    add(alice, room, bob, "moderator")
    seq = say(alice, room, "before")
    muting.mute(acting(moderator), alice, for_s=600, reason="Insults")
    verdicts = door(
        [
            message(alice, room, "as its owner"),
            message(alice, talk, "between two"),
            edit(alice, room, seq, "other words"),
            react(alice, room, seq),
            message(bob, room, "not muted"),
            Command(conversation=own, author=alice.pk, kind="prefer", payload={"name": "x", "value": True}),
        ]
    )
    assert _codes(verdicts) == ["muted"] * 4 + [None, None]
    assert all(590 < (verdict.retry_after_s or 0) <= 600 for verdict in verdicts[:4])
    User.objects.filter(pk=alice.pk).update(muted_until=timezone.now() - timedelta(seconds=1))
    assert _codes(door([message(alice, room, "it is over")])) == [None]


def test_the_longer_of_two_mutes_counts(door):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    moderating.mute(conversation, by=alice.pk, member=bob.pk, for_s=7200)
    muting.mute(acting(holder("moderator")), bob, for_s=600, reason="Insults")
    (verdict,) = door([message(bob, conversation, "x")])
    assert 7190 < (verdict.retry_after_s or 0) <= 7200
    moderating.unmute(conversation, by=alice.pk, member=bob.pk)
    (verdict,) = door([message(bob, conversation, "x")])
    assert 590 < (verdict.retry_after_s or 0) <= 600


def test_after_the_time_a_member_changes_nothing_any_more(door):
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = channel(alice, bob, carol)
    add(alice, conversation, carol, "moderator")
    his, hers = say(bob, conversation, "his"), say(carol, conversation, "hers")
    rule(alice, conversation, edits_s=3600)
    assert _codes(door([edit(bob, conversation, his, "in time")])) == [None]
    age(conversation, timedelta(seconds=3601))
    for verdict in door([edit(bob, conversation, his, "late"), delete(bob, conversation, his)]):
        assert (verdict.code, verdict.why) == ("forbidden", "too_late")
    assert _codes(door([react(bob, conversation, his), edit(carol, conversation, hers, "a moderator")])) == [None, None]
    assert _codes(door([delete(carol, conversation, his)])) == [None]


def test_the_workspaces_time_bounds_the_conversations_own(door):
    alice, bob = person("alice"), person("bob")
    conversation, other = channel(alice, bob), channel(alice, bob)
    rule(alice, other, edits_s=7200)
    targets = {each: say(bob, each, "his") for each in (conversation, other)}
    for each in targets:
        age(each, timedelta(seconds=3700))
    assert _codes(door([edit(bob, each, seq, "no limit") for each, seq in targets.items()])) == [None, None]
    try:
        workspace.change(shell("tests"), {"edit_minutes": 60})
        verdicts = door([edit(bob, each, seq, "late") for each, seq in targets.items()])
        assert [verdict.why for verdict in verdicts] == ["too_late", "too_late"]
        workspace.change(shell("tests"), {"edit_minutes": 180})
        assert _codes(door([edit(bob, each, seq, "in time") for each, seq in targets.items()])) == [None, None]
    finally:
        workspace.change(shell("tests"), {"edit_minutes": 0})


def test_a_pin_points_at_a_message_that_is_seen(door):
    alice, bob, mallory = person("alice"), person("bob"), person("mallory")
    conversation = channel(alice, bob)
    seq = say(alice, conversation, "pin me")
    gone = say(alice, conversation, "gone")
    done(delete(alice, conversation, gone))
    targets = [pin(bob, conversation, at) for at in (gone, 1, 10**6)]
    assert _codes(door([*targets, pin(mallory, conversation, seq)])) == ["not_found"] * 4
    assert _codes(door([pin(bob, conversation, seq)])) == [None]
    (message_, _gone) = fold(log_of(conversation))
    assert message_.pinned_by == bob.pk


def test_what_a_domain_function_vouches_for_is_bound_by_no_rule(door):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    rule(alice, conversation, read_only=True, slow_s=60, edits_s=0)
    vouched = [message(bob, conversation, "imported", is_vouched=True) for _ in range(2)]
    assert _codes(door(vouched)) == [None, None]
    assert _codes(door([edit(bob, conversation, 4, "imported", is_vouched=True)])) == [None]


def test_either_of_two_sets_the_time_of_what_they_say(door):
    alice, bob = person("alice"), person("bob")
    conversation = direct(alice, bob)
    rule(bob, conversation, disappears_s=3600)
    (verdict,) = door([message(alice, conversation, "for an hour")])
    (reaction,) = door([react(bob, conversation, verdict.seq)])
    assert verdict.expires_at is not None
    assert verdict.at is not None
    assert verdict.expires_at - verdict.at == timedelta(hours=1)
    assert reaction.expires_at is None
    (edited,) = door([edit(alice, conversation, verdict.seq, "other words")])
    assert edited.expires_at == verdict.expires_at
    rule(alice, conversation, disappears_s=0)
    (kept, edited) = door(
        [message(alice, conversation, "for good"), edit(alice, conversation, verdict.seq, "edited after")]
    )
    assert (kept.expires_at, edited.expires_at) == (None, verdict.expires_at)


def test_in_a_large_room_members_mention_people_and_moderators_everybody(door):
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    room = channel(alice, bob, carol)
    add(alice, room, bob, "moderator")
    root = say(alice, room, "the root")
    broad = ["<!channel>", "<!here> now", "<&7>"]
    try:
        workspace.change(shell("tests"), {"broad_mention_members": "3"})
        assert _codes(door([message(carol, room, body) for body in broad])) == [None] * 3
        workspace.change(shell("tests"), {"broad_mention_members": "2"})
        for verdict in door(
            [message(carol, room, body) for body in broad] + [message(carol, room, "<!here>", thread=root)]
        ):
            assert (verdict.code, verdict.why) == ("forbidden", "broad")
        assert _codes(door([message(carol, room, f"<@{bob.pk}>"), message(carol, room, "here, channel")])) == [None] * 2
        assert _codes(door([message(who, room, body) for who in (alice, bob) for body in broad])) == [None] * 6
        rule(bob, room, broad_mentions=True)
        assert _codes(door([message(carol, room, body) for body in broad])) == [None] * 3
        rule(bob, room, broad_mentions=False)
        assert _codes(door([message(carol, room, "<!channel>")])) == ["forbidden"]
        remove(alice, room, bob)  # who has left makes no room large
        assert _codes(door([message(carol, room, "<!channel>")])) == [None]
    finally:
        workspace.change(shell("tests"), {"broad_mention_members": "100"})
