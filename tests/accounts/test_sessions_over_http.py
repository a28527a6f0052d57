"""The API by the session's cookie: as a browser calls it."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from accounts.models import User
from accounts.revocations import deactivate
from tests.worlds import channel, log_of, person


@pytest.fixture
def browser() -> tuple[Client, User, str]:
    """Alice's browser, signed in, and the token of its forms."""
    alice = person("alice")
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/signin/")  # it is signed in, so this leads on; the cookie comes with the client's page
    token = "x" * 32
    client.cookies["csrftoken"] = token
    return client, alice, token


def _body(words: str = "words") -> bytes:
    return msgspec.json.encode({"id": uuid4(), "body": words})


def test_reading_needs_the_cookie_alone(browser):
    client, alice, _token = browser
    assert client.get("/api/v1/me").json()["id"] == alice.pk


def test_saying_something_needs_the_token_too(browser):
    client, alice, token = browser
    conversation = channel(alice)
    path = f"/api/v1/conversations/{conversation}/messages"
    for headers in ({}, {"X-CSRFToken": "y" * 32}, {"X-CSRFToken": ""}):
        refused = client.post(path, _body(), content_type="application/json", headers=headers)
        assert refused.status_code == 403
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["code"] == "forbidden"
    assert len(log_of(conversation)) == 1
    said = client.post(path, _body(), content_type="application/json", headers={"X-CSRFToken": token})
    assert said.status_code == 201


def test_a_foreign_page_can_not_post_even_with_the_token(browser):
    client, alice, token = browser
    conversation = channel(alice)
    path = f"/api/v1/conversations/{conversation}/messages"
    headers = {"X-CSRFToken": token, "Origin": "https://evil.example"}
    refused = client.post(path, _body(), content_type="application/json", headers=headers)
    assert refused.status_code == 403
    assert len(log_of(conversation)) == 1


@pytest.mark.parametrize("content_type", [MULTIPART_CONTENT, "application/x-www-form-urlencoded", "text/plain"])
def test_a_form_is_refused_as_a_problem(browser, content_type):
    client, alice, token = browser
    conversation = channel(alice)
    data: Any = {"body": "words"} if content_type == MULTIPART_CONTENT else b"body=words"
    path = f"/api/v1/conversations/{conversation}/messages"
    refused = client.post(path, data, content_type=content_type, headers={"X-CSRFToken": token})
    assert refused.status_code in (400, 415)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert len(log_of(conversation)) == 1


def test_a_bad_bearer_is_not_saved_by_the_cookie(browser):
    client, _alice, _token = browser
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer parley_wrong"}).status_code == 401


def test_a_session_ends_with_the_account_and_with_the_password(browser):
    client, alice, _token = browser
    alice.set_password("another long password")
    alice.save()
    assert client.get("/api/v1/me").status_code == 401
    client.force_login(alice)
    assert client.get("/api/v1/me").status_code == 200
    deactivate(alice)
    assert client.get("/api/v1/me").status_code == 401
