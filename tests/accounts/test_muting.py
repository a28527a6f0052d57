"""Muting in the whole workspace: who may, whom, for how long, and that it is on the trail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.people import muting
from accounts.refusal import Refusal
from audit.models import Entry
from tests.accounts.admin.desks import EVERYBODY, desk, holder
from tests.messaging.api.test_barriers import wall
from tests.worlds import acting, person


def _refused(who: User, whom: User, for_s: int = 3600, reason: str = "Insults") -> str:
    with pytest.raises(Refusal) as caught:
        muting.mute(acting(who), whom, for_s=for_s, reason=reason)
    whom.refresh_from_db()
    assert whom.muted_until is None
    return caught.value.code


@pytest.mark.parametrize("role", sorted(set(EVERYBODY) - {"moderator"}))
def test_nobody_but_a_moderator_mutes(role):
    bob, him = person("bob"), holder(role)
    assert _refused(him, bob) == "forbidden"
    muting.mute(acting(holder("moderator")), bob, for_s=60, reason="Insults")
    with pytest.raises(Refusal):
        muting.unmute(acting(him), bob, reason="A friend")


def test_a_mute_and_its_end_are_on_the_trail_with_why():
    moderator, bob = holder("moderator"), person("bob")
    until = muting.mute(acting(moderator), bob, for_s=3600, reason=" Insults ", because={"report": 7})
    assert abs(until - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)
    bob.refresh_from_db()
    assert bob.muted_until == until
    assert bob in muting.muted()
    muting.unmute(acting(moderator), bob, reason="Apologised")
    assert bob not in muting.muted()
    muted, lifted = Entry.objects.filter(target=f"user:{bob.pk}").order_by("id")
    assert (muted.verb, muted.actor_id, lifted.verb) == ("person.mute", moderator.pk, "person.unmute")
    assert (muted.after["reason"], muted.after["report"]) == ("Insults", 7)
    assert lifted.after["reason"] == "Apologised"
    with pytest.raises(Refusal, match="not muted"):
        muting.unmute(acting(moderator), bob, reason="Again")


@pytest.mark.parametrize("role", ["owner", "officer", "auditor"])
def test_who_watches_over_the_workspace_is_not_muted(role):
    assert _refused(holder("moderator"), holder(role)) == "forbidden"


def test_nobody_mutes_oneself_somebody_who_is_out_or_behind_a_wall():
    moderator, bob = holder("moderator"), person("bob")
    assert _refused(moderator, moderator) == "forbidden"
    assert _refused(moderator, person("gone", is_active=False)) == "malformed"
    for for_s, reason in ((0, "Insults"), (muting.LONGEST_S + 1, "Insults"), (3600, "  ")):
        assert _refused(moderator, bob, for_s, reason) == "malformed"
    wall([moderator], [bob])
    assert _refused(moderator, bob) == "forbidden"
    User.objects.filter(pk=bob.pk).update(muted_until=timezone.now() + timedelta(hours=1))
    with pytest.raises(Refusal, match="barrier"):
        muting.unmute(acting(moderator), bob, reason="Enough")


def test_a_moderator_mutes_and_lifts_at_the_desk_and_the_person_s_page_says_so():
    client, bob = desk(holder("moderator")), person("bob")
    given = {"username": f"@{bob.username}", "for_s": "86400", "reason": "Insults"}
    assert client.post("/admin/muted/mute/", {**given, "username": "nobody at all"}).status_code == 422
    assert client.post("/admin/muted/mute/", {**given, "for_s": "99"}).status_code == 422
    assert client.post("/admin/muted/mute/", given).status_code == 302
    assert bob.username in client.get("/admin/muted/").content.decode()
    page = desk(holder("administrator")).get(f"/admin/people/{bob.pk}/").content.decode()
    assert "Muted until" in page
    assert f"/admin/people/{bob.pk}/unmute/" not in page
    assert client.post(f"/admin/people/{bob.pk}/unmute/", {"reason": "Apologised"}).status_code == 302
    assert bob.username not in client.get("/admin/muted/").content.decode().replace(bob.name, "")
    assert client.get(f"/admin/people/{bob.pk}/unmute/").status_code == 404
