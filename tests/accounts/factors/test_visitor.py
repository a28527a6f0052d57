"""The challenge of a visitor: nothing is stored for a stranger, and an answer counts once."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from accounts.factors import visitor as visitor_challenges
from accounts.models import Passkey
from audit.models import Entry
from tests.accounts.factors.doors import is_in, member, password
from tests.accounts.factors.keyring import HOST, give_passkey, options, sign_in, visitor

pytestmark = pytest.mark.usefixtures("any_host")


def test_a_stranger_who_asks_leaves_nothing_in_the_database():
    client, before = visitor(), Session.objects.count()
    for _ in range(3):
        options(client, "signin")
    assert set(client.cookies) == {"passkey"}
    cookie = client.cookies["passkey"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 300)
    assert Session.objects.count() == before


def _with_cookie(kept: str) -> Client:
    client = visitor()
    client.cookies["passkey"] = kept
    return client


def test_an_answer_that_was_kept_with_its_cookie_counts_once():
    """Of an authenticator that does not count, as of passkeys that are synchronised."""
    alice = member("alice")
    key = give_passkey(alice)
    client = visitor()
    asked = options(client, "signin")
    kept = client.cookies["passkey"].value
    key.count = -1
    shown = key.show(asked)
    assert sign_in(client, shown).status_code == 302
    assert client.cookies["passkey"].value == ""
    thief = _with_cookie(kept)
    assert sign_in(thief, shown).status_code == 401
    assert not is_in(thief)
    entry = Entry.objects.filter(verb="session.refuse", target=f"user:{alice.pk}").get()
    assert entry.after == {"factor": "passkey", "outcome": "stale"}


def test_what_was_answered_is_forgotten_after_a_day(monkeypatch):
    alice = member("alice")
    key = give_passkey(alice)
    now = time.time()
    for late_s in (0, 86_000, 86_500):
        monkeypatch.setattr(time, "time", lambda late_s=late_s: now + late_s)
        client = visitor()
        assert sign_in(client, key.show(options(client, "signin"))).status_code == 302
    assert len(Passkey.objects.get(user=alice).spent) == 2


@pytest.mark.parametrize("change", [lambda kept: kept[:-1] + ("A" if kept[-1] != "A" else "B"), lambda _kept: "AAAA"])
def test_a_challenge_that_is_not_ours_is_none(change):
    key = give_passkey(member("alice"))
    client = visitor()
    shown = key.show(options(client, "signin"))
    assert sign_in(_with_cookie(change(client.cookies["passkey"].value)), shown).status_code == 401


@pytest.mark.parametrize("network", ["192.0.2.{}", "2001:db8:0:{}::1"])
def test_strangers_ask_so_often_from_an_address_and_others_go_on(settings, monkeypatch, network):
    settings.IS_RATE_LIMITED = True
    monkeypatch.setattr(visitor_challenges, "FROM_AN_ADDRESS", 3)
    cache.clear()
    here, elsewhere = network.format(7), network.format(8)
    neighbour = here.replace("::1", "::2")  # of the same subscriber
    for status, address in ((200, here), (200, neighbour), (200, here), (429, neighbour), (200, elsewhere)):
        client = Client(headers={"Host": HOST, "Accept": "application/json"}, REMOTE_ADDR=address)
        answer = client.post("/passkeys/options/", {"purpose": "signin"})
        assert answer.status_code == status, address
    client = Client(headers={"Host": HOST, "Accept": "application/json"}, REMOTE_ADDR=here)
    refused = client.post("/passkeys/options/", {"purpose": "signin"})
    assert refused.json()["code"] == "rate_limited"
    assert "wait a minute" in refused.json()["detail"]
    assert not client.cookies
    assert password(client, member("alice")).status_code == 302
