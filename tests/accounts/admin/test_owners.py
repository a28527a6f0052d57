"""An owner for a conversation that has none: one of its members, and nobody comes into it by that."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.refusal import Refusal
from audit.models import Entry
from messaging import channels, ownership
from messaging.models import Conversation, Membership
from messaging.protocol.events import Role
from tests.accounts.admin.desks import EVERYBODY, desk, holder
from tests.worlds import acting, add, channel, direct, log_of, person, remove


def _roles(conversation: int) -> dict[int, str]:
    found = Membership.objects.filter(conversation_id=conversation).extra(where=["upper_inf(spans)"])
    return dict(found.values_list("person_id", "role"))


def _ownerless(*members: User) -> int:
    """Make a channel that was left by its owner while nobody else was in it, and joined by others."""
    gone = person("gone")
    room = channel(gone, is_private=False)
    remove(gone, room, gone)
    for member in members:
        channels.join(room, member.pk)
    return room


@pytest.mark.parametrize("role", EVERYBODY)
def test_who_may_names_a_member_and_everybody_else_is_refused(role):
    alice, boss = person("alice"), holder(role)
    room, client = _ownerless(alice), desk(boss)
    path = f"/admin/conversations/{room}/owner/{alice.pk}/"
    may = role in ("owner", "administrator")
    assert client.get(path).status_code == (200 if may else 403)
    assert client.post(path).status_code == (302 if may else 403)
    assert _roles(room) == {alice.pk: "owner" if may else "member"}
    if may:
        event, entry = log_of(room)[-1], Entry.objects.get(verb="conversation.hand_over", target=f"conversation:{room}")
        assert isinstance(event, Role)
        assert (event.user, event.member, event.role) == (boss.pk, alice.pk, "owner")
        assert (entry.actor_id, entry.category) == (boss.pk, "administration")
        assert (entry.before, entry.after) == ({"owner": None}, {"owner": alice.pk})


def test_it_asks_for_a_step_up():
    alice = person("alice")
    room = _ownerless(alice)
    answer = desk(holder("owner"), is_stepped_up=False).post(f"/admin/conversations/{room}/owner/{alice.pk}/")
    assert answer.status_code == 302
    assert _roles(room) == {alice.pk: "member"}


def test_nobody_comes_into_a_conversation_by_it():
    alice, boss, gone = person("alice"), holder("administrator"), person("mallory")
    guest, bot, away = person("guest", is_guest=True), person("robot", kind="bot"), person("away", is_active=False)
    room = _ownerless(alice, guest, bot, away)
    add(alice, room, gone)
    Membership.objects.filter(conversation_id=room, person_id=alice.pk).update(role="owner")
    remove(alice, room, gone)
    Membership.objects.filter(conversation_id=room, person_id=alice.pk).update(role="member")
    before, client = _roles(room), desk(boss)
    for other in (boss, gone, guest, bot, away):
        with pytest.raises(Refusal, match="Only a member"):
            ownership.name_owner(acting(boss), room, other.pk)
        assert client.post(f"/admin/conversations/{room}/owner/{other.pk}/").status_code in (404, 422)
    assert _roles(room) == before
    assert boss.pk not in before


def test_oneself_where_one_is_a_member():
    boss = holder("administrator")
    room = _ownerless(boss)
    ownership.name_owner(acting(boss), room, boss.pk)
    assert _roles(room) == {boss.pk: "owner"}


def test_only_where_there_is_no_owner_or_only_closed_accounts():
    alice, bob, boss = person("alice"), person("bob"), acting(holder("owner"))
    owned, pair, archived = channel(alice, bob), direct(alice, bob), _ownerless(bob)
    Conversation.objects.filter(pk=archived).update(archived_at=timezone.now())
    User.objects.filter(pk=alice.pk).update(is_active=False, suspended_at=timezone.now())  # may come back
    for room in (owned, pair, archived):
        with pytest.raises(Refusal, match="has an owner, or needs none"):
            ownership.name_owner(boss, room, bob.pk)
    User.objects.filter(pk=alice.pk).update(deactivated_at=timezone.now())
    ownership.name_owner(boss, owned, bob.pk)
    assert _roles(owned)[bob.pk] == "owner"


def test_the_conversations_page_offers_it_where_it_is_open_and_the_list_finds_those_without():
    alice, client = person("alice"), desk(holder("owner"))
    room, owned = _ownerless(alice), channel(alice)
    link = f"/admin/conversations/{room}/owner/{alice.pk}/"
    page = client.get(f"/admin/conversations/{room}/").content.decode()
    assert link in page
    assert "Make a member the owner" in page
    assert "/owner/" not in client.get(f"/admin/conversations/{owned}/").content.decode()
    found = client.get("/admin/conversations/?owner=none").content.decode()
    assert f"/admin/conversations/{room}/" in found
    assert f"/admin/conversations/{owned}/" not in found


def test_the_domain_refuses_who_may_not_whoever_calls_it():
    alice = person("alice")
    room = _ownerless(alice)
    for role in ("moderator", "officer", "auditor", "member", "guest"):
        with pytest.raises(Refusal):
            ownership.name_owner(acting(holder(role)), room, alice.pk)
    assert _roles(room) == {alice.pk: "member"}
