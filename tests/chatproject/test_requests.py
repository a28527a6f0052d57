"""Forged, misdirected, planted: requests that somebody else made a browser send."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.chatproject.addresses import walk
from tests.worlds import PASSWORD, appointed, person

_FOREIGN = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "a b"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_done_for_a_form_without_its_token(method):
    client = Client(enforce_csrf_checks=True)
    client.force_login(appointed("alice", "owner"))
    for address in walk():
        answer = client.generic(method, address.path, b"{}", content_type="application/json")
        assert answer.status_code == 403, address.path
        if address.is_api:
            assert answer.json()["code"] == "forbidden", address.path
        else:
            assert "nothing was done" in answer.content.decode(), address.path


def test_the_walk_sees_pages_and_calls():
    paths = {address.path for address in walk()}
    assert {"/", "/c/1", "/signin/", "/signout/", "/admin/", "/api/v1/me"} <= paths


@pytest.mark.parametrize("host", _FOREIGN)
@pytest.mark.parametrize("path", ["/", "/signin/", "/api/v1/me", "/nothing-here"])
def test_a_host_that_is_not_ours_is_refused(settings, host, path):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    answer = Client().get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.content.decode()


def test_a_host_that_a_client_claims_to_have_been_forwarded_counts_nowhere(settings):
    settings.ALLOWED_HOSTS = ["*"]
    answer = Client().get("/signin/", {"next": "https://evil.example/"}, headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.content.decode()


def test_a_session_that_somebody_planted_is_nobodys_after_signing_in():
    mallory, alice = Client(), person("alice", password=PASSWORD)
    mallory.force_login(person("mallory"))
    planted = str(mallory.session.session_key)
    victim = Client()
    victim.cookies[settings.SESSION_COOKIE_NAME] = planted
    victim.post("/signin/", {"username": alice.username, "password": PASSWORD})
    assert victim.get("/api/v1/me").json()["id"] == alice.pk
    assert victim.cookies[settings.SESSION_COOKIE_NAME].value != planted
    mallory.cookies[settings.SESSION_COOKIE_NAME] = planted
    seen = mallory.get("/api/v1/me")
    assert seen.status_code == 401 or seen.json()["id"] != alice.pk


def test_a_key_that_an_outsider_made_up_becomes_no_session():
    alice = person("alice", password=PASSWORD)
    victim, made_up = Client(), "a" * 32
    victim.cookies[settings.SESSION_COOKIE_NAME] = made_up
    victim.post("/signin/", {"username": alice.username, "password": PASSWORD})
    assert victim.cookies[settings.SESSION_COOKIE_NAME].value != made_up
    assert not Session.objects.filter(session_key=made_up).exists()


def test_cookies_are_kept_from_scripts_and_from_other_sites():
    alice = person("alice", password=PASSWORD)
    client = Client()
    client.get("/signin/")
    client.post("/signin/", {"username": alice.username, "password": PASSWORD})
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"], session["domain"], session["path"]) == (True, "Lax", "", "/")
    forged = client.cookies[settings.CSRF_COOKIE_NAME]
    assert (forged["samesite"], forged["domain"], forged["path"]) == ("Lax", "", "/")
