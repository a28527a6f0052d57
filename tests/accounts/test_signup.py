"""Signing up oneself, where a domain is allowed."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import workspace
from accounts.actor import Actor, shell
from accounts.models import MailedLink, User
from accounts.people import signup
from accounts.people.arrival import Details
from accounts.refusal import Refusal
from audit import trail
from tests.post import deliver, link
from tests.worlds import PASSWORD, person

NEW = "seven quiet lanterns"


@pytest.fixture
def _allowed():
    workspace.change(shell("test"), {"signup_domains": ["Example.com", "xn--bcher-kva.example"]})
    yield
    workspace.change(shell("test"), {"signup_domains": []})


allowed = pytest.mark.usefixtures("_allowed")


def _ask(email: str):
    return Client().post("/signup/", {"email": email})


def _email() -> str:
    return f"new-{timezone.now().timestamp()}@example.com"


def _link(post, email: str) -> str:
    assert _ask(email).status_code == 200
    deliver()
    return link(post.to(email)[-1])


def test_where_no_domain_is_allowed_there_is_no_such_page():
    assert Client().get("/signup/").status_code == 404
    assert _ask("a@example.com").status_code == 404
    assert "/signup/" not in Client().get("/signin/").content.decode()


@allowed
def test_whoever_proves_an_address_joins_as_a_member(post):
    assert "/signup/" in Client().get("/signin/").content.decode()
    email = _email()
    path, client = _link(post, email), Client()
    assert email in client.get(path).content.decode()
    username = f"new{timezone.now().timestamp()}"
    answer = client.post(path, {"username": username, "name": "New One", "password": NEW})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    made = User.objects.get(email=email)
    assert client.get("/api/v1/me").json()["id"] == made.pk
    assert made.email_verified_at
    assert (made.username, made.name, made.is_factor_exempt, made.is_guest, made.invited_by) == (
        username,
        "New One",
        False,
        False,
        None,
    )
    entry = trail.readable({"administration"}).filter(verb="person.sign_up").latest("id")
    assert entry.target == f"user:{made.pk}"
    opened = trail.readable({"account"}).filter(verb="session.open").latest("id")
    assert opened.after == {"method": "signup"}
    assert Client().get(path).status_code == 404


@allowed
@pytest.mark.parametrize("email", ["A.b@EXAMPLE.com", "a@bücher.example", "a@BÜCHER.example"])
def test_domains_in_any_case_and_script(post, email):
    assert _ask(email).status_code == 200
    deliver()
    assert len(post.mails) == 1


@allowed
@pytest.mark.parametrize(
    "email", ["a@sub.example.com", "a@notexample.com", "a@example.com.evil.example", "a@example.org", "a@xn--p1ai.com"]
)
def test_others_are_told_so_at_the_field(email):
    answer = _ask(email)
    assert answer.status_code == 403
    assert "Only addresses at" in answer.content.decode()
    assert 'id="email-fault"' in answer.content.decode()
    assert deliver() == 0


@allowed
@pytest.mark.parametrize("who", ["member", "imported", "deactivated"])
def test_the_same_is_said_to_whoever_is_known(post, who):
    alice = person("alice", password=PASSWORD)
    email = f"{alice.username}@example.com"
    states: dict[str, dict[str, Any]] = {
        "imported": {"imported_at": timezone.now()},
        "deactivated": {"is_active": False},
    }
    User.objects.filter(pk=alice.pk).update(email=email, **states.get(who, {}))
    unknown = _email()
    said = [_ask(each).content.decode().replace(each, "ADDRESS") for each in (email, unknown)]
    assert said[0] == said[1]
    deliver()
    mails = post.to(email)
    assert len(post.to(unknown)) == 1
    assert [mail["Subject"] for mail in mails] == (["You have an account in Parley"] if who == "member" else [])
    assert not MailedLink.objects.filter(email=email).exists()


@allowed
def test_a_domain_that_is_not_allowed_any_more_opens_nothing(post):
    path = _link(post, _email())
    workspace.change(shell("test"), {"signup_domains": ["example.net"]})
    for answer in (Client().get(path), Client().post(path, {"username": "x", "name": "X", "password": NEW})):
        assert answer.status_code == 403


@allowed
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "two words"),
        ("username", ""),
        ("username", "a\x00b"),
        ("username", "TAKEN"),
        ("name", " "),
        ("name", "x" * 129),
        ("password", "password1234"),
        ("password", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(post, field, value):
    email = _email()
    path = _link(post, email)
    fields = {"username": f"u{timezone.now().timestamp()}", "name": "New <One>", "password": NEW}
    answer = Client().post(path, fields | {field: person("bob").username.upper() if value == "TAKEN" else value})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'id="{field}-fault" role="alert"' in page
    assert page.count("autofocus") == 1
    assert NEW not in page
    if field != "name":
        assert 'value="New &lt;One&gt;"' in page
    assert not User.objects.filter(email=email).exists()
    assert Client().post(path, fields).status_code == 302


@allowed
def test_two_links_make_one_account(post):
    email = _email()
    one, other = _link(post, email), _link(post, email)
    assert (
        Client().post(one, {"username": f"a{email[:20]}".replace("@", ""), "name": "A", "password": NEW}).status_code
        == 302
    )
    answer = Client().post(other, {"username": f"b{email[:20]}".replace("@", ""), "name": "B", "password": NEW})
    assert answer.status_code == 400
    assert "account with this address" in answer.content.decode()
    assert User.objects.filter(email=email).count() == 1


@allowed
def test_two_links_followed_at_once_make_one_account(post):
    email = _email()
    paths, told, together = [_link(post, email), _link(post, email)], [], threading.Barrier(2)

    def come(n: int) -> None:
        together.wait()
        details = {"username": f"{'ab'[n]}{email[:20]}".replace("@", ""), "name": "A", "password": NEW}
        told.append(Client().post(paths[n], details).status_code)
        connection.close()

    threads = [threading.Thread(target=come, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [302, 400]
    assert User.objects.filter(email=email).count() == 1


@allowed
def test_a_link_opens_nothing_once_its_domain_is_allowed_no_more(post):
    email = _email()
    path, client = _link(post, email), Client()
    fields = {"username": f"late{timezone.now().timestamp()}", "name": "Late", "password": NEW}
    workspace.change(shell("test"), {"signup_domains": ["elsewhere.example"]})
    assert client.post(path, fields).status_code in (403, 404)
    with pytest.raises(Refusal):  # also where the page was let pass a moment before
        signup.sign_up(Actor(None, "session"), path.rpartition("/")[2], Details(*fields.values()))
    assert not User.objects.filter(email=email).exists()
