"""Showing again that it is you: before what counts, for ten minutes, in this session alone."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import actor, clock
from accounts.access import passwords
from accounts.access.refusal_pages import RefusalPages
from accounts.models import AuthenticatorApp
from accounts.refusal import Refusal
from audit.models import Entry
from messaging.api import problems
from tests.accounts.factors.doors import browser, code, give_app, give_codes, is_in, member, password, wrong_code
from tests.worlds import PASSWORD, acting

ADD = "/settings/factors/app/"


def stale(client: Client) -> Client:
    """Let what was shown have been shown eleven minutes ago."""
    session = client.session
    at, boot, running_s = clock.mark()
    session["stepped_up_at"] = at - 660, boot, running_s - 660
    session.save()
    return client


def test_a_page_that_wants_it_leads_there_and_back():
    alice = member("alice")
    client = stale(browser(alice))
    answer = client.get(ADD)
    assert (answer.status_code, answer["Location"]) == (302, "/stepup/?next=%2Fsettings%2Ffactors%2Fapp%2F")
    page = client.get(answer["Location"])
    assert "Password" in page.content.decode()
    shown = client.post("/stepup/", {"password": PASSWORD, "next": page.context["next"]})
    assert (shown.status_code, shown["Location"]) == (302, ADD)
    entry = Entry.objects.filter(verb="session.step_up", target=f"user:{alice.pk}").latest("pk")
    assert (entry.actor_id, entry.after) == (alice.pk, {"method": "password"})


def test_a_form_is_to_be_sent_again():
    alice = member("alice")
    client = stale(browser(alice))
    answer = client.post(ADD, headers={"Referer": "http://testserver/settings/factors/?a=b"})
    assert answer["Location"] == "/stepup/?next=%2Fsettings%2Ffactors%2F%3Fa%3Db&again=1"
    assert not AuthenticatorApp.objects.filter(user=alice).exists()
    page = client.get(answer["Location"]).content.decode()
    assert "was not done yet" in page
    shown = client.post("/stepup/", {"password": PASSWORD, "next": "/settings/factors/", "again": "1"}, follow=True)
    assert "Now do it again" in shown.content.decode()


@pytest.mark.parametrize("referer", ["https://evil.example/settings/", "", "javascript:alert(1)", "//evil.example/"])
def test_a_foreign_page_is_not_led_back_to(referer):
    client = stale(browser(member("alice")))
    assert client.post(ADD, headers={"Referer": referer})["Location"] == "/stepup/?next=%2F&again=1"
    shown = client.post("/stepup/", {"password": PASSWORD, "next": "https://evil.example/"})
    assert shown["Location"] == "/"


def test_who_has_an_app_shows_a_code_and_no_password_will_do():
    alice = member("alice")
    client = stale(browser(alice))
    give_app(alice)
    made = give_codes(alice)
    assert b'name="password"' not in client.get("/stepup/").content
    before = client.session.session_key
    for given in ({"password": PASSWORD}, {"code": made[0]}):
        assert client.post("/stepup/", given).status_code == 400
        assert client.get(ADD).status_code == 302
    assert client.post("/stepup/", {"code": code(), "next": ADD})["Location"] == ADD
    assert client.session.session_key == before
    assert actor.of_request(client.get("/settings/factors/").wsgi_request).has_stepped_up


def test_it_counts_in_this_session_alone():
    alice = member("alice")
    here, there = stale(browser(alice)), stale(browser(alice))
    here.post("/stepup/", {"password": PASSWORD})
    assert here.post(ADD)["Location"] == ADD
    assert there.post(ADD)["Location"].startswith("/stepup/")


def test_who_keeps_guessing_is_signed_out():
    alice = member("alice")
    client = stale(browser(alice))
    key = client.session.session_key
    for _ in range(4):
        assert client.post("/stepup/", {"password": "wrong"}).status_code == 401
    assert client.post("/stepup/", {"password": "wrong"})["Location"] == "/signin/"
    assert not is_in(client)
    assert not Session.objects.filter(session_key=key).exists()
    assert Entry.objects.filter(verb="session.refuse", target=f"user:{alice.pk}").count() == 1


def test_the_right_one_lets_the_wrong_ones_before_it_be_forgotten():
    client = stale(browser(member("alice")))
    for given in ("wrong", PASSWORD, "wrong"):
        for _ in range(4):
            client.post("/stepup/", {"password": given})
    assert is_in(client)


def test_who_has_to_wait_after_wrong_passwords_is_told_so_and_not_signed_out():
    alice = member("alice")
    client = stale(browser(alice))
    for _ in range(6):  # elsewhere, from the same address
        Client().post("/signin/", {"username": alice.username, "password": "wrong"})
    AccessAttempt.objects.update(attempt_time=timezone.now() + timedelta(seconds=30))
    answer = client.post("/stepup/", {"password": PASSWORD})
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.content.decode()
    for _ in range(4):  # what was not looked at is no wrong one; and by now the browser is known
        assert client.post("/stepup/", {"password": "wrong"}).status_code == 401
    assert is_in(client)


def test_wrong_codes_make_one_wait_here_too():
    alice = member("alice")
    client = stale(browser(alice))
    give_app(alice)
    client.post("/stepup/", {"code": wrong_code()})
    AuthenticatorApp.objects.filter(user=alice).update(
        throttling_failure_count=7, throttling_failure_timestamp=timezone.now()
    )
    assert client.post("/stepup/", {"code": code()}).status_code == 429


def test_signing_in_counts_as_showing():
    alice = member("alice")
    client = Client()
    password(client, alice)
    assert client.post(ADD)["Location"] == ADD
    bob = member("bob")
    give_app(bob)
    client = Client()
    password(client, bob)
    client.post("/signin/second/", {"code": code()})
    assert client.post(ADD)["Location"] == ADD


def test_nobody_shows_who_is_not_signed_in():
    assert Client().get("/stepup/")["Location"] == "/signin/?next=/stepup/"
    assert Client().post("/stepup/", {"password": PASSWORD})["Location"].startswith("/signin/")


def test_a_refusal_of_any_page_is_a_page_and_of_the_api_a_problem():
    middleware = RefusalPages(lambda request: HttpResponse())
    request = RequestFactory().get("/admin/", headers={"Accept": "text/html"})
    page: Any = middleware.process_exception(request, Refusal("forbidden", "You <b>may not</b>."))
    assert page.status_code == 403
    assert b"You &lt;b&gt;may not&lt;/b&gt;." in page.content
    for code_, status in {"forbidden": 403, "not_found": 404, "malformed": 400, "step_up": 403}.items():
        scripted = RequestFactory().post("/passkeys/options/", headers={"Accept": "application/json"})
        answer: Any = middleware.process_exception(scripted, Refusal(code_, "No."))
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        problem: Any = problems.answer(Refusal(code_, "No."), {})
        assert (problem.status_code, problem.data["code"], problem.data["detail"]) == (status, code_, "No.")
    assert middleware.process_exception(request, ValueError("ours")) is None


@pytest.mark.parametrize("path", ["/settings/password/", "/settings/email/"])
def test_who_has_a_factor_changes_password_and_address_with_it(path):
    alice = member("alice")
    client = stale(browser(alice))
    assert client.get(path).status_code == 200
    give_app(alice)
    assert client.get(path)["Location"].startswith("/stepup/?next=")
    given = {"old_password": PASSWORD, "password": "quite another long one", "email": "mallory@evil.example"}
    assert client.post(path, given)["Location"].startswith("/stepup/?next=")
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    with pytest.raises(Refusal) as refused:
        passwords.change(acting(alice, is_stepped_up=False), PASSWORD, "quite another long one")
    assert refused.value.code == "step_up"
