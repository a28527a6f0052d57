"""The notice of monitoring is accepted before anything opens, once a version."""

import pytest
from django.test import Client

from accounts import workspace
from accounts.actor import shell
from accounts.models import NoticeAcceptance
from audit import trail
from tests.worlds import bearer, person

TEXT = "Conversations here are kept <for seven years>.\n\nOfficers may read them."


@pytest.fixture
def _notice():
    workspace.change(shell("test"), {"notice": TEXT})
    yield
    workspace.change(shell("test"), {"notice": ""})


noticed = pytest.mark.usefixtures("_notice")


def _client(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _accept(client: Client, **fields: str):
    version = client.get("/notice/").context["version"]
    return client.post("/notice/", {"version": version, "next": "/c/12"} | fields)


@noticed
def test_until_it_is_accepted_pages_lead_to_it_and_calls_are_refused():
    client = _client(person("alice"))
    for page in ("/", "/c/12", "/settings/password/"):
        assert client.get(page)["Location"].startswith("/notice/?next=%2F")
    refused = client.get("/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "/notice/" in refused.json()["detail"]
    page = client.get("/notice/").content.decode()
    assert "&lt;for seven years&gt;" in page
    assert "Version " in page
    assert _accept(client)["Location"] == "/c/12"
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/settings/password/").status_code == 200


@noticed
def test_another_s_acceptance_is_not_one_s_own():
    assert _accept(_client(person("alice")))["Location"] == "/c/12"
    assert _client(person("bob")).get("/api/v1/me").status_code == 403


@noticed
def test_it_is_a_row_and_on_the_trail_once():
    alice = person("alice")
    for _ in range(2):
        _accept(_client(alice))
    (row,) = NoticeAcceptance.objects.filter(user=alice)
    entries = [e for e in trail.readable({"account"}).filter(verb="notice.accept") if e.actor_id == alice.pk]
    assert [entry.after for entry in entries] == [{"version": row.version}]


@noticed
def test_another_text_is_asked_for_again_and_what_was_shown_is_what_is_accepted():
    client = _client(person("alice"))
    old = client.get("/notice/").context["version"]
    _accept(client)
    workspace.change(shell("test"), {"notice": TEXT + " More."})
    assert client.get("/api/v1/me").status_code == 403
    again = client.post("/notice/", {"version": old})
    assert again.status_code == 200
    assert "was changed meanwhile" in again.content.decode()
    assert client.get("/api/v1/me").status_code == 403
    _accept(client)
    assert client.get("/api/v1/me").status_code == 200


@noticed
def test_programs_are_not_asked():
    alice = person("alice")
    for client in (Client(), _client(alice)):
        assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {bearer(alice)}"}).status_code == 200


@noticed
def test_in_another_session_it_is_remembered():
    alice = person("alice")
    _accept(_client(alice))
    assert _client(alice).get("/api/v1/me").status_code == 200


@noticed
def test_it_costs_no_query_once_accepted(django_assert_num_queries):
    client = _client(person("alice"))
    _accept(client)
    client.get("/c/1")
    with django_assert_num_queries(2):  # the session and the person
        client.get("/c/1")


@noticed
@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", ""])
def test_it_goes_on_to_no_page_of_others(foreign):
    assert _accept(_client(person("alice")), next=foreign)["Location"] == "/"


@noticed
def test_one_may_leave_instead():
    client = _client(person("alice"))
    assert client.post("/signout/")["Location"] == "/signin/"


def test_without_a_notice_nobody_is_asked():
    client = _client(person("alice"))
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/notice/")["Location"] == "/"
