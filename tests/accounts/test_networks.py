"""Administration from the networks allowed for it; talking from everywhere."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client

from accounts import rights, workspace
from accounts.authority import roles
from accounts.authority.verbs import VERBS
from accounts.models import Grant, Setting, User
from accounts.people import lifecycle
from accounts.refusal import Refusal
from tests.worlds import acting, appointed, channel, person

INSIDE, OUTSIDE = "10.1.2.3", "203.0.113.9"


@pytest.fixture(autouse=True)
def _allowed() -> Iterator[None]:
    for name, networks in (
        ("networks_administrator", ["10.0.0.0/8", "2001:db8::/32"]),
        ("networks_officer", ["10.9.0.0/16"]),
    ):
        Setting.objects.update_or_create(name=name, defaults={"value": networks})
    workspace.forget()
    yield
    Setting.objects.filter(name__startswith="networks_").delete()
    workspace.forget()


def _client(user: User, address: str, **extra: str) -> Client:
    client = Client(REMOTE_ADDR=address, **extra)  # type: ignore[arg-type]
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", [INSIDE, OUTSIDE, "2001:db8::1", "2001:db9::1", "::ffff:10.1.2.3"])
def test_the_administration_opens_from_the_networks_alone(address):
    admin = appointed("admin", "administrator")
    answer = _client(admin, address).get("/admin/")
    assert answer.status_code == (200 if address in (INSIDE, "2001:db8::1", "::ffff:10.1.2.3") else 403)


def test_from_outside_an_administrator_does_nothing_administrative_and_talks():
    admin, alice = appointed("admin", "administrator"), person("alice")
    conversation = channel(admin, alice)
    client = _client(admin, OUTSIDE)
    assert client.get(f"/api/v1/conversations/{conversation}/messages").status_code == 200
    said = {"id": str(uuid4()), "body": "on the road"}
    path = f"/api/v1/conversations/{conversation}/messages"
    assert client.post(path, said, content_type="application/json").status_code == 201
    outside = acting(admin, address=OUTSIDE)
    for verb in VERBS.values():
        if "administrator" in verb.roles and verb.duty != "talk":
            assert not rights.allowed(outside, verb.name), verb.name
            assert rights.allowed(acting(admin, address=INSIDE), verb.name), verb.name
    with pytest.raises(Refusal):
        lifecycle.suspend(outside, alice, "from a café")


def test_officers_have_networks_of_their_own():
    officer = appointed("officer", "officer")
    assert rights.allowed(acting(officer, address="10.9.1.1"), "case.open")
    assert not rights.allowed(acting(officer, address=INSIDE), "case.open")
    assert rights.allowed(acting(officer, address=INSIDE), "message.post")


def test_who_holds_several_roles_keeps_to_the_networks_of_each():
    """Moderation has none of its own: of an administrator it is done from where administrators work."""
    both, moderator = appointed("admin", "administrator"), appointed("alice", "moderator")
    Grant.objects.create(user=both, role="moderator")
    assert rights.allowed(acting(both, address=INSIDE), "person.mute")
    assert not rights.allowed(acting(both, address=OUTSIDE), "person.mute")
    assert "person.mute" not in rights.open_verbs(acting(both, address=OUTSIDE))
    assert rights.allowed(acting(moderator, address=OUTSIDE), "person.mute")


def test_a_role_of_ones_own_has_the_networks_of_its_duty():
    owner = appointed("owner", "owner")
    for verb, within in (("settings.change", INSIDE), ("officer.propose", INSIDE), ("record.search", "10.9.1.1")):
        name = f"own-{uuid4().hex[:8]}"
        roles.define(acting(owner, address=INSIDE), name, "", frozenset({verb}))
        holder = appointed("alice", name)
        outside = acting(holder, address=OUTSIDE)
        assert not rights.allowed(outside, verb)
        assert verb not in rights.open_verbs(outside)
        assert {"message.post", "conversation.read"} <= rights.open_verbs(outside)
        assert rights.allowed(acting(holder, address=within), verb)
        assert verb in rights.open_verbs(acting(holder, address=within))


def test_a_forged_forwarding_opens_nothing():
    admin = appointed("admin", "administrator")
    assert _client(admin, OUTSIDE, HTTP_X_FORWARDED_FOR=INSIDE).get("/admin/").status_code == 403


def test_behind_a_declared_proxy_its_word_counts(settings):
    settings.IS_BEHIND_PROXY = True
    admin = appointed("admin", "administrator")
    assert _client(admin, "127.0.0.1", HTTP_X_FORWARDED_FOR=INSIDE).get("/admin/").status_code == 200
    assert _client(admin, "127.0.0.1", HTTP_X_FORWARDED_FOR=f"{INSIDE}, {OUTSIDE}").get("/admin/").status_code == 403
