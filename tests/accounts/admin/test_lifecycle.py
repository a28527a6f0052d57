"""Suspending, letting in, deactivating, bots: asked about first, and what goes with it goes."""

import pytest
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Token, User
from accounts.refusal import Refusal
from messaging import departures
from messaging.models import Membership
from messaging.ownership import Will
from tests.accounts.admin.desks import EVERYBODY, desk, holder
from tests.worlds import bearer, channel, direct, log_of, person

DEEDS = {"suspend": {"reason": "left the laptop on a train"}, "deactivate": {}}
_ADMINISTRATORS = {"owner", "administrator"}


def _roles(conversation: int) -> dict[int, str]:
    found = Membership.objects.filter(conversation_id=conversation).extra(where=["upper_inf(spans)"])
    return dict(found.values_list("person_id", "role"))


@pytest.mark.parametrize("deed", DEEDS)
def test_it_is_done_by_who_may_and_only_by_post(deed):
    for role in EVERYBODY:
        bob, client = person("bob"), desk(holder(role))
        path = f"/admin/people/{bob.pk}/{deed}/"
        assert client.get(path).status_code == (200 if role in _ADMINISTRATORS else 403)
        assert User.objects.get(pk=bob.pk).is_active
        assert client.post(path, DEEDS[deed]).status_code == (302 if role in _ADMINISTRATORS else 403)
        assert User.objects.get(pk=bob.pk).is_active == (role not in _ADMINISTRATORS)


def test_somebody_suspended_is_let_in_again():
    bob, client = person("bob"), desk(holder("administrator"))
    client.post(f"/admin/people/{bob.pk}/suspend/", DEEDS["suspend"])
    assert "Let in again" in client.get(f"/admin/people/{bob.pk}/").content.decode()
    assert client.post(f"/admin/people/{bob.pk}/restore/").status_code == 302
    assert User.objects.get(pk=bob.pk).is_active


def test_the_page_says_what_happens_and_asks_who_owns_each_channel_next():
    bob, carol, dave = person("bob"), person("carol"), person("dave")
    alone, shared, pair = channel(bob, carol, dave, name="harbour"), channel(carol, bob), direct(bob, carol)
    token = bearer(bob)
    client = desk(holder("administrator"))
    path = f"/admin/people/{bob.pk}/deactivate/"
    page = client.get(path).content.decode()
    for words in ("can&#x27;t be undone", "every token is revoked", "its files, stay", "Who owns harbour next?"):
        assert words in page
    assert f"heir_{shared}" not in page
    assert f"heir_{pair}" not in page

    stranger = person("mallory")
    refused = client.post(path, {f"heir_{alone}": stranger.pk})
    assert refused.status_code == 422
    assert User.objects.get(pk=bob.pk).is_active

    assert client.post(path, {f"heir_{alone}": dave.pk}).status_code == 302
    assert User.objects.get(pk=bob.pk).deactivated_at is not None
    assert not Token.objects.filter(user=bob, revoked_at=None).exists()
    assert token
    assert _roles(alone) == {carol.pk: "member", dave.pk: "owner"}
    assert _roles(shared) == {carol.pk: "owner"}
    assert bob.pk in _roles(pair)
    assert [event.kind if hasattr(event, "kind") else type(event).__name__.lower() for event in log_of(alone)][-2:] == [
        "role",
        "leave",
    ]


def test_a_channel_goes_to_nobody_who_is_not_in_it_whoever_asks():
    bob, carol, mallory = person("bob"), person("carol"), person("mallory")
    alone = channel(bob, carol)
    asks = Actor(holder("owner"), "session", stepped_up_at=timezone.now())
    with pytest.raises(Refusal, match="one of the members"):
        departures.deactivate(asks, bob, Will({alone: mallory.pk}))
    assert User.objects.get(pk=bob.pk).is_active
    assert _roles(alone) == {bob.pk: "owner", carol.pk: "member"}


def test_a_channel_may_go_on_without_an_owner():
    bob, carol = person("bob"), person("carol")
    alone = channel(bob, carol)
    desk(holder("owner")).post(f"/admin/people/{bob.pk}/deactivate/", {f"heir_{alone}": "nobody"})
    assert _roles(alone) == {carol.pk: "member"}


def test_leaving_that_was_broken_off_goes_on():
    bob, carol, owner = person("bob"), person("carol"), holder("owner")
    room = channel(carol, bob)
    User.objects.filter(pk=bob.pk).update(is_active=False, deactivated_at=bob.created_at)
    client = desk(owner)
    assert "Leave the remaining" in client.get(f"/admin/people/{bob.pk}/").content.decode()
    assert client.post(f"/admin/people/{bob.pk}/leave/").status_code == 302
    assert _roles(room) == {carol.pk: "owner"}


def test_a_bot_is_made_and_gets_a_token_that_is_shown_once():
    client = desk(holder("administrator"))
    name = person("x").username
    made = client.post("/admin/people/bots/make/", {"name": "Deploys", "username": f"bot-{name}"})
    bot = User.objects.get(username=f"bot-{name}")
    assert made["Location"] == f"/admin/people/{bot.pk}/"
    given = {"name": "CI", "scopes": ["read"], "days": 30}
    shown = client.post(f"/admin/people/{bot.pk}/token/", given).content.decode()
    assert "parley_" in shown
    page = client.get(f"/admin/people/{bot.pk}/").content.decode()
    assert "CI" in page
    assert "parley_" not in page
    token = Token.objects.get(user=bot)
    assert client.post(f"/admin/people/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
