"""Four eyes: who can be the second pair, of exactly what was asked, and for how long. Each way round has its test."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import actor, rights, tasks
from accounts.authority import approvals, approvers, deeds, grants, roles, trail_readers
from accounts.authority.verbs import VERBS
from accounts.models import Approval, Grant, Role, User
from accounts.refusal import Refusal
from audit.models import Entry
from tests.parts import wait_until
from tests.worlds import acting, appointed, person

REASON = "a second owner for the holidays"


def asked_for(owner: User, subject: User) -> Approval:
    """Ask for somebody to be made an owner."""
    made = grants.grant(acting(owner), subject, "owner", reason=REASON)
    assert isinstance(made, Approval)
    return made


def refused(asked: Approval, by: User, match: str, **acts) -> None:
    """Check that somebody can't approve, and that nothing was done."""
    with pytest.raises(Refusal, match=match):
        deeds.approve(acting(by, **acts), asked, bytes(asked.digest))
    asked.refresh_from_db()
    assert asked.state == Approval.State.OPEN
    assert not Grant.objects.filter(user_id=asked.request["user"], role="owner", ended_at=None).exists()


def test_who_asks_can_not_approve():
    alice = appointed("alice", "owner")
    refused(asked_for(alice, person("bob")), alice, "yourself")


def test_whom_it_is_about_can_not_approve():
    alice, bob = appointed("alice", "owner"), person("bob")
    asked = asked_for(alice, bob)
    Grant.objects.create(user=bob, role="owner", effective_at=timezone.now() - timedelta(days=2))
    with pytest.raises(Refusal, match="about you"):
        deeds.approve(acting(bob), asked, bytes(asked.digest))


def test_whom_the_requester_invited_can_not_approve():
    alice = appointed("alice", "owner")
    refused(asked_for(alice, person("bob")), appointed("carol", "owner", invited_by=alice), "invited you")


@pytest.mark.parametrize("is_ended", [False, True])
def test_whom_the_requester_appointed_can_not_approve(is_ended):
    alice, carol = appointed("alice", "owner"), appointed("carol", "owner")
    ended_at = timezone.now() if is_ended else None
    Grant.objects.create(user=carol, role="moderator", granted_by=alice, ended_at=ended_at)
    refused(asked_for(alice, person("bob")), carol, "gave you a role")


@pytest.mark.parametrize("verb", ["factor.reset", "person.email"])
def test_whom_the_requester_reset_can_not_approve(verb):
    alice, carol = appointed("alice", "owner"), appointed("carol", "owner")
    Approval.objects.create(
        verb=verb, request={}, digest=b"x", reason="lost", requester=alice, subject=carol,
        lapses_at=timezone.now(), state=Approval.State.DONE,
    )  # fmt: skip
    refused(asked_for(alice, person("bob")), carol, "reset your account")


@pytest.mark.parametrize("bond", ["invited", "appointed", "appointed once", "reset"])
def test_nobody_approves_what_one_s_own_creature_asks(bond, monkeypatch):
    monkeypatch.setattr(approvers, "NAMED", 10_000)
    carol = appointed("carol", "owner")
    alice = appointed("alice", "owner", invited_by=carol if bond == "invited" else None)
    if bond.startswith("appointed"):
        ended_at = timezone.now() if bond == "appointed once" else None
        Grant.objects.create(user=alice, role="moderator", granted_by=carol, ended_at=ended_at)
    if bond == "reset":
        Approval.objects.create(
            verb="factor.reset", request={}, digest=b"x", reason="lost", requester=carol, subject=alice,
            lapses_at=timezone.now(), state=Approval.State.DONE,
        )  # fmt: skip
    dave = appointed("dave", "owner")
    asked = asked_for(alice, person("bob"))
    assert {carol, dave}.intersection(approvers.of(asked)) == {dave}
    refused(asked, carol, "You (invited|gave|reset)")
    deeds.approve(acting(dave), asked, bytes(asked.digest))


def _decided(verb: str, requester: User, subject: User, state: Approval.State = Approval.State.DONE) -> None:
    """Have had a request of one about another."""
    Approval.objects.create(
        verb=verb, request={}, digest=b"x", reason="then", requester=requester, subject=subject, state=state,
        lapses_at=timezone.now(),
    )  # fmt: skip


def test_what_was_done_to_others_is_no_bond(monkeypatch):
    """Two who have each invited, appointed and reset third people are independent, and so are two who were refused."""
    monkeypatch.setattr(approvers, "NAMED", 10_000)
    alice, carol = appointed("alice", "owner"), appointed("carol", "owner")
    for one, other in ((alice, carol), (carol, alice)):
        third = person("dave", invited_by=one)
        Grant.objects.create(user=third, role="moderator", granted_by=one)
        Grant.objects.create(user=one, role="moderator", granted_by=third)
        for verb in ("factor.reset", "person.email"):
            _decided(verb, one, third)
            _decided(verb, third, one)
            _decided(verb, one, other, Approval.State.REFUSED)
        _decided("owner.grant", one, other)
    asked = asked_for(alice, person("bob"))
    assert carol in approvers.of(asked)
    deeds.approve(acting(carol), asked, bytes(asked.digest))


def test_who_is_new_in_the_role_can_not_approve(monkeypatch):
    """By when it was given, and not by how long one had it before it was ended."""
    monkeypatch.setattr(approvers, "NAMED", 10_000)
    alice = appointed("alice", "owner")
    asked = asked_for(alice, person("bob"))
    carol, dave = (appointed(name, "owner", ago=timedelta(hours=23)) for name in ("carol", "dave"))
    week_ago = timezone.now() - timedelta(days=7)
    Grant.objects.create(user=dave, role="owner", effective_at=week_ago, ended_at=timezone.now() - timedelta(days=2))
    for new in (carol, dave):
        refused(asked, new, "less than a day")
        assert new not in approvers.of(asked)


def test_approvers_are_neither_who_asks_nor_whom_it_is_about_nor_who_is_shut_out(monkeypatch):
    monkeypatch.setattr(approvers, "NAMED", 10_000)
    alice, gone, carol = appointed("alice", "owner"), appointed("gone", "owner"), appointed("carol", "owner")
    bob = person("bob")
    asked = asked_for(alice, bob)
    Grant.objects.create(user=bob, role="owner", effective_at=timezone.now() - timedelta(days=2))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert {alice, bob, gone, carol}.intersection(approvers.of(asked)) == {carol}


def test_approvers_are_also_those_of_a_role_of_the_workspace_s_own(monkeypatch):
    monkeypatch.setattr(approvers, "NAMED", 10_000)
    keepers, helpers = (f"own-{secrets.token_hex(4)}" for _ in range(2))
    Role.objects.create(name=keepers, title="Keepers", verbs=["owner.grant"])
    Role.objects.create(name=helpers, title="Helpers", verbs=["person.list"])
    carol, dave = appointed("carol", keepers), appointed("dave", helpers)
    asked = asked_for(appointed("alice", "owner"), person("bob"))
    assert {carol, dave}.intersection(approvers.of(asked)) == {carol}
    refused(asked, dave, "none of your roles")
    deeds.approve(acting(carol), asked, bytes(asked.digest))


@pytest.mark.parametrize("role", ["administrator", "moderator", "officer", "auditor"])
def test_who_lacks_the_verb_can_not_approve(role):
    refused(asked_for(appointed("alice", "owner"), person("bob")), appointed("carol", role), "none of your roles")


def test_only_a_person_in_a_session_with_a_step_up_approves():
    asked = asked_for(appointed("alice", "owner"), person("bob"))
    carol = appointed("carol", "owner")
    refused(asked, carol, "Show that it is you", is_stepped_up=False)
    refused(asked, carol, "person in a session", via="provider")
    refused(asked, carol, "token", via="token", scopes=frozenset({"read", "write", "manage"}))
    with pytest.raises(Refusal, match="person in a session"):
        deeds.approve(actor.shell("test"), asked, bytes(asked.digest))


def test_what_was_seen_is_what_is_carried_out():
    alice, carol, mallory = appointed("alice", "owner"), appointed("carol", "owner"), person("mallory")
    asked = asked_for(alice, person("bob"))
    with pytest.raises(Refusal, match="not the one"):
        deeds.approve(acting(carol), asked, b"\0" * 32)
    seen = bytes(asked.digest)
    Approval.objects.filter(pk=asked.pk).update(request={"user": mallory.pk, "role": "owner"})
    with pytest.raises(Refusal, match="not the one"):
        deeds.approve(acting(carol), asked, seen)
    assert rights.held(mallory).roles == {"member"}


@pytest.mark.parametrize("change", [{"digest": bytes(32)}, {"verb": "barrier.change"}, {"requester": "dave"}])
def test_a_row_that_was_changed_beneath_is_carried_out_by_nobody(change):
    alice, carol, dave = (appointed(name, "owner") for name in ("alice", "carol", "dave"))
    asked = asked_for(alice, person("bob"))
    changed = {"requester": dave} if "requester" in change else change
    Approval.objects.filter(pk=asked.pk).update(**changed)
    with pytest.raises(Refusal, match="not the one"):
        deeds.approve(acting(carol), asked, bytes(asked.digest))
    assert not Grant.objects.filter(user_id=asked.request["user"]).exists()


def test_a_request_lapses_after_72_hours():
    alice, carol = appointed("alice", "owner"), appointed("carol", "owner")
    asked = asked_for(alice, person("bob"))
    assert timedelta(hours=71) < asked.lapses_at - timezone.now() <= timedelta(hours=72)
    Approval.objects.filter(pk=asked.pk).update(lapses_at=timezone.now())
    assert not approvals.open_now().filter(pk=asked.pk).exists()
    refused(asked, carol, "lapsed")


@pytest.mark.parametrize(
    ("loss", "why"),
    [
        ("role ended", "none of your roles"),
        ("deactivated", "none of your roles"),
        ("subject gone", "not active"),
        ("duties", "together"),
    ],
)
def test_it_is_checked_again_when_it_is_carried_out(loss, why):
    alice, carol, bob = appointed("alice", "owner"), appointed("carol", "owner"), person("bob")
    asked = asked_for(alice, bob)
    match loss:
        case "role ended":
            Grant.objects.filter(user=alice).update(ended_at=timezone.now())
        case "deactivated":
            User.objects.filter(pk=alice.pk).update(is_active=False)
        case "subject gone":
            User.objects.filter(pk=bob.pk).update(is_active=False)
        case "duties":
            Grant.objects.create(user=bob, role="officer")
    refused(asked, carol, why)


def test_it_is_decided_once_also_by_two_at_the_same_moment():
    alice, bob = appointed("alice", "owner"), person("bob")
    asked = asked_for(alice, bob)

    def approve(by: User) -> str:
        try:
            deeds.approve(acting(by), asked, bytes(asked.digest))
        except Refusal as refusal:
            return refusal.detail
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(approve, [appointed("carol", "owner"), appointed("dave", "owner")]))
    assert answers == ["This request has been decided already.", "done"]
    assert bob.grants.count() == 1
    assert Entry.objects.filter(target=f"approval:{asked.pk}", verb="approval.approve").count() == 1


def test_refused_and_withdrawn():
    alice, carol, mallory = appointed("alice", "owner"), appointed("carol", "owner"), person("mallory")
    one, other = asked_for(alice, person("bob")), asked_for(alice, person("dave"))
    with pytest.raises(Refusal):
        approvals.refuse(acting(mallory), one)
    approvals.refuse(acting(carol), one)
    approvals.refuse(acting(alice, is_stepped_up=False), other)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, other.state) == (Approval.State.REFUSED, Approval.State.WITHDRAWN)
    for asked, verb, by in ((one, "approval.refuse", carol), (other, "approval.withdraw", alice)):
        assert Entry.objects.get(target=f"approval:{asked.pk}", verb=verb).actor_id == by.pk
    with pytest.raises(Refusal, match="already"):
        deeds.approve(acting(carol), one, bytes(one.digest))


def test_the_same_is_asked_for_once_also_in_two_windows_at_the_same_moment():
    alice, bob = appointed("alice", "owner"), person("bob")

    def ask(_nth: int) -> str:
        try:
            asked_for(alice, bob)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "asked"

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=alice.pk)
            answers = pool.map(ask, range(2))
            wait_until(lambda: _waiting() == 2, "both to wait")
        assert sorted(answers) == ["asked", "malformed"]
    assert approvals.open_now().filter(requester=alice).count() == 1


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")  # within a transaction it would be looked at once alone
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def test_asking_twice_or_without_a_reason_is_refused():
    alice, bob = appointed("alice", "owner"), person("bob")
    asked_for(alice, bob)
    with pytest.raises(Refusal, match="already"):
        asked_for(alice, bob)
    with pytest.raises(Refusal, match="why"):
        grants.grant(acting(alice), person("dave"), "owner", reason=" ")
    with pytest.raises(Refusal, match="Show that it is you"):
        grants.grant(replace(acting(alice), stepped_up_at=timezone.now() - timedelta(minutes=10)), bob, "owner")


def test_what_nobody_decided_is_marked_and_on_the_trail(django_assert_num_queries):
    alice, carol = appointed("alice", "owner"), appointed("carol", "owner")
    lapsed = [asked_for(alice, person("bob")) for _ in range(3)]
    waits, refused_before = asked_for(alice, person("dave")), asked_for(alice, person("erin"))
    approvals.refuse(acting(carol), refused_before)
    over = [*lapsed, refused_before]
    Approval.objects.filter(pk__in=[each.pk for each in over]).update(lapses_at=timezone.now())
    system = actor.system("approvals")
    approvals.lapse(system)
    states = {each.pk: each.state for each in Approval.objects.filter(requester=alice)}
    assert [states[each.pk] for each in (*over, waits)] == ["lapsed"] * 3 + ["refused", "open"]
    for each in lapsed:
        (entry,) = Entry.objects.filter(target=f"approval:{each.pk}", verb="approval.lapse")
        assert (entry.actor_id, entry.category) == (None, "administration")
        assert entry.origin == {"via": "system", "device": "approvals"}
        assert (entry.after["verb"], entry.after["request"]) == ("owner.grant", each.request)
        with pytest.raises(Refusal, match="ask for it anew"):
            deeds.approve(acting(carol), each, bytes(each.digest))
    assert approvals.lapse(system) == 0
    more = [asked_for(alice, person("bob")).pk for _ in range(4)]
    Approval.objects.filter(pk__in=more).update(lapses_at=timezone.now())
    with django_assert_num_queries(4):  # two, and the transaction's own
        assert approvals.lapse(system) == 4
    asked_for(alice, User.objects.get(pk=lapsed[0].request["user"]))  # it may be asked for anew


def test_one_that_is_just_being_decided_holds_up_nothing():
    asked = asked_for(appointed("alice", "owner"), person("bob"))
    Approval.objects.filter(pk=asked.pk).update(lapses_at=timezone.now())

    def lapse() -> int:
        try:
            return approvals.lapse(actor.system("approvals"))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Approval.objects.select_for_update().get(pk=asked.pk)
        pool.submit(lapse).result(timeout=10)  # it does not wait for the lock
    asked.refresh_from_db()
    assert asked.state == Approval.State.OPEN
    lapse()
    asked.refresh_from_db()
    assert asked.state == Approval.State.LAPSED


def test_the_timetable_has_it():
    assert settings.CELERY_BEAT_SCHEDULE["lapse-approvals"]["task"] == tasks.lapse_approvals.name
    asked = asked_for(appointed("alice", "owner"), person("bob"))
    Approval.objects.filter(pk=asked.pk).update(lapses_at=timezone.now())
    tasks.lapse_approvals()
    asked.refresh_from_db()
    assert asked.state == Approval.State.LAPSED


@pytest.mark.parametrize("verb", sorted(verb.name for verb in VERBS.values() if verb.approved_by))
def test_who_reads_of_the_deed_reads_of_its_being_asked_for(verb):
    """Requests about the record are read as cases are: by officers, and not by who runs the workspace."""
    role, second = VERBS[verb].roles[0], VERBS[str(VERBS[verb].approved_by)].roles[0]
    alice, carol = appointed("alice", role), appointed("carol", second)
    done, no, own, late = (
        approvals.ask(acting(alice), verb, {"nth": nth}, subject=None, reason="for the test") for nth in range(4)
    )
    approvals.approve(acting(carol), done, bytes(done.digest), lambda _approval, _actor: None)
    approvals.refuse(acting(carol), no)
    approvals.refuse(acting(alice), own)
    Approval.objects.filter(pk=late.pk).update(lapses_at=timezone.now())
    approvals.lapse(actor.system("approvals"))
    targets = [f"approval:{each.pk}" for each in (done, no, own, late)]
    entries = list(Entry.objects.filter(target__in=targets))
    assert sorted(entry.verb for entry in entries) == sorted(
        ["approval.ask"] * 4 + ["approval.approve", "approval.refuse", "approval.withdraw", "approval.lapse"]
    )
    expected = "case" if VERBS[verb].duty == "compliance" else "administration"
    assert {entry.category for entry in entries} == {expected}
    owners = trail_readers.of(roles.built_in("owner").verbs).shown
    officers = trail_readers.of(roles.built_in("officer").verbs).open
    assert (expected in owners, expected in officers) == (expected != "case", True)
