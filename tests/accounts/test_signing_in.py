"""Signing in and out, by Django's own views over the whole stack."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Revocation, User
from accounts.revocations import deactivate, session_subject
from audit import trail
from audit.models import Entry
from tests.worlds import PASSWORD, person


def _alice(**fields: object) -> User:
    return person("alice", password=PASSWORD, **fields)


def _signin(client: Client, username: str, password: str = PASSWORD, **fields: str):
    return client.post("/signin/", {"username": username, "password": password, **fields})


@pytest.mark.parametrize("spelt", ["username", "USERNAME", "email", "EMAIL", " padded "])
def test_by_username_or_verified_address_in_any_case(spelt):
    alice = _alice()
    given = {
        "username": alice.username,
        "USERNAME": alice.username.upper(),
        "email": alice.email,
        "EMAIL": alice.email.upper(),
        " padded ": f"  {alice.username} ",
    }[spelt]
    client = Client()
    answer = _signin(client, given)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/api/v1/me").json()["id"] == alice.pk


@pytest.mark.parametrize("wrong", ["correct horse battery stapl", "", PASSWORD.upper(), f" {PASSWORD}"])
def test_a_wrong_password_shows_the_form_again_with_what_is_wrong(wrong):
    alice = _alice()
    client = Client()
    answer = _signin(client, alice.username, wrong)
    page = answer.content.decode()
    assert answer.status_code == 401
    assert 'role="alert"' in page
    assert alice.username in page
    assert PASSWORD not in page
    assert client.get("/api/v1/me").status_code == 401


def test_the_same_is_said_to_somebody_unknown():
    alice, nobody = _alice(), "nobody-of-this-name"
    known, unknown = (_signin(Client(), name, "wrong") for name in (alice.username, nobody))
    assert known.status_code == unknown.status_code == 401

    def said(answer, name: str) -> str:
        text: str = answer.content.decode().replace(name, "NAME")
        token = answer.context["csrf_token"]
        return text.replace(str(token), "TOKEN")

    assert said(known, alice.username) == said(unknown, nobody)


@pytest.mark.parametrize("state", ["no password", "deactivated", "imported", "unverified address"])
def test_who_can_not_sign_in(state):
    match state:
        case "no password":
            user = person("alice")
        case "deactivated":
            user = _alice()
            deactivate(user)
        case "imported":
            user = person("alice", imported_at=timezone.now())
        case _:
            user = _alice()
            User.objects.filter(pk=user.pk).update(email_verified_at=None)
    name = user.email if state == "unverified address" else user.username
    assert _signin(Client(), name).status_code == 401
    assert _signin(Client(), name, "").status_code == 401


def test_an_address_that_two_have_signs_in_neither():
    alice = _alice()
    person("bob", email=alice.email.upper(), password=PASSWORD)
    assert _signin(Client(), alice.email).status_code == 401
    assert _signin(Client(), alice.username).status_code == 302


def test_an_address_that_is_somebodys_username_belongs_to_the_username():
    # a username can't hold an @, so that no name can stand for another's address
    with pytest.raises(Exception, match="username"):
        person("x", username="bob@example.org")


@pytest.mark.parametrize("own", ["/c/12", "/c/12/345", "/", "http://testserver/c/12"])
def test_it_goes_on_to_the_page_that_was_asked_for(own):
    alice = _alice()
    assert _signin(Client(), alice.username, next=own)["Location"] == own


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "https://testserver.evil.example/",
        "https://testserver@evil.example/",
        "\thttps://evil.example",
        "http:///evil.example",
    ],
)
def test_it_goes_to_no_page_of_others(foreign):
    client = Client()
    assert client.get("/signin/", {"next": foreign}).context["next"] == "/"
    client.force_login(person("alice"))
    assert client.get("/signin/", {"next": foreign})["Location"] == "/"


def test_a_form_that_was_tampered_with_goes_to_no_page_of_others():
    alice = _alice()
    assert _signin(Client(), alice.username, next="https://evil.example/")["Location"] == "/"


def test_the_form_needs_its_token():
    alice = _alice()
    client = Client(enforce_csrf_checks=True)
    assert _signin(client, alice.username).status_code == 403
    page = client.get("/signin/")
    token = page.cookies["csrftoken"].value
    assert _signin(client, alice.username, csrfmiddlewaretoken=token).status_code == 302


def test_signing_out_ends_the_session_and_is_in_the_log_of_revocations():
    alice = _alice()
    client = Client()
    _signin(client, alice.username)
    key = client.cookies["sessionid"].value
    assert client.get("/signout/").status_code == 405
    assert client.get("/api/v1/me").status_code == 200
    answer = client.post("/signout/")
    assert (answer.status_code, answer["Location"]) == (302, "/signin/")
    assert client.get("/api/v1/me").status_code == 401
    assert not Session.objects.filter(session_key=key).exists()
    assert Revocation.objects.filter(kind="session", subject=session_subject(key)).exists()
    # who took the cookie along is out as well
    thief = Client()
    thief.cookies["sessionid"] = key
    assert thief.get("/api/v1/me").status_code == 401


def test_signing_in_gives_a_session_of_its_own():
    alice, bob = _alice(), person("bob", password=PASSWORD)
    client = Client()
    _signin(client, alice.username)
    first = client.cookies["sessionid"].value
    _signin(client, bob.username)
    assert client.cookies["sessionid"].value != first
    assert client.get("/api/v1/me").json()["id"] == bob.pk
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_without_signing_in_the_client_leads_to_the_form_and_back():
    answer = Client().get("/c/12")
    assert answer.status_code == 302
    assert answer["Location"] == "/signin/?next=/c/12"


def test_signing_in_is_on_the_trail_with_its_door_and_session():
    alice = _alice()
    client = Client(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Browser/1")
    _signin(client, alice.username, "wrong")
    _signin(client, alice.username)
    (entry,) = (e for e in trail.readable({"account"}) if e.verb == "session.open" and e.target == f"user:{alice.pk}")
    assert entry.after == {"method": "password"}
    subject = session_subject(client.cookies["sessionid"].value)
    assert entry.origin == {
        "via": "session",
        "address": "192.0.2.7",
        "device": "Browser/1",
        "credential": f"session:{subject[:16]}",
    }


def test_wrong_passwords_are_on_the_trail_once_a_minute_and_somebodys_are_as_much_work_as_nobodys():
    alice = person("alice", password=PASSWORD)
    client = Client()

    def statements(username: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.post("/signin/", {"username": username, "password": "wrong"}).status_code == 401
        return len(captured)

    first, second = statements(alice.username), statements(alice.username)
    entry = Entry.objects.get(target=f"user:{alice.pk}", verb="session.refuse")
    assert (entry.actor_id, entry.after) == (None, {"factor": "password", "outcome": "wrong"})
    nobodys = [statements(f"nobody-{alice.pk}"), statements(f"nobody-{alice.pk}")]
    assert second == nobodys[1]
    assert nobodys[0] in (first, second)  # an earlier test may have put nobody's on the trail in this minute
    assert Entry.objects.filter(target="session", verb="session.refuse").exists()
