"""What becomes of a report: each outcome is an event of the conversation or a mute, all of it or nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Grant
from accounts.refusal import Refusal
from audit.models import Entry
from messaging import deciding, reviewing
from messaging.deciding import Decision, Outcome
from messaging.models import Report, ReportStep
from messaging.protocol.events import Ban, Delete, Leave, Mute, Role
from tests.accounts.admin.desks import EVERYBODY, holder
from tests.messaging.api.calls import Caller
from tests.messaging.reported import Case, case, reported
from tests.worlds import acting, add, channel, delete, direct, done, log_of, person, remove, say


def _decide(found: Case, outcome: Outcome, note: str = "Insults", **fields: Any) -> None:
    deciding.decide(found.by, found.report, Decision(outcome, note, **fields))


def _refused(found: Case, outcome: Outcome, **fields: Any) -> Refusal:
    before = log_of(found.room), Entry.objects.count()
    with pytest.raises(Refusal) as caught:
        _decide(found, outcome, **fields)
    assert (log_of(found.room), Entry.objects.count()) == before
    assert found.again().decided_at is None
    return caught.value


def test_what_is_dismissed_leaves_the_conversation_as_it_was():
    found = case(is_claimed=True)
    before = log_of(found.room)
    _decide(found, Outcome.DISMISSED, note=" Nothing in it ")
    assert log_of(found.room) == before
    step = ReportStep.objects.get(report=found.report, kind="decide")
    assert (step.by_id, step.note, step.outcome, step.for_s) == (found.moderator.pk, "Nothing in it", "dismissed", None)
    entry = Entry.objects.get(target=f"report:{found.report.pk}", verb="report.decide")
    assert (entry.after["outcome"], entry.after["note"]) == ("dismissed", "Nothing in it")
    shown = Caller(found.alice).get("/me/reports").body["reports"][0]
    assert (shown["state"], shown["outcome"]) == ("decided", "dismissed")
    assert "Nothing in it" not in repr(shown)


def test_a_message_is_deleted_by_the_moderator_who_is_no_member():
    found = case(is_claimed=True)
    _decide(found, Outcome.DELETED)
    event = log_of(found.room)[-1]
    assert isinstance(event, Delete)
    assert (event.target, event.user) == (found.seq, found.moderator.pk)
    shown = Caller(found.bob).messages(found.room)[-1]
    assert (shown["body"], shown["deleted_by"]) == ("", found.moderator.pk)
    assert Caller(found.moderator).get(f"/conversations/{found.room}").refusal == (404, "not_found")


def test_the_author_is_muted_there_whatever_the_role():
    found = case(is_claimed=True)
    add(found.alice, found.room, found.bob, "owner")
    _decide(found, Outcome.MUTED, for_s=3600, is_deleted=True)
    gone, muted = log_of(found.room)[-2:]
    assert isinstance(gone, Delete)
    assert isinstance(muted, Mute)
    assert muted.member == found.bob.pk
    assert Caller(found.bob).say(found.room, "more").refusal == (403, "muted")
    assert Caller(found.bob).say(direct(found.bob, found.alice), "more").status == 201


def test_the_author_is_muted_everywhere_and_the_trail_says_by_which_report():
    found = case(is_claimed=True)
    _decide(found, Outcome.SILENCED, for_s=3600)
    assert Caller(found.bob).say(direct(found.bob, found.alice), "more").refusal == (403, "muted")
    found.bob.refresh_from_db()
    assert found.bob.muted_until is not None
    assert found.bob.muted_until < timezone.now() + timedelta(hours=1)
    entry = Entry.objects.get(target=f"user:{found.bob.pk}", verb="person.mute")
    assert (entry.after["report"], entry.after["reason"]) == (found.report.pk, "Insults")
    assert Caller(found.alice).get("/me/reports").body["reports"][0]["outcome"] == "muted"


def test_the_author_is_removed_or_banned():
    for outcome, kinds in ((Outcome.REMOVED, [Leave]), (Outcome.BANNED, [Leave, Ban])):
        found = case(is_claimed=True)
        _decide(found, outcome)
        events = log_of(found.room)[-len(kinds) :]
        assert [type(event) for event in events] == kinds
        assert {event.user for event in events} == {found.moderator.pk}
        assert Caller(found.bob).get(f"/conversations/{found.room}").refusal == (404, "not_found")


@pytest.mark.parametrize("outcome", [Outcome.REMOVED, Outcome.BANNED])
def test_who_alone_owns_the_conversation_passes_that_on_before(outcome):
    moderator, alice, bob = holder("moderator"), person("alice"), person("bob")
    room = channel(bob, alice)
    report = reported(alice, room, say(bob, room, "words"))
    reviewing.claim(acting(moderator), report)
    deciding.decide(acting(moderator), report, Decision(outcome, "Insults"))
    passed, left = [event for event in log_of(room) if isinstance(event, Role | Leave)]
    assert isinstance(passed, Role)
    assert (passed.member, passed.role, passed.user) == (alice.pk, "owner", moderator.pk)
    assert isinstance(left, Leave)
    assert left.member == bob.pk


def test_who_is_gone_is_banned_and_not_muted_or_removed():
    found = case(is_claimed=True)
    remove(found.alice, found.room, found.bob)
    for outcome in (Outcome.MUTED, Outcome.REMOVED):
        assert _refused(found, outcome, for_s=60).field == "outcome"
    _decide(found, Outcome.BANNED)
    again = case(is_claimed=True)
    Caller(again.alice).post(f"/conversations/{again.room}/bans", {"user": again.bob.pk})
    assert _refused(again, Outcome.BANNED).field == "outcome"


def test_what_was_deleted_meanwhile_is_decided_all_the_same():
    found = case(is_claimed=True)
    done(delete(found.bob, found.room, found.seq))
    before = log_of(found.room)
    _decide(found, Outcome.DELETED)
    assert log_of(found.room) == before


def test_between_two_nobody_is_muted_or_removed():
    found = case()
    talk = direct(found.alice, found.bob)
    report = reported(found.alice, talk, say(found.bob, talk, "words"))
    reviewing.claim(found.by, report)
    between = found._replace(room=talk, report=report)
    for outcome in deciding.IN_ROOMS:
        assert _refused(between, outcome, for_s=60).field == "outcome"
    _decide(between, Outcome.DELETED)
    assert isinstance(log_of(talk)[-1], Delete)


@pytest.mark.parametrize("role", sorted(set(EVERYBODY) - {"moderator"}))
def test_nobody_but_a_moderator_decides_also_who_was_one(role):
    found = case(is_claimed=True)
    assert _refused(found._replace(moderator=holder(role)), Outcome.DISMISSED).code == "forbidden"
    Grant.objects.filter(user=found.moderator).update(ended_at=timezone.now())
    assert _refused(found, Outcome.DISMISSED).code == "forbidden"


def test_only_who_has_it_decides_and_once():
    found, other = case(), holder("moderator")
    assert _refused(found, Outcome.DISMISSED).code == "forbidden"
    reviewing.claim(acting(other), found.report)
    assert _refused(found, Outcome.DISMISSED).code == "forbidden"
    theirs = found._replace(moderator=other)
    _decide(theirs, Outcome.DISMISSED)
    with pytest.raises(Refusal, match="decided a moment ago"):
        _decide(theirs, Outcome.DELETED)
    assert ReportStep.objects.filter(report=found.report, kind="decide").count() == 1


@pytest.mark.parametrize(
    ("outcome", "fields", "field"),
    [
        (Outcome.DISMISSED, {"note": "  "}, "note"),
        (Outcome.DISMISSED, {"note": "x" * 1001}, "note"),
        (Outcome.DISMISSED, {"is_deleted": True}, "is_deleted"),
        (Outcome.MUTED, {}, "for_s"),
        (Outcome.SILENCED, {"for_s": 0}, "for_s"),
        (Outcome.SILENCED, {"for_s": 31 * 86400}, "for_s"),
    ],
)
def test_a_decision_that_is_none_is_told_at_its_field(outcome, fields, field):
    assert _refused(case(is_claimed=True), outcome, **fields).field == field


def test_what_can_t_be_done_in_full_is_not_done_at_all():
    found = case(is_claimed=True)
    Grant.objects.create(user=found.bob, role="owner", effective_at=timezone.now())
    assert _refused(found, Outcome.SILENCED, for_s=3600, is_deleted=True).code == "forbidden"


def test_a_decision_answers_all_who_have_reported_the_message_and_nobody_else():
    found, carol = case(is_claimed=True), person("carol")
    add(found.alice, found.room, carol)
    other = say(found.bob, found.room, "other words")
    same, apart = reported(carol, found.room, found.seq), reported(carol, found.room, other)
    reviewing.claim(acting(holder("moderator")), same)
    _decide(found, Outcome.DELETED)
    assert Report.objects.get(pk=same.pk).outcome == "deleted"
    assert Report.objects.get(pk=apart.pk).decided_at is None
    assert len([event for event in log_of(found.room) if isinstance(event, Delete)]) == 1
