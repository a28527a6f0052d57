"""Reporting a message: who may, once, so often; nobody in the conversation learns of it, and no edit hides it."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import ProgrammingError

from accounts.models import User
from audit.models import Entry
from messaging import reporting
from messaging.models import Report, ReportStep
from messaging.protocol.moderation import NewReport
from tests.messaging.api.calls import Answer, Caller
from tests.messaging.at_once import while_uncommitted
from tests.worlds import (
    add,
    age,
    bearer,
    channel,
    delete,
    direct,
    done,
    edit,
    group,
    log_of,
    own_log,
    person,
    put,
    react,
    remove,
    rule,
    say,
)


def report(who: Caller, conversation: int, seq: int, reason: str = "harassment", note: str = "") -> Answer:
    """Report a message as a client does."""
    return who.post(f"/conversations/{conversation}/messages/{seq}/reports", {"reason": reason, "note": note})


def _people() -> tuple[User, User, Caller, Caller]:
    alice, bob = person("alice"), person("bob")
    return alice, bob, Caller(alice), Caller(bob)


def test_a_message_is_reported_once_a_person_and_stays_what_it_was():
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob)
    seq = say(bob, conversation, "first words")
    edited = done(edit(bob, conversation, seq, "worse words"))
    made = report(hers, conversation, seq, note="  look at this ")
    assert made.status == 201
    known = {"conversation": conversation, "seq": seq, "reason": "harassment", "note": "look at this", "state": "open"}
    assert known.items() <= made.body.items()
    assert "outcome" not in made.body
    done(edit(bob, conversation, seq, "nicer words"))
    again = report(hers, conversation, seq, reason="spam")
    assert (again.status, again.body) == (200, made.body)
    kept = Report.objects.get(conversation_id=conversation)
    assert (kept.version, kept.author_id, kept.reporter_id, kept.kind) == (edited, bob.pk, alice.pk, "channel")
    done(delete(bob, conversation, seq))
    assert report(hers, conversation, seq).body == made.body
    assert Report.objects.get(pk=kept.pk).version == edited


def test_reported_twice_at_the_same_moment_it_is_one_report():
    alice, bob, _hers, _his = _people()
    conversation = channel(alice, bob)
    seq = say(bob, conversation, "words")

    def reported() -> bool:
        given = NewReport(reason="spam")
        return reporting.report(conversation, seq, by=alice.pk, given=given)[1]

    assert while_uncommitted(reported, reported) is False
    assert Report.objects.filter(conversation_id=conversation).count() == 1


def test_nobody_in_the_conversation_and_no_reader_of_the_trail_learns_of_it():
    alice, bob, hers, his = _people()
    conversation = channel(alice, bob)
    seq = say(bob, conversation, "words")
    before, deeds = log_of(conversation), Entry.objects.count()
    assert report(hers, conversation, seq).status == 201
    assert log_of(conversation) == before
    assert Entry.objects.count() == deeds
    assert his.get("/me/reports").body == {"reports": [], "cursor": None}
    assert "report" not in repr(his.messages(conversation))


def test_what_one_may_not_see_is_not_found():
    alice, bob, hers, _his = _people()
    carol = person("carol")
    conversation = group(alice, bob)
    before, theirs = say(bob, conversation, "before carol"), react(bob, conversation, 3)
    add(alice, conversation, carol)
    seq, reaction = say(bob, conversation, "words"), done(theirs)
    done(delete(bob, conversation, gone := say(bob, conversation, "gone")))
    assert report(Caller(carol), conversation, before).refusal == (404, "not_found")
    for other in (gone, reaction, 1, 0, 10**6, 10**30):
        assert report(hers, conversation, other).refusal == (404, "not_found"), other
    assert report(hers, own_log(alice), 1).refusal == (404, "not_found")
    assert report(hers, direct(alice, bob), seq).refusal == (404, "not_found")
    remove(alice, conversation, carol)
    assert report(Caller(carol), conversation, seq).refusal == (404, "not_found")
    assert not Report.objects.filter(conversation_id=conversation).exists()


def test_what_was_said_for_a_time_is_reported_within_it():
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob)
    rule(alice, conversation, disappears_s=3600)
    seq = say(bob, conversation, "for an hour")
    assert report(hers, conversation, seq).status == 201
    age(conversation, timedelta(hours=2))
    assert report(hers, conversation, seq).refusal == (404, "not_found")


def test_one_does_not_report_oneself():
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob)
    assert report(hers, conversation, say(alice, conversation, "mine")).refusal == (403, "forbidden")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "dislike"},
        {"reason": None},
        {"reason": "spam", "note": "x" * 1001},
        {"reason": "spam", "note": "a\x00b"},
        {"reason": "spam", "note": 1},
        {"reason": "spam", "outcome": "banned"},
        [],
    ],
)
def test_a_report_that_is_none_is_refused(body):
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob)
    path = f"/conversations/{conversation}/messages/{say(bob, conversation, 'words')}/reports"
    assert hers.post(path, body).refusal == (400, "malformed")
    assert not Report.objects.filter(conversation_id=conversation).exists()


def test_a_person_reports_so_many_in_an_hour(monkeypatch: Any):
    monkeypatch.setattr(reporting, "PER_HOUR", 3)
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob, person("carol"))
    seqs = [say(bob, conversation, "spam") for _ in range(4)]
    assert [report(hers, conversation, seq, "spam").status for seq in seqs] == [201, 201, 201, 429]
    refused = report(hers, conversation, seqs[3])
    assert refused.refusal == (429, "rate_limited")
    assert 3590 < refused.body["retry_after"] <= 3600
    assert report(hers, conversation, seqs[0]).status == 200
    carol = Caller(User.objects.get(username__startswith="carol", pk__gt=bob.pk))
    assert report(carol, conversation, seqs[3]).status == 201


def test_reports_from_before_the_clock_was_set_back_are_of_no_hour(monkeypatch: Any):
    monkeypatch.setattr(reporting, "PER_HOUR", 1)
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob)
    first, second = (say(bob, conversation, "spam") for _ in range(2))
    assert report(hers, conversation, first).status == 201
    with connections["owner"].cursor() as cursor:
        cursor.execute("update report set at = at + interval '1 hour' where reporter_id = %s", [alice.pk])
    assert report(hers, conversation, second).status == 201


def test_what_one_has_reported_is_listed_latest_first_with_what_became_of_it():
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob)
    seqs = [say(bob, conversation, f"words {nth}") for nth in range(5)]
    for seq in seqs:
        report(hers, conversation, seq)
    for limit in (1, 2, 50):
        shown = hers.pages("/me/reports", "reports", limit=limit)
        assert [each["seq"] for each in shown] == seqs[::-1]
    ReportStep.objects.create(
        report_id=shown[0]["id"], kind="decide", by_id=bob.pk, outcome="silenced", note="for moderators alone"
    )
    decided = hers.get("/me/reports").body["reports"][0]
    assert (decided["state"], decided["outcome"]) == ("decided", "muted")
    assert decided["decided_at"] > decided["at"]
    assert "alone" not in repr(decided)
    assert hers.get("/me/reports", cursor="x").refusal == (400, "malformed")


def test_a_report_is_changed_by_its_steps_alone_which_the_database_keeps_in_order():
    alice, bob, hers, _his = _people()
    conversation = channel(alice, bob)
    id = report(hers, conversation, say(bob, conversation, "words")).body["id"]
    for statement in ("update report set outcome = 'dismissed'", "delete from report", "delete from report_step"):
        with pytest.raises(ProgrammingError) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)

    def step(kind: str, by: User, **fields: Any) -> None:
        with transaction.atomic():
            ReportStep.objects.create(report_id=id, kind=kind, by_id=by.pk, **fields)

    step("claim", alice)
    with pytest.raises(IntegrityError):
        step("claim", bob)
    step("take_over", bob)
    assert Report.objects.get(pk=id).holder_id == bob.pk
    step("release", bob)
    assert Report.objects.get(pk=id).holder_id is None
    step("decide", bob, outcome="dismissed")
    for kind in ReportStep.Kind.values:
        with pytest.raises(IntegrityError):
            step(kind, alice)


def test_a_token_that_only_reads_reports_nothing():
    alice, bob, _hers, _his = _people()
    conversation = channel(alice, bob)
    seq = say(bob, conversation, "words")
    assert report(Caller(token=bearer(alice, "read")), conversation, seq).refusal == (403, "forbidden")
    assert report(Caller(token=bearer(alice, "write")), conversation, seq).status == 201
    assert put(delete(bob, conversation, seq))[0].code is None
