"""Who looks into a report and what is seen of the conversation: each look is on the trail, and nobody browses."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.refusal import Refusal
from audit import trail
from audit.models import Entry
from messaging import evidence, report_mail, reviewing
from messaging.models import Report, ReportStep
from tests.accounts.admin.desks import EVERYBODY, holder
from tests.messaging.api.test_barriers import wall
from tests.messaging.at_once import while_uncommitted
from tests.messaging.reported import case, reported
from tests.post import MailServer, deliver
from tests.worlds import acting, age, channel, delete, direct, done, edit, person, remove, rule, say, say_many

Deed = Callable[[Actor, Report], object]
DEEDS: dict[str, Deed] = {
    "claim": reviewing.claim,
    "release": reviewing.release,
    "take over": lambda by, report: reviewing.take_over(by, report, "a holiday"),
    "look": evidence.look,
}


def _code(deed: Deed, who: User, report: Report) -> str:
    with pytest.raises(Refusal) as caught:
        deed(acting(who), report)
    return caught.value.code


@pytest.mark.parametrize("role", sorted(set(EVERYBODY) - {"moderator"}))
def test_nobody_but_a_moderator_looks_or_does_anything(role):
    found, who = case(), holder(role)
    for deed in DEEDS.values():
        assert _code(deed, who, found.report) == "forbidden"
    assert not ReportStep.objects.filter(report=found.report).exists()
    assert not Entry.objects.filter(target=f"report:{found.report.pk}").exists()


def test_one_has_it_and_the_others_are_told_who_until_it_is_given_back_or_taken_over():
    found, other = case(), holder("moderator", name="Olive")
    reviewing.claim(acting(other), found.report)
    for deed in (reviewing.claim, reviewing.release):
        with pytest.raises(Refusal, match="Olive has this report"):
            deed(found.by, found.report)
    with pytest.raises(Refusal, match="Say why"):
        reviewing.take_over(found.by, found.report, " ")
    reviewing.take_over(found.by, found.report, "Olive is on holiday")
    assert found.again().holder_id == found.moderator.pk
    assert _code(DEEDS["take over"], found.moderator, found.report) == "malformed"
    reviewing.release(found.by, found.report)
    assert found.again().holder_id is None
    assert _code(reviewing.release, found.moderator, found.report) == "forbidden"
    entries = Entry.objects.filter(target=f"report:{found.report.pk}").order_by("id")
    assert [(entry.verb, entry.actor_id) for entry in entries] == [
        ("report.claim", other.pk),
        ("report.take_over", found.moderator.pk),
        ("report.release", found.moderator.pk),
    ]
    assert entries[1].after["note"] == "Olive is on holiday"
    assert entries[1].after["from"] == other.pk


def test_of_two_who_claim_at_the_same_moment_the_second_is_told_who_has_it():
    found, other = case(), holder("moderator", name="Olive")
    with pytest.raises(Refusal, match="Olive has this report already"):
        while_uncommitted(
            lambda: reviewing.claim(acting(other), found.report), lambda: reviewing.claim(found.by, found.report)
        )
    assert ReportStep.objects.filter(report=found.report).count() == 1


def test_who_said_it_gets_nothing_of_it_and_who_reported_it_decides_nothing():
    found = case()
    author, reporter = holder("moderator"), holder("moderator")
    room = channel(author, reporter, found.alice)
    report = reported(reporter, room, say(author, room, "words"))
    assert report not in reviewing.reviewable(acting(author))
    assert report in reviewing.reviewable(acting(reporter))
    for deed in DEEDS.values():
        assert _code(deed, author, report) == "not_found"
    assert _code(reviewing.claim, reporter, report) == "forbidden"
    same = reported(found.alice, room, report.seq)
    assert _code(reviewing.claim, reporter, same) == "forbidden"


@pytest.mark.parametrize("who", ["author", "member", "somebody who has left"])
def test_across_a_barrier_a_moderator_gets_nothing(who):
    found, carol, free = case(), person("carol"), holder("moderator")
    room = channel(found.alice, found.bob, carol)
    report = reported(found.alice, room, say(found.bob, room, "words"))
    if who == "somebody who has left":
        remove(found.alice, room, carol)
    wall([found.moderator], [found.bob if who == "author" else carol])
    assert report not in reviewing.reviewable(found.by)
    for deed in DEEDS.values():
        assert _code(deed, found.moderator, report) == "not_found"
    evidence.look(acting(free), report)
    assert (found.report in reviewing.reviewable(found.by)) == (who != "author")


def test_a_look_shows_the_message_as_it_was_and_is_with_five_on_either_side_and_stands_on_the_trail():
    found = case()
    room = channel(found.alice, found.bob)
    before = say_many(found.alice, room, 7, "before {}")
    seq = say(found.bob, room, "first")
    worse = done(edit(found.bob, room, seq, f"worse <@{found.alice.pk}>"))
    report = reported(found.alice, room, seq)
    nicer = done(edit(found.bob, room, seq, "nicer"))
    after = say_many(found.alice, room, 7, "after {}")
    done(edit(found.alice, room, after[0], "after all"))
    done(delete(found.alice, room, after[1]))
    done(delete(found.bob, room, seq))
    look = evidence.look(found.by, report)
    assert [(one.seq, one.words, one.is_reported) for one in look.versions] == [
        (seq, "first", False),
        (worse, f"worse @{found.alice.username}", True),
        (nicer, "nicer", False),
    ]
    assert look.deleted_at is not None
    assert look.deleted_by == found.bob
    assert [line.seq for line in look.before] == before[-5:]
    assert [line.seq for line in look.after] == after[:5]
    assert [(line.words, line.is_edited, line.is_deleted) for line in look.after[:3]] == [
        ("after all", True, False),
        ("", False, True),
        ("after 2", False, False),
    ]
    entry = Entry.objects.get(target=f"report:{report.pk}", verb="report.look")
    assert entry.actor_id == found.moderator.pk
    assert entry.after == {"conversation": room, "seq": seq, "around": [*before[-5:], *after[:5]]}
    assert entry.category == "administration"


def test_without_the_trail_nothing_is_shown(monkeypatch):
    found = case()

    def fails(**_fields: object) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr(trail, "record", fails)
    with pytest.raises(RuntimeError):
        evidence.look(found.by, found.report)


def test_a_reply_is_seen_in_its_thread_and_the_room_without_its_threads():
    found = case()
    room = channel(found.alice, found.bob)
    root = say(found.alice, room, "root")
    replies = [say(found.bob, room, f"reply {nth}", thread=root) for nth in range(3)]
    later = say(found.alice, room, "in the room")
    in_thread = evidence.look(found.by, reported(found.alice, room, replies[1]))
    assert [line.seq for line in (*in_thread.before, *in_thread.after)] == [root, replies[0], replies[2]]
    in_room = evidence.look(found.by, reported(found.bob, room, later))
    assert [line.seq for line in (*in_room.before, *in_room.after)] == [root]


def test_what_is_over_is_shown_where_it_was_reported_and_not_beside_it():
    found = case()
    room = channel(found.alice, found.bob)
    rule(found.alice, room, disappears_s=3600)
    say(found.alice, room, "beside it")
    report = reported(found.alice, room, say(found.bob, room, "for an hour"))
    age(room, timedelta(hours=2))
    look = evidence.look(found.by, report)
    assert [one.words for one in look.versions] == ["for an hour"]
    assert look.expires_at is not None
    assert (look.before, look.after) == ([], [])


def test_moderators_are_told_by_mail_once_of_what_is_new_for_them(post: MailServer):
    report_mail.tell()
    deliver()
    post.mails.clear()
    alice, author = person("alice"), holder("moderator")
    talk = direct(author, alice)
    reported(alice, talk, say(author, talk, "words"))
    report_mail.tell()
    deliver()
    assert author.email not in {mail["To"] for mail in post.mails}
    post.mails.clear()
    found, claimed = case(), case(is_claimed=True)
    reported(alice, talk, say(author, talk, "other words"))
    assert report_mail.tell() >= 2
    deliver()
    told = {mail["To"]: mail.get_content() for mail in post.mails}
    assert "2 messages were reported" in told[found.moderator.email]
    assert "1 message was reported" in told[author.email]
    assert alice.email not in told
    assert found.again().told_at is not None
    assert claimed.again().told_at is None
    assert report_mail.tell() == 0
