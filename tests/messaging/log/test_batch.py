"""Each command of a batch gets its own verdict, whatever stands beside it; both doors."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from messaging.commands import Command, Verdict
from messaging.models import Conversation, Membership
from tests.messaging.log.doors import DOORS, Door
from tests.worlds import channel, delete, edit, log_of, message, person, react, say


@pytest.fixture(params=list(DOORS.values()), ids=list(DOORS))
def door(request) -> Door:
    return request.param  # type: ignore[no-any-return]


REFUSED = Verdict("not_found")


def test_an_outsider_with_the_id_of_a_member_neither_takes_it_nor_learns_of_it(door):
    alice, mallory = person("alice"), person("mallory")
    for outsider_is_first in (True, False):
        conversation = channel(alice)
        hers = message(alice, conversation, "hers")
        foreign = message(mallory, conversation, "foreign", id=hers.id)
        order = [foreign, hers] if outsider_is_first else [hers, foreign]
        verdicts = dict(zip((c.author for c in order), door(order), strict=True))
        assert verdicts[mallory.pk] == REFUSED
        assert verdicts[alice.pk].code is None
        assert verdicts[alice.pk].seq == 2
        assert not verdicts[alice.pk].is_duplicate
        assert [event.user for event in log_of(conversation)] == [alice.pk, alice.pk]
        # and later, when it is in the log, it is the same to the outsider
        assert door([foreign]) == [REFUSED]


def test_an_id_that_another_member_has_used_is_malformed(door):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    hers = message(alice, conversation, "same words")
    his = message(bob, conversation, "same words", id=hers.id)
    first, second = door([hers, his])
    assert first.code is None
    assert second == Verdict("malformed")
    assert door([his]) == [Verdict("malformed")]
    assert len(log_of(conversation)) == 3


def test_an_id_used_for_something_else_is_malformed(door):
    alice = person("alice")
    conversation = channel(alice)
    root, other = say(alice, conversation, "root"), say(alice, conversation, "other")
    first = edit(alice, conversation, root, "words")
    others = [
        edit(alice, conversation, root, "other words", id=first.id),
        edit(alice, conversation, other, "words", id=first.id),
        delete(alice, conversation, root, id=first.id),
        react(alice, conversation, root, id=first.id),
        message(alice, conversation, "words", id=first.id),
        message(alice, conversation, "words", id=first.id, thread=root),
    ]
    verdicts = door([first, *others])
    assert verdicts[0].code is None
    assert verdicts[1:] == [Verdict("malformed")] * len(others)
    assert door(others) == [Verdict("malformed")] * len(others)
    faces = react(alice, conversation, other, "🎉")
    assert [v.code for v in door([faces, react(alice, conversation, other, "🐛", id=faces.id)])] == [None, "malformed"]
    assert [v.code for v in door([react(alice, conversation, other, "🎉", False, id=faces.id)])] == ["malformed"]


def test_a_command_sent_again_gets_its_first_ack(door):
    alice = person("alice")
    conversation = channel(alice)
    commands = [message(alice, conversation, "once"), message(alice, conversation, "<!channel> twice")]
    commands += [message(alice, conversation, "reply", thread=1, said_at=datetime(2020, 1, 1, tzinfo=UTC))]
    commands[2].thread = say(alice, conversation, "root")
    verdicts = door([*commands, *commands])
    again = door(commands)
    for at, command in enumerate(commands):
        assert verdicts[at].code is None
        assert verdicts[at + 3] == verdicts[at]._replace(is_duplicate=True)
        assert again[at] == verdicts[at]._replace(is_duplicate=True)
        assert [event.seq for event in log_of(conversation) if event.id == command.id] == [verdicts[at].seq]


def test_the_same_id_is_free_in_another_conversation(door):
    alice = person("alice")
    one, other = channel(alice), channel(alice)
    first = message(alice, one, "here")
    assert [v.code for v in door([first, message(alice, other, "there", id=first.id)])] == [None, None]


def test_rows_that_cannot_be_taken_fail_alone(door):
    alice, mallory = person("alice"), person("mallory")
    conversation = channel(alice)
    reply = say(alice, conversation, "reply", thread=say(alice, conversation, "root"))
    verdicts = door(
        [
            message(alice, conversation, "first"),
            message(alice, 10**15, "nowhere"),
            message(mallory, conversation, "outside"),
            message(alice, conversation, "in no thread", thread=10**9),
            message(alice, conversation, "reply to a reply", thread=reply),
            message(alice, conversation, "reply to a join", thread=1),
            edit(alice, conversation, 10**9, "no target"),
            react(alice, conversation, 1),
            message(alice, conversation, "last"),
        ]
    )
    codes = [verdict.code for verdict in verdicts]
    assert codes == [
        None, "not_found", "not_found", "not_found", "malformed", "not_found", "not_found", "not_found", None
    ]  # fmt: skip
    assert all(verdict == Verdict(verdict.code) for verdict in verdicts[1:-1])
    assert [event.seq for event in log_of(conversation)] == [1, 2, 3, 4, 5]
    assert verdicts[-1].seq == 5


@pytest.mark.parametrize("body", ["NUL \x00 inside", "a lone surrogate \ud800"])
def test_a_row_that_postgresql_refuses_fails_alone_in_its_batch(body):
    alice = person("alice")
    conversation, other = channel(alice), channel(alice)
    commands = [message(alice, conversation, f"{i}") for i in range(5)] + [message(alice, other, "beside")]
    commands[3].body = body
    verdicts = DOORS["Log"](commands)
    assert [verdict.code for verdict in verdicts] == [None, None, None, "malformed", None, None]
    assert [verdict.seq for verdict in verdicts] == [2, 3, 4, 0, 5, 2]


def test_an_archived_conversation_takes_no_more_but_still_knows_what_was_said(door):
    alice, bob, mallory = person("alice"), person("bob"), person("mallory")
    conversation = channel(alice, bob)
    before = message(bob, conversation, "before")
    (first,) = door([before])
    Conversation.objects.filter(pk=conversation).update(archived_at=first.at)
    verdicts = door([message(bob, conversation, "after"), message(mallory, conversation, "outside"), before])
    assert verdicts == [Verdict("archived"), REFUSED, first._replace(is_duplicate=True)]


def test_who_is_muted_says_nothing_until_it_is_over_and_reads_on(door):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    his = Membership.objects.filter(conversation_id=conversation, person_id=bob.pk)
    his.update(muted_until=timezone.now() + timedelta(hours=1))
    spoken, hers = door([message(bob, conversation, "muted"), message(alice, conversation, "not muted")])
    assert (spoken.code, hers.code) == ("muted", None)
    his.update(muted_until=timezone.now() - timedelta(seconds=1))
    assert door([message(bob, conversation, "again")])[0].code is None
    his.update(muted_until=timezone.now() + timedelta(hours=1))
    leave = Command(conversation=conversation, author=bob.pk, kind="leave", payload={"member": bob.pk}, is_vouched=True)
    assert door([leave])[0].code is None


def test_what_is_vouched_for_may_take_away_what_another_said(door):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    seq = say(alice, conversation, "an import takes it away")
    for is_vouched, code in ((False, "forbidden"), (True, None)):
        taken = Command(conversation=conversation, author=bob.pk, kind="delete", target=seq, is_vouched=is_vouched)
        assert door([taken])[0].code == code
