"""Shutting people out, letting them in again, closing accounts, and accounts that nobody uses."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import rights, workspace
from accounts.actor import shell
from accounts.authority import grants
from accounts.models import DeviceSession, Grant, Revocation, Setting, Token, User
from accounts.people import bots, dormancy, lifecycle, naming
from accounts.refusal import Refusal
from accounts.tasks import suspend_dormant
from audit.models import Entry
from tests.messaging.api.calls import Caller
from tests.worlds import PASSWORD, acting, appointed, bearer, person


def _entry(verb: str, user: User) -> Entry:
    (found,) = Entry.objects.filter(verb=verb, target=f"user:{user.pk}")
    return found


def _signed_in(user: User) -> Client:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = Client()
    assert client.post("/signin/", {"username": user.username, "password": PASSWORD}).status_code == 302
    return client


def test_a_suspended_person_is_out_at_once_and_comes_in_again_when_restored():
    admin, alice = appointed("admin", "administrator"), person("alice")
    client, token = _signed_in(alice), bearer(alice)
    lifecycle.suspend(acting(admin), alice, "left the laptop on a train")
    assert client.get("/api/v1/me").status_code == 401
    assert Caller(token=token).get("/me").status == 401
    assert not DeviceSession.objects.filter(user=alice, ended_at=None).exists()
    assert Revocation.objects.filter(kind="person", subject=str(alice.pk)).exists()
    assert _entry("person.suspend", alice).after == {"reason": "left the laptop on a train"}
    assert client.post("/signin/", {"username": alice.username, "password": PASSWORD}).status_code == 401
    with pytest.raises(Refusal, match="none of your roles"):
        lifecycle.restore(acting(person("mallory")), alice)
    lifecycle.restore(acting(admin), alice)
    assert Caller(token=token).get("/me").status == 200
    assert client.post("/signin/", {"username": alice.username, "password": PASSWORD}).status_code == 302
    assert _entry("person.restore", alice).actor_id == admin.pk


def test_a_deactivated_person_is_gone_for_good():
    admin, alice = appointed("admin", "administrator"), appointed("alice", "moderator")
    token = bearer(alice)
    client = _signed_in(alice)
    lifecycle.deactivate(acting(admin), alice)
    alice.refresh_from_db()
    assert client.get("/api/v1/me").status_code == 401
    assert not DeviceSession.objects.filter(user=alice, ended_at=None).exists()
    assert Revocation.objects.filter(kind="person", subject=str(alice.pk)).exists()
    assert _entry("person.deactivate", alice).actor_id == admin.pk
    assert (alice.is_active, alice.deactivated_at is not None) == (False, True)
    assert not Grant.objects.filter(user=alice, ended_at=None).exists()
    assert not Token.objects.filter(user=alice, revoked_at=None).exists()
    assert Caller(token=token).get("/me").status == 401
    for again in (lifecycle.deactivate, lifecycle.restore):
        with pytest.raises(Refusal):
            again(acting(admin), alice)


@pytest.mark.parametrize("deed", ["suspend", "deactivate"])
def test_who_may_not(deed):
    def do(by: User, user: User) -> None:
        if deed == "suspend":
            lifecycle.suspend(acting(by), user, "because")
        else:
            lifecycle.deactivate(acting(by), user)

    admin, owner, other = appointed("admin", "administrator"), appointed("owner", "owner"), appointed("other", "owner")
    alice = person("alice")
    for by, user in ((alice, admin), (admin, admin), (admin, owner), (owner, owner)):
        with pytest.raises(Refusal):
            do(by, user)
        user.refresh_from_db()
        assert user.is_active
    do(owner, other)


@pytest.mark.parametrize("role", ["administrator", "officer", "auditor"])
def test_deactivating_ends_no_role_that_is_not_ones_to_end(role):
    alice, above = appointed("alice", "administrator"), appointed("carol", role)
    with pytest.raises(Refusal, match=r"holds the role|Only an owner"):
        lifecycle.deactivate(acting(alice), above)
    above.refresh_from_db()
    assert above.is_active
    assert role in rights.held(above).roles
    lifecycle.deactivate(acting(appointed("olga", "owner")), above)
    lifecycle.deactivate(shell("tests"), appointed("dave", role))


@pytest.mark.parametrize("role", ["owner", "officer", "auditor"])
def test_administrators_shut_out_nobody_who_watches_over_them(role):
    alice, olga, above = appointed("alice", "administrator"), appointed("olga", "owner"), appointed("carol", role)
    with pytest.raises(Refusal, match="Only an owner"):
        lifecycle.suspend(acting(alice), above, "an emergency")
    lifecycle.suspend(acting(olga), above, "an emergency")
    with pytest.raises(Refusal, match="Only an owner"):
        lifecycle.restore(acting(alice), above)
    lifecycle.restore(acting(olga), above)
    peer = appointed("bob", "administrator")
    lifecycle.suspend(acting(alice), peer, "a stolen laptop")  # that can be undone


def test_two_accounts_with_one_address_are_never_both_open():
    admin, old = appointed("alice", "administrator"), person("carol")
    lifecycle.suspend(acting(admin), old, "on leave")
    new = person("carol", email=old.email)
    assert naming.find(old.email) == new
    with pytest.raises(Refusal, match="with this address"):
        lifecycle.restore(acting(admin), old)
    lifecycle.deactivate(acting(admin), new)
    lifecycle.restore(acting(admin), old)
    assert naming.find(old.email) == old


def test_a_reason_is_wanted_and_a_session_for_deactivation_that_stepped_up():
    admin, alice = appointed("admin", "administrator"), person("alice")
    with pytest.raises(Refusal) as refused:
        lifecycle.suspend(acting(admin), alice, "  ")
    assert refused.value.field == "reason"
    with pytest.raises(Refusal) as refused:
        lifecycle.deactivate(acting(admin, is_stepped_up=False), alice)
    assert refused.value.code == "step_up"


@pytest.fixture
def _ninety_days():
    Setting.objects.update_or_create(name="dormant_days", defaults={"value": 90})
    workspace.forget()
    yield
    Setting.objects.filter(name="dormant_days").delete()
    workspace.forget()


@pytest.mark.usefixtures("_ninety_days")
def test_who_was_not_here_for_so_long_is_suspended():
    long_ago, recently = timezone.now() - timedelta(days=91), timezone.now() - timedelta(days=89)
    seen, gone, never, new = person("seen"), person("gone"), person("never"), person("new")
    imported, bot = person("imported", imported_at=long_ago), person("bot", kind="bot")
    for user, at in ((seen, recently), (gone, long_ago), (imported, None), (bot, long_ago), (never, None), (new, None)):
        User.objects.filter(pk=user.pk).update(last_active_at=at)
    User.objects.filter(pk__in=(never.pk, imported.pk)).update(created_at=long_ago)
    suspended = dormancy.suspend_dormant()
    assert {gone.pk, never.pk} <= set(suspended)
    assert not {seen.pk, new.pk, imported.pk, bot.pk} & set(suspended)
    entry = _entry("person.suspend", gone)
    assert (entry.actor_id, entry.origin["via"]) == (None, "system")
    assert dormancy.suspend_dormant() == []
    assert not User.objects.filter(pk__in=(gone.pk, never.pk), is_active=True).exists()


@pytest.mark.usefixtures("_ninety_days")
def test_never_the_last_owner():
    for grant in Grant.objects.filter(role="owner", ended_at=None):
        Grant.objects.filter(pk=grant.pk).update(ended_at=timezone.now())
    owner = person("owner")
    grants.grant(shell("tests"), owner, "owner")
    User.objects.filter(pk=owner.pk).update(last_active_at=timezone.now() - timedelta(days=400))
    suspend_dormant()
    owner.refresh_from_db()
    assert owner.is_active


def test_nobody_where_it_is_turned_off():
    gone = person("gone")
    User.objects.filter(pk=gone.pk).update(last_active_at=timezone.now() - timedelta(days=4000))
    Setting.objects.update_or_create(name="dormant_days", defaults={"value": 0})
    workspace.forget()
    try:
        assert dormancy.suspend_dormant() == []
    finally:
        Setting.objects.filter(name="dormant_days").delete()
        workspace.forget()
    lifecycle.suspend(shell("tests"), gone, "so that no other test meets this one")


def test_use_by_a_token_counts():
    alice = person("alice")
    assert Caller(alice).get("/me").status == 200
    alice.refresh_from_db()
    assert alice.last_active_at is not None
    assert Token.objects.get(user=alice).last_used_at is not None


def test_a_bot_is_no_way_for_a_person():
    admin, alice = appointed("admin", "administrator"), person("alice")
    with pytest.raises(Refusal):
        bots.deactivate(acting(admin), alice)
    with pytest.raises(Refusal):
        bots.new_token(acting(admin), alice, name="x", scopes=["read"])
