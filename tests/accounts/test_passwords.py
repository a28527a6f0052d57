"""What a password must be, and changing one's own."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts import revocations
from accounts.access import common_passwords, passwords
from accounts.actor import Actor
from accounts.models import DeviceSession, Revocation, User
from accounts.refusal import Refusal
from audit import trail
from tests.post import deliver
from tests.worlds import PASSWORD, person

NEW = "seven quiet lanterns"


def _said(password: str, user: User) -> str:
    with pytest.raises(Refusal) as refused:
        passwords.check(password, user)
    assert refused.value.field == "password"
    return refused.value.detail


@pytest.mark.parametrize(
    "password",
    ["qwertyuiop", "QwertyUiop", "password1234", "Password2024!", "iloveyou12345", "michael1987", "1234567890"],
)
def test_common_ones_are_refused_in_any_case_and_with_digits_behind(password):
    assert "list of common" in _said(password, person("alice"))


@pytest.mark.parametrize(
    "password", [NEW, PASSWORD, "zu7-kola-brent", "ΑΒΓΔΕΖΗΘΙΚΛΜ", "          x         ", "x" * 1000]
)
def test_what_is_long_enough_needs_no_kinds_of_signs(password):
    passwords.check(password, person("alice"))


def test_too_short_and_too_long():
    alice = person("alice")
    assert "at least 10 characters: this has 9" in _said("kdzvupqxw", alice)
    passwords.check("kdzvupqxwo", alice)
    assert "at most 1000 bytes" in _said("é" * 501, alice)


@pytest.mark.parametrize(
    "password",
    ["Alice.Archer", "archeralice77", "alice-archer!!", "wonderland-x1", "Parley-alice1", "aliceATwonderland"],
)
def test_ones_own_name_is_refused(password):
    alice = person("x", username=f"alice{person('n').pk}", name="Alice Archer", email="alice@wonderland.example")
    assert "your name" in _said(password, alice)


def test_ones_own_name_among_other_words_is_nobodys_harm():
    passwords.check("alice keeps nine lanterns", person("x", name="Alice Archer"))


def test_the_list_holds_more_than_50_000_and_is_small():
    size = common_passwords._FILE.stat().st_size
    assert size // 4 > 50_000
    assert size < 1_000_000


@given(st.sets(st.text(max_size=20), max_size=50))
def test_a_packed_list_is_sorted_and_whole(words):
    packed = common_passwords.pack(word.lower() for word in words)
    table = common_passwords.unpack(packed)
    assert list(table) == sorted({common_passwords._hash(word.lower()) for word in words})


def test_changing_it_ends_other_sessions_and_tells_the_owner(post):
    alice = person("alice", password=PASSWORD)
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(alice)
        client.get("/api/v1/me")
    seen, key = Revocation.objects.count(), here.cookies["sessionid"].value
    answer = here.post("/settings/password/", {"old_password": PASSWORD, "password": NEW}, follow=True)
    assert "is changed" in answer.content.decode()
    assert here.get("/api/v1/me").status_code == 200
    assert here.cookies["sessionid"].value != key
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert DeviceSession.objects.filter(user=alice, ended_at=None).count() == 1
    assert Revocation.objects.filter(seq__gt=seen, kind="person", subject=str(alice.pk)).exists()
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert alice.password.startswith("argon2$argon2id$")
    deliver()
    (mail,) = post.to(alice.email)
    assert "was changed" in mail["Subject"]
    assert "127.0.0.1" in mail.get_content()
    assert NEW not in mail.get_content()
    entry = trail.readable({"account"}).filter(verb="password.change").latest("id")
    assert (entry.target, entry.after) == (f"user:{alice.pk}", {"method": "password"})


@pytest.mark.parametrize(
    ("old", "new", "status", "fault"),
    [
        ("wrong", NEW, 403, "old_password-fault"),
        ("", NEW, 403, "old_password-fault"),
        (PASSWORD, "short", 400, "password-fault"),
        (PASSWORD, PASSWORD, 400, "password-fault"),
    ],
)
def test_a_refused_change_changes_nothing(post, old, new, status, fault):
    alice = person("alice", password=PASSWORD)
    client = Client()
    client.force_login(alice)
    answer = client.post("/settings/password/", {"old_password": old, "password": new})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'id="{fault}" role="alert"' in page
    assert f'aria-describedby="{fault}' in page
    assert PASSWORD not in page
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    deliver()
    assert post.mails == []


def test_a_change_that_fails_half_way_is_undone(monkeypatch):
    alice = person("alice", password=PASSWORD)
    monkeypatch.setattr(revocations, "cut", lambda user: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        passwords.change(Actor(alice, "session"), PASSWORD, NEW)
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


@pytest.fixture
def hashed(monkeypatch) -> list[str]:
    """What is hashed, in its order."""
    done: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counted(self, password, *args, real=real):
            done.append(password)
            return real(self, password, *args)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    return done


@pytest.mark.parametrize(
    "who",
    [
        "known",
        "unknown",
        "imported",
        "imported with a password",
        "inactive",
        "passwordless",
        "unverified",
        "nul",
        "two",
    ],
)
def test_the_hasher_runs_once_whoever_signs_in(who, hashed):
    alice = person("alice", password=PASSWORD)
    name = alice.username
    match who:
        case "unknown":
            name = "nobody-of-this-name"
        case "imported":
            User.objects.filter(pk=alice.pk).update(imported_at=alice.created_at, password="!x")
        case "imported with a password":
            User.objects.filter(pk=alice.pk).update(imported_at=alice.created_at)
        case "inactive":
            revocations.deactivate(alice)
        case "passwordless":
            User.objects.filter(pk=alice.pk).update(password="!x")
        case "unverified":
            User.objects.filter(pk=alice.pk).update(email_verified_at=None)
            name = alice.email
        case "nul":
            name = "a\x00b"
        case "two":
            person("bob", email=alice.email, password=PASSWORD)
            name = alice.email
    hashed.clear()
    client = Client()
    answer = client.post("/signin/", {"username": name, "password": PASSWORD})
    assert answer.status_code == (302 if who == "known" else 401)
    assert len(hashed) == 1
