"""Giving roles and ending them: every giver × role, duties apart, the last owner, and each way round it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import actor, rights
from accounts.admin import request_words
from accounts.authority import approvals, deeds, grants, roles
from accounts.authority.verbs import VERBS
from accounts.models import Approval, Grant, Role, User
from accounts.refusal import Refusal
from audit.models import Entry
from tests.post import deliver
from tests.worlds import acting, appointed, person

REASON = "because the test says so"

#: Who may give what at once; what is asked for and approved is below.
GIVES = {
    ("owner", "administrator"),
    ("owner", "moderator"),
    ("owner", "auditor"),
    ("administrator", "moderator"),
}
ASKS = {("owner", "owner"), ("owner", "officer")}


@pytest.mark.parametrize("role", roles.TITLES)
@pytest.mark.parametrize("giver", [*roles.TITLES, "member", "guest", "bot"])
def test_every_giver_and_role(giver, role):
    fields = {"is_guest": giver == "guest", "kind": "bot" if giver == "bot" else "person"}
    by = appointed("alice", giver) if giver in roles.TITLES else person("alice", **fields)
    bob = person("bob")
    if (giver, role) in GIVES | ASKS:
        made = grants.grant(acting(by), bob, role, reason=REASON)
        assert isinstance(made, Approval if (giver, role) in ASKS else Grant)
        assert (role in rights.held(bob).roles) == ((giver, role) in GIVES)
    else:
        with pytest.raises(Refusal) as caught:
            grants.grant(acting(by), bob, role, reason=REASON)
        assert caught.value.code == "forbidden"
        assert not bob.grants.exists()
        assert not Approval.objects.filter(subject=bob).exists()


@pytest.mark.parametrize(
    ("held", "role"), [("moderator", "administrator"), ("owner", "owner"), ("administrator", "moderator")]
)
def test_nobody_gives_a_role_to_oneself(held, role):
    alice = appointed("alice", held)
    with pytest.raises(Refusal):
        grants.grant(acting(alice), alice, role, reason=REASON)


@pytest.mark.parametrize("held", roles.TITLES)
@pytest.mark.parametrize("role", roles.TITLES)
def test_duties_that_exclude_each_other_are_nobodys(held, role):
    """From the shell too, which may else do everything (a further officer comes by an owner's proposal)."""
    bob = appointed("bob", held)
    exclusive = [{"owner", "officer"}, {"administrator", "officer"}]
    exclusive += [{other, "auditor"} for other in ("owner", "administrator", "officer", "moderator")]
    is_refused = held == role or {held, role} in exclusive
    by = acting(appointed("alice", "owner")) if role == "officer" else actor.shell("test")
    if is_refused:
        with pytest.raises(Refusal):
            grants.grant(by, bob, role, reason=REASON)
        assert rights.held(bob).roles == {"member", held}
    else:
        made = grants.grant(by, bob, role, reason=REASON)
        assert isinstance(made, Approval if role == "officer" else Grant)


@pytest.mark.parametrize("change", [{"is_guest": True}, {"kind": "bot"}, {"is_active": False}])
def test_guests_bots_and_who_is_gone_hold_no_roles(change):
    bob = person("bob", **change)
    with pytest.raises(Refusal):
        grants.grant(actor.shell("test"), bob, "moderator")


@pytest.mark.parametrize("role", ["owner", "officer"])
def test_an_identity_provider_never_makes_owners_or_officers(role):
    owner = appointed("alice", "owner")
    provider = actor.Actor(owner, "provider", stepped_up_at=timezone.now())
    with pytest.raises(Refusal, match="provider"):
        grants.grant(provider, person("bob"), role, reason=REASON)
    assert isinstance(grants.grant(provider, person("bob"), "moderator"), Grant)


def test_an_officer_is_proposed_accepted_announced_and_in_the_role_a_day_later(post):
    owner, officer, bob = appointed("alice", "owner"), appointed("carol", "officer"), person("bob")
    asked = grants.grant(acting(owner), bob, "officer", reason=REASON)
    assert isinstance(asked, Approval)
    deeds.approve(acting(officer), asked, bytes(asked.digest))
    given = bob.grants.get()
    assert given.granted_by == owner
    assert timedelta(hours=23) < given.effective_at - timezone.now() <= timedelta(days=1)
    deliver()
    for told in (owner, officer, bob):
        (announced,) = post.to(told.email)
        assert f"@{bob.username}" in announced.get_content()
        assert REASON in announced.get_content()
    assert rights.held(bob).roles == {"member"}
    with pytest.raises(Refusal, match="together"):  # what is on its way excludes as well
        grants.grant(acting(owner), bob, "administrator")
    Grant.objects.filter(pk=given.pk).update(effective_at=timezone.now() - timedelta(seconds=1))
    assert rights.held(bob).roles == {"member", "officer"}
    verbs = Entry.objects.filter(target__in=[f"user:{bob.pk}", f"approval:{asked.pk}"]).values_list("verb", flat=True)
    assert set(verbs) == {"approval.ask", "approval.approve", "role.grant"}


def test_an_owner_is_made_by_two_owners():
    one, other, bob = appointed("alice", "owner"), appointed("carol", "owner"), person("bob")
    asked = grants.grant(acting(one), bob, "owner", reason=REASON)
    assert isinstance(asked, Approval)
    deeds.approve(acting(other), asked, bytes(asked.digest))
    assert "owner" in rights.held(bob).roles


def test_an_officer_cannot_change_roles():
    officer, bob = appointed("carol", "officer"), appointed("bob", "moderator")
    for role in roles.TITLES:
        with pytest.raises(Refusal):
            grants.grant(acting(officer), person("dave"), role, reason=REASON)
    with pytest.raises(Refusal):
        grants.end(acting(officer), bob.grants.get())


def test_giving_and_ending_a_role_want_a_step_up_and_no_token():
    owner, bob, dave = appointed("alice", "owner"), appointed("bob", "moderator"), person("dave")
    late = acting(owner, is_stepped_up=False)
    program = acting(owner, via="token", scopes=frozenset({"read", "write", "manage"}))
    for by, code in ((late, "step_up"), (program, "forbidden")):
        for deed in (lambda by=by: grants.grant(by, dave, "moderator"), lambda by=by: grants.end(by, bob.grants.get())):
            with pytest.raises(Refusal) as caught:
                deed()
            assert caught.value.code == code
    assert rights.held(bob).roles == {"member", "moderator"}
    assert rights.held(dave).roles == {"member"}


def test_one_may_lay_down_ones_own_role():
    bob = appointed("bob", "officer")
    grants.end(acting(bob), bob.grants.get())
    assert rights.held(bob).roles == {"member"}
    with pytest.raises(Refusal, match="already"):
        grants.end(acting(bob), Grant.objects.get(user=bob))


@pytest.mark.parametrize("is_going", [False, True])
def test_a_role_that_ends_is_on_the_trail_means_another_key_and_ends_no_other(is_going):
    owner, bob, carol = appointed("alice", "owner"), appointed("bob", "moderator"), appointed("carol", "moderator")
    before = timezone.now() - timedelta(days=1)
    old, held = Grant.objects.create(user=bob, role="auditor", ended_at=before), bob.grants.get(role="moderator")
    if is_going:
        grants.end_all(acting(owner), bob)
    else:
        grants.end(acting(owner), held)
    for row in (held, old, bob):
        row.refresh_from_db()
    assert (held.ended_by_id, old.ended_at, old.ended_by_id) == (owner.pk, before, None)
    assert "moderator" in rights.held(carol).roles
    assert bob.privileges_changed_at == pytest.approx(held.ended_at, abs=timedelta(minutes=1))
    (entry,) = Entry.objects.filter(target=f"user:{bob.pk}", verb="role.end")
    assert (entry.actor_id, entry.before) == (owner.pk, {"role": "moderator"})


def test_an_owner_who_is_shut_out_is_none():
    Grant.objects.filter(role="owner", ended_at=None).update(ended_at=timezone.now())
    grants.end_all(actor.shell("test"), person("bob"))  # where there is no owner nobody is the last
    alice = appointed("alice", "owner")
    appointed("carol", "owner", is_active=False)
    with pytest.raises(Refusal, match="last owner"):
        grants.end(acting(alice), alice.grants.get())


def test_the_last_owner_stays():
    """Whoever asks, by whichever door, and also when two leave at the same moment."""
    Grant.objects.filter(role="owner", ended_at=None).update(ended_at=timezone.now())
    alice, carol = appointed("alice", "owner"), appointed("carol", "owner")

    def lay_down(user: User) -> str:
        try:
            grants.end(acting(user), user.grants.get())
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "ended"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lay_down, [alice, carol])) == ["ended", "forbidden"]
    (last,) = Grant.objects.filter(role="owner", ended_at=None)
    for who in (acting(last.user), actor.shell("test")):
        with pytest.raises(Refusal, match="last owner"):
            grants.end(who, last)
        with pytest.raises(Refusal, match="last owner"):
            grants.end_all(who, last.user)


def test_a_role_of_ones_own_lets_one_do_its_verbs():
    owner, bob = appointed("alice", "owner"), person("bob")
    name = f"desk-{bob.pk}"
    made = roles.define(acting(owner), name, "Help desk", frozenset({"person.list", "session.end", "admin.open"}))
    grants.grant(acting(owner), bob, name)
    assert rights.held(bob).verbs >= {"person.list", "session.end"}
    assert not rights.allowed(acting(bob), "role.grant")
    with pytest.raises(Refusal, match="holds this role"):
        roles.remove(acting(owner), made)
    with pytest.raises(Refusal, match="none of your roles"):
        roles.remove(acting(appointed("mallory", "administrator")), made)
    with pytest.raises(Refusal):  # an administrator can't give administration, under whatever name
        grants.grant(acting(appointed("carol", "administrator")), person("dave"), name)
    with pytest.raises(Refusal, match="together"):
        grants.grant(actor.shell("test"), appointed("erin", "officer"), name)


@pytest.mark.parametrize(
    ("name", "chosen", "field"),
    [
        ("owner", {"person.list"}, "name"),
        ("member", {"person.list"}, "name"),
        ("empty", set(), "verbs"),
        ("unknown", {"person.impersonate"}, "verbs"),
        ("both", {"person.list", "record.search"}, "verbs"),
        ("watcher", {"trail.read", "role.grant"}, "verbs"),
        ("two words", {"person.list"}, "name"),
    ],
)
def test_a_role_that_cannot_be_is_refused_at_its_field(name, chosen, field):
    with pytest.raises(Refusal) as caught:
        roles.define(acting(appointed("alice", "owner")), name, "", frozenset(chosen))
    assert caught.value.field == field
    assert not Role.objects.filter(name=name).exists()


def test_a_role_of_ones_own_with_compliance_comes_by_the_officers_way():
    owner, bob = appointed("alice", "owner"), person("bob")
    name = f"clerk-{bob.pk}"
    roles.define(acting(owner), name, "Records clerk", frozenset({"record.search"}))
    asked = grants.grant(acting(owner), bob, name, reason=REASON)
    assert isinstance(asked, Approval)
    assert asked.verb == "officer.propose"
    assert VERBS[asked.verb].approved_by == "officer.accept"


def test_the_shell_makes_the_first_officer_only():
    Grant.objects.filter(role="officer", ended_at=None).update(ended_at=timezone.now())
    first, second = person("alice"), person("bob")
    call_command("grant", first.username, "officer", verbosity=0)
    with pytest.raises(CommandError, match="sits already"):
        call_command("grant", second.username, "officer")
    call_command("grant", first.username, "officer", "--end")
    assert not Grant.objects.filter(role="officer", ended_at=None).exists()
    entry = Entry.objects.filter(target=f"user:{first.pk}", verb="role.grant").get()
    assert entry.actor_id is None
    for wrong in (["nobody-at-all", "owner"], [second.username, "king"], [second.username, "owner", "--end"]):
        with pytest.raises(CommandError):
            call_command("grant", *wrong)


def test_a_superuser_is_an_owner_and_above_nothing():
    made = User.objects.create_superuser(username=f"root-{timezone.now().timestamp()}", email="root@example.org")
    assert rights.held(made).roles == {"member", "owner"}
    for flag in ("is_superuser", "is_staff"):  # as one might try in a shell
        setattr(made, flag, True)
    made.save()
    assert not rights.allowed(acting(made), "record.search")
    assert not rights.allowed(acting(made), "trail.read")


def test_a_grant_that_was_refused_leaves_nothing():
    owner, bob = appointed("alice", "owner"), appointed("bob", "moderator")
    before = Entry.objects.filter(target=f"user:{bob.pk}").count()
    with pytest.raises(Refusal):
        grants.grant(acting(owner), bob, "auditor")
    assert Entry.objects.filter(target=f"user:{bob.pk}").count() == before
    assert approvals.open_now().filter(subject=bob).count() == 0


def test_an_approved_role_is_the_one_that_was_asked_for_whatever_bears_its_name_now():
    owner, bob, officer = appointed("alice", "owner"), person("bob"), appointed("carol", "officer")
    name = f"clerk-{bob.pk}"
    small = roles.define(acting(owner), name, "Records clerk", frozenset({"record.search"}))
    asked = grants.grant(acting(owner), bob, name, reason=REASON)
    assert isinstance(asked, Approval)
    assert VERBS["record.search"].title in " ".join(map(str, request_words.of(asked)))
    roles.remove(acting(owner), small)
    roles.define(acting(owner), name, "Records clerk", frozenset({"record.search", "record.export", "hold.release"}))
    with pytest.raises(Refusal, match="ask for it anew"):
        deeds.approve(acting(officer), asked, bytes(asked.digest))
    assert not Grant.objects.filter(user=bob).exists()


def _somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def test_a_role_that_is_being_given_is_neither_deleted_nor_made_anew_under_its_name():
    owner, bob = appointed("alice", "owner"), person("bob")
    name = f"desk-{bob.pk}"
    made = roles.define(acting(owner), name, "Help desk", frozenset({"person.list"}))

    def remove_beside() -> str:
        try:
            roles.remove(acting(owner), made)
        except Refusal as refusal:
            return str(refusal.detail)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            grants.grant(acting(owner), bob, name)
            removing = beside.submit(remove_beside)
            while not removing.done() and not _somebody_waits_for_us():
                pass
        assert "holds this role" in removing.result(timeout=10)


def test_a_role_found_before_it_was_made_anew_is_not_given():
    owner, bob = appointed("alice", "owner"), person("bob")
    name = f"desk-{bob.pk}"
    made = roles.define(acting(owner), name, "Help desk", frozenset({"person.list"}))
    found = roles.find(name)
    roles.remove(acting(owner), made)
    for _nth in range(2):  # deleted, then made anew
        with pytest.raises(Refusal, match="a moment ago"), transaction.atomic():
            roles.hold(found)
        if not Role.objects.filter(name=name).exists():
            roles.define(acting(owner), name, "Help desk", frozenset({"record.export"}))
