"""The pages for tokens: made with the factors shown again, shown once, revoked."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import clock
from accounts.actor import STEPPED_UP_AT
from accounts.models import Token, User
from tests.messaging.api.calls import Caller
from tests.worlds import bearer, person

LIST, NEW = "/settings/tokens/", "/settings/tokens/new/"
FORM = {"name": "laptop <b>", "scopes": ["read", "write"], "days": "30"}


def _client(user: User, *, is_stepped_up: bool = True) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/api/v1/me")
    if is_stepped_up:
        session = client.session
        session[STEPPED_UP_AT] = clock.mark()
        session.save()
    return client


def test_a_token_is_made_shown_once_and_works():
    alice = person("alice")
    client = _client(alice)
    assert client.get(NEW).status_code == 200
    answer = client.post(NEW, FORM)
    assert (answer.status_code, answer["Cache-Control"]) == (
        201,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    (token,) = re.findall(r"parley_[\w-]+", answer.content.decode())
    assert "laptop &lt;b&gt;" in answer.content.decode()
    assert Caller(token=token).get("/me").body["id"] == alice.pk
    kept = Token.objects.get(user=alice)
    assert kept.scopes == ["read", "write"]
    assert kept.expires_at is not None
    assert timedelta(days=29) < kept.expires_at - timezone.now() <= timedelta(days=30)
    page = client.get(LIST).content.decode()
    assert token not in page
    assert "laptop &lt;b&gt;" in page
    assert "Last used" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 70}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"days": "0"}, "days"),
        ({"days": "366"}, "days"),
        ({"days": "-1"}, "days"),
        ({"days": "soon"}, "days"),
        ({"days": "9" * 400}, "days"),
        ({"days": "٣"}, "days"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(wrong, field):
    alice = person("alice")
    answer = _client(alice).post(NEW, FORM | wrong)
    assert answer.status_code == 400
    assert answer.context[f"{field}_error"]
    assert 'role="alert"' in answer.content.decode()
    if field != "name":
        assert "laptop &lt;b&gt;" in answer.content.decode()
    assert not Token.objects.filter(user=alice).exists()


def test_a_guest_makes_none():
    guest = person("guest", is_guest=True)
    client = _client(guest)
    assert NEW not in client.get(LIST).content.decode()
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, FORM).status_code == 403
    assert not Token.objects.filter(user=guest).exists()


def test_revoking_ones_own_and_nobody_elses():
    alice, bob = person("alice"), person("bob")
    mine, theirs = bearer(alice), bearer(bob)
    client = _client(alice, is_stepped_up=False)
    for number in (str(Token.objects.get(user=bob).pk), "", "x", "0", "9" * 30, "\x00"):
        refused = client.post(LIST, {"token": number})
        assert refused.status_code == 404
        assert 'role="alert"' in refused.content.decode()
    assert Caller(token=theirs).get("/me").status == 200
    answer = client.post(LIST, {"token": str(Token.objects.get(user=alice).pk)}, follow=True)
    assert "revoked" in answer.content.decode()
    assert Caller(token=mine).get("/me").status == 401


def test_somebody_not_signed_in_is_led_to_the_form():
    for path in (LIST, NEW):
        assert Client().get(path)["Location"] == f"/signin/?next={path}"
