"""Recertification: once a quarter every grant in force is answered for, by somebody else than its holder."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.actor import Actor, system
from accounts.authority import recertification
from accounts.models import Attestation, Grant, Recertification, User
from accounts.refusal import Refusal
from audit.models import Entry
from tests.accounts.admin.desks import desk, holder
from tests.worlds import person


def _asks(user: User) -> Actor:
    return Actor(user, "session", stepped_up_at=timezone.now())


def _about(opened: Recertification, user: User) -> Attestation:
    return Attestation.objects.get(recertification=opened, grant__user=user)


@pytest.mark.parametrize(("month", "name"), [(1, "2027-Q1"), (3, "2027-Q1"), (4, "2027-Q2"), (12, "2027-Q4")])
def test_a_quarter_has_three_months(month, name):
    assert recertification.quarter_of(datetime(2027, month, 28, tzinfo=UTC)) == name


def test_it_lists_what_is_in_force_and_is_opened_once():
    holds, held = holder("moderator"), holder("moderator")
    Grant.objects.filter(user=held).update(ended_at=timezone.now())
    opened = _open()
    assert recertification.open_quarter(system("test")).pk == opened.pk
    asked = set(opened.attestations.values_list("grant__user", flat=True))
    assert holds.pk in asked
    assert held.pk not in asked
    assert timedelta(0) < opened.due_at - timezone.now() - timedelta(days=20) <= timedelta(days=1)  # three weeks
    assert Entry.objects.filter(verb="recertification.open", target=f"recertification:{opened.pk}").count() == 1


def test_an_answer_counts_once_and_end_ends_it():
    moderator, other, administrator = holder("moderator"), holder("moderator"), holder("administrator")
    opened = _open()
    recertification.attest(_asks(administrator), _about(opened, moderator), "keep")
    recertification.attest(_asks(administrator), _about(opened, other), "end")
    assert Grant.objects.get(user=moderator).ended_at is None
    assert Grant.objects.get(user=other).ended_by == administrator
    with pytest.raises(Refusal, match="answered already"):
        recertification.attest(_asks(administrator), _about(opened, moderator), "end")
    assert Grant.objects.get(user=moderator).ended_at is None


def test_nobody_answers_for_one_s_own_or_without_the_right():
    administrator, member = holder("administrator"), person("bob")
    opened = _open()
    with pytest.raises(Refusal, match="your own role"):
        recertification.attest(_asks(administrator), _about(opened, administrator), "keep")
    with pytest.raises(Refusal):
        recertification.attest(_asks(member), _about(opened, administrator), "keep")
    with pytest.raises(Refusal):  # an administrator ends no administrator
        recertification.attest(_asks(holder("administrator")), _about(opened, administrator), "end")
    assert _about(opened, administrator).answer == ""


def test_what_is_late_is_told_until_everything_is_answered():
    opened = _open()
    Recertification.objects.filter(pk=opened.pk).update(due_at=timezone.now() - timedelta(days=1))
    assert opened.pk in [late.pk for late in recertification.overdue()]
    client = desk(holder("owner"))
    assert f"Recertification {opened.quarter} is overdue" in client.get("/admin/").content.decode()
    last, *others = opened.attestations.filter(grant__ended_at=None)
    Attestation.objects.filter(pk__in=[one.pk for one in others]).update(answer="keep")
    recertification.attest(_asks(holder("owner")), last, "keep")
    assert opened.pk not in [late.pk for late in recertification.overdue()]


def _open() -> Recertification:
    """Open the quarter anew, with what is held now."""
    for old in Recertification.objects.filter(quarter=recertification.quarter_of(timezone.now())):
        Recertification.objects.filter(pk=old.pk).update(quarter=f"x{old.pk:06d}")
    return recertification.open_quarter(system("test"))


def test_it_closes_when_the_last_is_answered_and_all_of_it_is_on_the_trail():
    moderator, administrator = holder("moderator"), holder("administrator")
    opened = _open()
    with pytest.raises(Refusal, match="keep or end"):
        recertification.attest(_asks(administrator), _about(opened, moderator), "perhaps")
    others = opened.attestations.exclude(grant__user=moderator)
    others.update(answer="keep")
    recertification.attest(_asks(administrator), _about(opened, moderator), "keep")
    opened.refresh_from_db()
    assert opened.closed_at is not None
    assert opened not in recertification.overdue()
    answered = Entry.objects.filter(verb="recertification.attest", target=f"user:{moderator.pk}")
    assert answered.get().actor_id == administrator.pk
    assert Entry.objects.filter(verb="recertification.close", target=f"recertification:{opened.pk}").count() == 1


def test_it_stays_open_while_anybody_waits():
    moderator, administrator = holder("moderator"), holder("administrator")
    holder("moderator")
    opened = _open()
    recertification.attest(_asks(administrator), _about(opened, moderator), "keep")
    opened.refresh_from_db()
    assert opened.closed_at is None
