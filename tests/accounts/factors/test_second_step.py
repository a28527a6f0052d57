"""Signing in with a second factor: nobody is in before it is shown, and nobody goes on guessing."""

import time

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuthenticatorApp, DeviceSession, RecoveryCodes, Revocation, User
from accounts.revocations import session_subject
from audit.models import Entry
from tests.accounts.factors.doors import (
    code,
    give_app,
    give_codes,
    is_in,
    is_verified,
    member,
    password,
    with_key,
    wrong_code,
)


def rested(user: User) -> None:
    """Let the wait after wrong codes be over."""
    for model in (AuthenticatorApp, RecoveryCodes):
        model.objects.filter(user=user).update(throttling_failure_timestamp=None)


def trail_of(user: User, verb: str) -> list[Entry]:
    return list(Entry.objects.filter(target=f"user:{user.pk}", verb=verb).order_by("pk"))


def test_the_password_alone_lets_nobody_in():
    alice = member("alice")
    give_app(alice)
    client = Client()
    answer = password(client, alice, next="/c/12")
    assert (answer.status_code, answer["Location"]) == (302, "/signin/second/")
    assert not is_in(client)
    assert client.get("/")["Location"].startswith("/signin/")
    assert not trail_of(alice, "session.open")
    page = client.get("/signin/second/")
    assert page.status_code == 200
    assert alice.email not in page.content.decode()


def test_a_code_lets_in_leads_on_and_marks_the_session():
    alice = member("alice")
    device = give_app(alice)
    client = Client()
    password(client, alice, next="/c/12")
    before = client.session.session_key
    answer = client.post("/signin/second/", {"code": code()})
    assert (answer.status_code, answer["Location"]) == (302, "/c/12")
    assert is_in(client)
    assert client.session.session_key != before
    assert client.session["otp_device_id"] == device.persistent_id
    assert is_verified(client)
    assert client.session["stepped_up_at"]
    (entry,) = trail_of(alice, "session.open")
    assert entry.after == {"method": "password", "factor": "app"}
    # and the step is over
    assert client.get("/signin/second/")["Location"] == "/signin/"


def test_without_a_factor_nothing_is_asked():
    alice = member("alice")
    client = Client()
    assert password(client, alice, next="/c/12")["Location"] == "/c/12"
    assert is_in(client)
    assert not is_verified(client)


def test_nobody_comes_to_the_second_step_without_the_first():
    alice = member("alice")
    give_app(alice)
    for client in (Client(), _wrong_password(alice)):
        assert client.get("/signin/second/")["Location"] == "/signin/"
        assert client.post("/signin/second/", {"code": code()})["Location"] == "/signin/"
        assert not is_in(client)


def _wrong_password(user: User) -> Client:
    client = Client()
    assert client.post("/signin/", {"username": user.username, "password": "wrong"}).status_code == 401
    return client


def test_a_wrong_code_is_said_and_after_five_the_password_is_asked_again():
    alice = member("alice")
    give_app(alice)
    client = Client()
    password(client, alice)
    for _ in range(4):
        answer = client.post("/signin/second/", {"code": wrong_code()})
        assert answer.status_code == 401
        assert "not the code of now" in answer.content.decode()
        rested(alice)
    last = client.post("/signin/second/", {"code": wrong_code()})
    assert last.status_code == 403
    assert "Too many wrong answers" in last.content.decode()
    rested(alice)
    assert client.post("/signin/second/", {"code": code()})["Location"] == "/signin/"
    assert not is_in(client)


def test_wrong_codes_count_across_sessions():
    alice = member("alice")
    give_app(alice)
    thief, other = Client(), Client()
    password(thief, alice)
    password(other, alice)
    thief.post("/signin/second/", {"code": wrong_code()})
    AuthenticatorApp.objects.filter(user=alice).update(
        throttling_failure_count=7, throttling_failure_timestamp=timezone.now()
    )
    answer = other.post("/signin/second/", {"code": code()})
    assert answer.status_code == 429
    assert "Wait" in answer.content.decode()
    assert not is_in(other)


def test_wrong_codes_are_on_the_trail_once_a_minute():
    alice, bob = member("alice"), member("bob")
    for user in (alice, bob):
        give_app(user)
        client = Client()
        password(client, user)
        for _ in range(3):
            client.post("/signin/second/", {"code": wrong_code()})
            rested(user)
        (entry,) = trail_of(user, "session.refuse")
        assert entry.actor_id is None
        assert entry.after == {"factor": "code", "outcome": "wrong"}
        assert entry.origin["address"] == "127.0.0.1"


def test_it_is_due_within_five_minutes(monkeypatch):
    alice = member("alice")
    give_app(alice)
    client = Client()
    password(client, alice)
    assert client.session.get_expiry_age() <= 600
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert client.post("/signin/second/", {"code": code()})["Location"] == "/signin/"
    monkeypatch.undo()
    assert client.post("/signin/second/", {"code": code()})["Location"] == "/signin/"  # it is forgotten for good
    assert not is_in(client)


@pytest.mark.parametrize("change", ["password", "suspended"])
def test_what_changed_meanwhile_counts(change):
    alice = member("alice")
    give_app(alice)
    client = Client()
    password(client, alice)
    if change == "password":
        alice.set_password("quite another long one")
    alice.is_active = change != "suspended"
    alice.save()
    assert client.post("/signin/second/", {"code": code()})["Location"] == "/signin/"
    assert not is_in(client)


def test_another_persons_code_lets_nobody_in():
    alice, mallory = member("alice"), member("mallory")
    give_app(alice)
    give_app(mallory, b"a secret of mallory's")
    client = Client()
    password(client, alice)
    assert client.post("/signin/second/", {"code": code(b"a secret of mallory's")}).status_code == 401
    assert not is_in(client)


def test_signing_in_as_somebody_else_ends_the_session_that_was():
    alice, bob = member("alice"), member("bob")
    give_app(alice)
    client = Client()
    password(client, bob)
    before = client.session.session_key
    assert is_in(client)
    password(client, alice)
    assert not is_in(client)
    thief = with_key(before)
    assert not is_in(thief)
    assert DeviceSession.objects.get(subject=session_subject(str(before))).ended_by_id == bob.pk
    assert Revocation.objects.filter(kind="session", subject=session_subject(str(before))).exists()


def test_a_session_key_from_before_the_password_is_worth_nothing():
    alice = member("alice")
    give_app(alice)
    client = Client()
    session = client.session  # planted in the victim's browser
    session["anything"] = 1
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    planted = session.session_key
    password(client, alice)
    thief = with_key(planted)
    assert thief.get("/signin/second/")["Location"] == "/signin/"


def test_a_recovery_code_lets_in_once():
    alice = member("alice")
    give_app(alice)
    made = give_codes(alice)
    client = Client()
    password(client, alice, next="/c/12")
    assert client.post("/signin/second/", {"code": made[0]})["Location"] == "/c/12"
    assert is_in(client)
    assert is_verified(client)
    (entry,) = trail_of(alice, "factor.use_recovery")
    assert (entry.actor_id, entry.after) == (alice.pk, {"factor": "recovery", "count": 9})
    again = Client()
    password(again, alice)
    assert again.post("/signin/second/", {"code": made[0]}).status_code == 401
    assert not is_in(again)


def test_when_few_are_left_one_is_led_to_make_new_ones():
    alice = member("alice")
    give_app(alice)
    made = give_codes(alice)
    kept = RecoveryCodes.objects.get(user=alice)
    RecoveryCodes.objects.filter(user=alice).update(digests=[kept.digest(made[n].replace("-", "")) for n in range(4)])
    client = Client()
    password(client, alice, next="/c/12")
    assert client.post("/signin/second/", {"code": made[0]})["Location"] == "/settings/factors/"
    assert "Only 3 recovery codes are left" in client.get("/settings/factors/").content.decode()


def test_the_form_needs_its_token():
    alice = member("alice")
    give_app(alice)
    client = Client(enforce_csrf_checks=True)
    token = client.get("/signin/").cookies["csrftoken"].value
    password(client, alice, csrfmiddlewaretoken=token)
    assert client.post("/signin/second/", {"code": code()}).status_code == 403
    assert not is_in(client)
