"""A lost device: two administrators, or the shell; and what neither of them gains by it."""

import secrets
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.authority import approvals, deeds
from accounts.factors import demand, owned, reset
from accounts.models import Approval, Grant, Passkey, Revocation, User
from accounts.refusal import Refusal
from audit.models import Entry
from tests.accounts.factors.doors import code, give_app, give_codes, is_in, member, password
from tests.post import deliver
from tests.worlds import acting, appointed, bearer, person

REASON = "the phone fell into the harbour"


@pytest.fixture
def carol() -> User:
    """Carol, who has lost her phone."""
    user = member("carol")
    give_app(user)
    give_codes(user)
    return user


def asked(by: User, about: User) -> Approval:
    return reset.ask(acting(by), about, REASON)


def approve(by: User, request: Approval) -> None:
    deeds.approve(acting(by), request, bytes(request.digest))


def refused(request: Approval, by: User, match: str) -> None:
    assert request.subject is not None
    with pytest.raises(Refusal, match=match):
        approve(by, request)
    assert owned.has_any(request.subject)


def test_a_second_administrator_approves_and_everything_is_gone(carol):
    alice, bob = appointed("alice", "administrator"), appointed("bob", "administrator")
    client = Client()
    password(client, carol)
    client.post("/signin/second/", {"code": code()})
    assert is_in(client)
    token = bearer(carol)
    Passkey.objects.create(
        user=carol, name="Key", credential_id=secrets.token_bytes(16), public_key=b"", user_handle=b"",
        relying_party="chat.example.org",
    )  # fmt: skip
    request = asked(alice, carol)
    assert owned.has_any(carol)
    approve(bob, request)
    assert owned.of(carol) == ([], [], 0)
    assert not is_in(client)
    assert Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/me").status_code == 401
    assert Revocation.objects.filter(kind="person", subject=str(carol.pk)).exists()
    verbs = list(Entry.objects.filter(target=f"user:{carol.pk}").order_by("pk").values_list("verb", flat=True))
    assert verbs[-5:] == ["factor.remove", "factor.remove", "factor.reset", "session.end", "token.revoke"]
    entry = Entry.objects.filter(target=f"user:{carol.pk}", verb="factor.reset").get()
    assert (entry.actor_id, entry.before) == (alice.pk, {"count": 2})


def test_who_asks_can_not_approve(carol):
    alice = appointed("alice", "administrator")
    refused(asked(alice, carol), alice, "yourself")


def test_whom_it_is_about_can_not_approve(carol):
    alice = appointed("alice", "owner")
    Grant.objects.create(user=carol, role="administrator", effective_at=timezone.now() - timedelta(days=2))
    refused(asked(alice, carol), carol, "about you")


def test_whom_the_requester_brought_in_or_appointed_can_not_approve(carol):
    alice = appointed("alice", "administrator")
    invited = appointed("bob", "administrator", invited_by=alice)
    refused(asked(alice, carol), invited, "invited you")
    made = person("bob")
    Grant.objects.create(
        user=made, role="administrator", granted_by=alice, effective_at=timezone.now() - timedelta(days=2)
    )
    refused(Approval.objects.latest("pk"), made, "gave you a role")


@pytest.mark.parametrize("role", ["moderator", "officer", "auditor"])
def test_others_neither_ask_nor_approve(carol, role):
    other = appointed("mallory", role)
    with pytest.raises(Refusal, match="none of your roles"):
        asked(other, carol)
    refused(asked(appointed("alice", "administrator"), carol), other, "none of your roles")


@pytest.mark.parametrize("role", ["owner", "administrator", "officer", "auditor"])
def test_administrators_reset_nobody_above_them(role):
    alice, above = appointed("alice", "administrator"), member("carol")
    give_app(above)
    granted = Grant.objects.create(user=above, role=role, effective_at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refusal, match="holds the role"):
        asked(alice, above)
    Grant.objects.filter(pk=granted.pk).update(ended_at=timezone.now())
    request = asked(alice, above)
    Grant.objects.filter(pk=granted.pk).update(ended_at=None)
    refused(request, appointed("bob", "administrator"), "holds the role")
    assert reset.ask(acting(appointed("dave", "owner")), above, REASON)


def test_both_have_to_have_stepped_up(carol):
    alice, bob = appointed("alice", "administrator"), appointed("bob", "administrator")
    with pytest.raises(Refusal) as stale:
        reset.ask(acting(alice, is_stepped_up=False), carol, REASON)
    assert stale.value.code == "step_up"
    request = asked(alice, carol)
    with pytest.raises(Refusal) as stale:
        deeds.approve(acting(bob, is_stepped_up=False), request, bytes(request.digest))
    assert stale.value.code == "step_up"
    assert owned.has_any(carol)


def test_ones_own_and_nobodys_are_not_asked_for(carol):
    alice = appointed("alice", "administrator")
    give_app(alice)
    with pytest.raises(Refusal, match="your own"):
        asked(alice, alice)
    with pytest.raises(Refusal, match="no second factor to reset"):
        asked(alice, member("bob"))
    assert not approvals.open_now().filter(requester=alice).exists()


def test_the_administrators_do_not_come_in_by_it(carol):
    alice, bob = appointed("alice", "administrator"), appointed("bob", "administrator")
    before = User.objects.get(pk=carol.pk).password
    approve(bob, asked(alice, carol))
    assert User.objects.get(pk=carol.pk).password == before
    for guess in ("", "password", alice.username):
        client = Client()
        client.post("/signin/", {"username": carol.username, "password": guess})
        assert not is_in(client)
    # and whom alice has reset is no second pair of eyes for her
    Grant.objects.create(user=carol, role="administrator", effective_at=timezone.now() - timedelta(days=2))
    dave = member("dave")
    give_app(dave)
    refused(asked(alice, dave), carol, "reset your account")


def test_the_grace_does_not_begin_anew(carol):
    Grant.objects.create(user=carol, role="auditor", effective_at=timezone.now() - timedelta(days=8))
    assert not demand.is_overdue(carol)
    approve(appointed("bob", "administrator"), asked(appointed("alice", "owner"), carol))
    assert demand.is_overdue(carol)
    client = Client()
    password(client, carol)
    assert client.get("/")["Location"] == "/settings/factors/"
    assert not is_in(client)


def test_from_the_shell(carol):
    said = StringIO()
    call_command("reset_factors", carol.username.upper(), stdout=said)
    assert said.getvalue() == f"1 factors of {carol.username.upper()} are removed, and all sessions are ended.\n"
    assert not owned.has_any(carol)
    entry = Entry.objects.filter(target=f"user:{carol.pk}", verb="factor.reset").get()
    assert entry.actor_id is None
    assert entry.origin["command"] == "manage.py reset_factors"
    assert Revocation.objects.filter(kind="person", subject=str(carol.pk)).exists()
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_factors", carol.username)
    with pytest.raises(CommandError, match="nobody with the username"):
        call_command("reset_factors", "nobody-at-all")


def test_the_person_is_told(carol, post):
    reset.now(acting(appointed("alice", "administrator")), carol)
    deliver()
    mail = post.to(carol.email)[-1]
    assert mail["Subject"] == "Your second factors in Parley were changed"
    words = mail.get_content()
    assert "all second factors" in words
    assert "password is the same as before" in words
    assert "203.0.113.7" not in words  # an administrator's address is nobody's business


def test_the_person_is_told_of_what_is_added_removed_and_used_up(post):
    alice = member("alice")
    device = give_app(alice, name="Phone & <b>co</b>")
    owned.remove(acting(alice), alice, "app", device.pk)
    give_app(alice)
    client = Client()
    password(client, alice)
    client.post("/signin/second/", {"code": give_codes(alice)[0]})
    deliver()
    added, removed, _again, used = (mail.get_content() for mail in post.to(alice.email))
    assert "“Phone & <b>co</b>”, was added" in added
    assert "203.0.113.7" in added
    assert "“Phone & <b>co</b>” was removed" in removed
    assert "9 are left" in used
