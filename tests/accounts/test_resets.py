"""A forgotten password: who gets a link, what it opens, and how often."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import revocations, workspace
from accounts.mail import rate
from accounts.models import DeviceSession, MailedLink, Revocation, User
from audit import trail
from tests.post import deliver, link
from tests.worlds import PASSWORD, person

NEW = "seven quiet lanterns"


def _ask(email: str, **request: Any):
    return Client(**request).post("/reset/", {"email": email})


def _link(post, user: User) -> str:
    _ask(user.email)
    deliver()
    return link(post.to(user.email)[-1])


def test_a_link_lets_one_choose_another_and_signs_nobody_in(post):
    alice = person("alice", password=PASSWORD)
    elsewhere = Client()
    elsewhere.force_login(alice)
    elsewhere.get("/api/v1/me")
    path, client = _link(post, alice), Client()
    seen = Revocation.objects.count()
    page = client.get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    answer = client.post(path, {"password": NEW})
    assert "is changed" in answer.content.decode()
    assert client.get("/api/v1/me").status_code == 401
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert not DeviceSession.objects.filter(user=alice, ended_at=None).exists()
    assert Revocation.objects.filter(seq__gt=seen, kind="person", subject=str(alice.pk)).exists()
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    deliver()
    assert "was changed" in post.to(alice.email)[-1]["Subject"]
    entry = trail.readable({"account"}).filter(verb="password.change").latest("id")
    assert (entry.actor_id, entry.target, entry.after) == (alice.pk, f"user:{alice.pk}", {"method": "reset"})


def test_following_it_changes_nothing_and_it_is_good_once(post):
    alice = person("alice", password=PASSWORD)
    first, second = _link(post, alice), _link(post, alice)
    for method in ("get", "head", "options"):
        getattr(Client(), method)(first)
    assert Client().post(first, {"password": NEW}).status_code == 200
    for used in (first, second):
        again = Client().post(used, {"password": "another quiet lantern"})
        assert again.status_code == 404
        assert "used already" in again.content.decode()
    assert User.objects.get(pk=alice.pk).check_password(NEW)


def test_a_refused_password_leaves_it_good(post):
    alice = person("alice", password=PASSWORD)
    path = _link(post, alice)
    answer = Client().post(path, {"password": "password1234"})
    assert answer.status_code == 400
    assert 'aria-describedby="password-fault password-hint"' in answer.content.decode()
    assert Client().post(path, {"password": NEW}).status_code == 200


@pytest.mark.parametrize(
    "change", ["expired", "password changed", "address changed", "deactivated", "tampered", "of another kind"]
)
def test_it_is_void_once_what_it_rests_on_changed(post, change):
    alice = person("alice", password=PASSWORD)
    path = _link(post, alice)
    match change:
        case "expired":
            MailedLink.objects.filter(user=alice).update(expires_at=timezone.now() - timedelta(seconds=1))
        case "password changed":
            client = Client()
            client.force_login(alice)
            client.post("/settings/password/", {"old_password": PASSWORD, "password": "nine loud lanterns"})
        case "address changed":
            User.objects.filter(pk=alice.pk).update(email="other@example.org")
        case "deactivated":
            revocations.deactivate(alice)
        case "tampered":
            path = path[:-1] + ("a" if path[-1] != "a" else "b")
        case _:
            MailedLink.objects.filter(user=alice).update(purpose="verify")
    before = User.objects.get(pk=alice.pk).password
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"password": NEW}).status_code == 404
    assert User.objects.get(pk=alice.pk).password == before


def test_it_lasts_an_hour(post):
    alice = person("alice", password=PASSWORD)
    _link(post, alice)
    made = MailedLink.objects.get(user=alice)
    assert timedelta(minutes=59) < made.expires_at - made.created_at <= timedelta(hours=1, seconds=5)


@pytest.mark.parametrize("who", ["unknown", "imported", "deactivated", "unverified", "bot"])
def test_the_same_is_said_and_done_for_whoever_gets_none(post, who, monkeypatch):
    alice = person("alice", password=PASSWORD)
    match who:
        case "imported":
            User.objects.filter(pk=alice.pk).update(imported_at=timezone.now())
        case "deactivated":
            revocations.deactivate(alice)
        case "unverified":
            User.objects.filter(pk=alice.pk).update(email_verified_at=None)
        case "bot":
            User.objects.filter(pk=alice.pk).update(kind="bot")
        case _:
            alice = User(email="nobody@example.org")
    known = person("bob", password=PASSWORD)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *given: pytest.fail("hashed"))
    monkeypatch.setattr(workspace, "FRESH_S", 3600)  # however slow the machine is
    Client().get("/signin/")  # settings are read
    said = []
    for user in (known, alice):
        with CaptureQueriesContext(connection) as asked:
            answer = _ask(user.email)
        # settings are read anew every few seconds, whoever asks
        done = [query["sql"].split()[0] for query in asked.captured_queries if 'FROM "setting"' not in query["sql"]]
        assert done == ["BEGIN", "select", "INSERT", "COMMIT"], asked.captured_queries  # select: the lock for sealing
        said.append((answer.status_code, answer.content.decode().replace(user.email, "ADDRESS")))
    assert said[0] == said[1]
    assert deliver() == 3  # two that were asked for, and the mail to the one who gets it
    assert [mail["To"] for mail in post.mails] == [known.email]


def test_who_has_no_password_is_told_so(post):
    alice = person("alice")
    _ask(alice.email.upper())
    deliver()
    (mail,) = post.to(alice.email)
    assert "no password" in mail["Subject"]
    assert "/reset/" not in mail.get_content()


def test_what_is_no_address_is_said_at_the_field(post):
    answer = _ask("nobody")
    assert answer.status_code == 400
    assert 'id="email-fault" role="alert"' in answer.content.decode()
    for strange in ("", "a\x00@example.org", "a@b@c", "x" * 300 + "@example.org", "a\nb@example.org"):
        assert _ask(strange).status_code == 400
    assert deliver() == 0


def test_five_an_hour_to_an_address_whoever_it_is(settings):
    settings.IS_RATE_LIMITED = True
    for email in (person("alice").email, f"nobody-{timezone.now().timestamp()}@example.org"):
        told = [_ask(email, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(7)]
        assert told == [200] * 5 + [429] * 2


def test_twenty_an_hour_from_an_address(settings):
    settings.IS_RATE_LIMITED = True
    here = "198.51.100.7"
    told = [_ask(person("alice").email, REMOTE_ADDR=here).status_code for _ in range(21)]
    assert told == [200] * 20 + [429]
    assert _ask(person("alice").email, REMOTE_ADDR="198.51.100.8").status_code == 200


def test_the_count_ends_with_the_hour(settings):
    rate.count("hour@example.org", "192.0.2.99")
    counts = redis.from_url(settings.REDIS_URL)
    left = [counts.ttl(key) for key in counts.scan_iter("parley:1:mail:*")]
    assert left
    assert all(0 < seconds <= 3600 for seconds in left)


def test_links_of_a_foreign_host_are_made_by_nobody(post, settings):
    alice = person("alice", password=PASSWORD)
    assert _ask(alice.email, HTTP_HOST="evil.example").status_code == 400
    assert deliver() == 0
    settings.PUBLIC_URL = "https://chat.example.com"
    _ask(alice.email)
    deliver()
    assert "https://chat.example.com/reset/" in post.to(alice.email)[0].get_content()
    assert "testserver" not in post.to(alice.email)[0].get_content()
