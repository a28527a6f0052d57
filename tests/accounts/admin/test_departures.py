"""Whoever goes leaves nothing without an owner unsaid, however many conversations that are."""

import pytest
from django.db import OperationalError

from accounts.models import User
from accounts.refusal import Refusal
from audit.models import Entry
from messaging import departures, ownership
from messaging.models import Membership
from messaging.ownership import Rest, Will
from tests.accounts.admin.desks import desk, holder
from tests.worlds import acting, add, channel, direct, log_of, person


@pytest.fixture(autouse=True)
def _few_are_asked_about(monkeypatch):
    monkeypatch.setattr(ownership.owned_alone, "__defaults__", (2,))
    monkeypatch.setattr(departures, "STRIDE", 3)


def _owners(conversations: list[int]) -> list[set[int]]:
    found = Membership.objects.filter(role="owner", conversation_id__in=conversations).extra(where=["upper_inf(spans)"])
    pairs = set(found.values_list("conversation_id", "person_id"))
    return [{person for conversation, person in pairs if conversation == id} for id in conversations]


def _world() -> tuple[User, User, User, User, list[int]]:
    """Bob alone owns seven: in the first three with carol, in the others with dave and erin, who moderates the last."""
    bob, carol, dave, erin = (person(name) for name in ("bob", "carol", "dave", "erin"))
    rooms = [channel(bob, carol) for _ in range(3)] + [channel(bob, dave, erin) for _ in range(4)]
    add(bob, rooms[-1], erin, "moderator")
    return bob, carol, dave, erin, rooms


def test_the_page_says_how_many_there_are_and_asks_about_all_of_them():
    bob, carol, dave, erin, rooms = _world()
    lonely, shared = channel(bob), channel(carol, bob)
    add(carol, shared, bob, "owner")
    client, path = desk(holder("administrator")), f"/admin/people/{bob.pk}/deactivate/"
    page = client.get(path).content.decode()
    for words in (
        "leaves 9 channels",
        "Nobody else owns 7",
        "first 2 one by one",
        "the other 5 channels",
        "in 1 of them",
    ):
        assert words in page
    named = {f"heir_{id}": carol.pk for id in rooms[:2]}
    for lacking in ({}, {"rest_else": ""}, {"rest_else": "member", "rest_heir": "nobody-at-all"}):
        assert client.post(path, named | lacking).status_code == 422
    assert client.post(path, {f"heir_{rooms[0]}": "", "rest_else": "member"}).status_code == 422
    assert User.objects.get(pk=bob.pk).is_active

    given = named | {"rest_heir": f"@{carol.username}", "rest_else": "member"}
    assert client.post(path, given).status_code == 302
    assert _owners(rooms) == [{carol.pk}] * 3 + [{dave.pk}] * 3 + [{erin.pk}]
    assert _owners([lonely, shared]) == [set(), {carol.pk}]
    assert departures.still_in(bob) == 0


def test_it_stands_on_the_trail_to_whom_each_went_and_in_the_log_before_the_leave():
    bob, carol, _dave, _erin, rooms = _world()
    boss = holder("owner")
    departures.deactivate(acting(boss), bob, Will({rooms[0]: carol.pk, rooms[1]: None}, Rest(carol.pk, False)))
    told = Entry.objects.filter(verb="conversation.hand_over", target__in=[f"conversation:{id}" for id in rooms])
    went = {entry.target: (entry.actor_id, entry.before["owner"], entry.after["owner"]) for entry in told}
    heirs = [carol.pk, None, carol.pk, None, None, None, None]
    assert went == {f"conversation:{id}": (boss.pk, bob.pk, heir) for id, heir in zip(rooms, heirs, strict=True)}
    assert _owners(rooms) == [{heir} - {None} for heir in heirs]
    assert [type(event).__name__ for event in log_of(rooms[2])][-2:] == ["Role", "Leave"]


def test_a_bot_goes_as_a_bot_and_nobody_leaves_a_direct_conversation():
    boss, bob = holder("owner"), person("bob")
    robot = person("robot", kind=User.Kind.BOT)
    room, talk = channel(bob, robot), direct(bob, robot)
    departures.deactivate(acting(boss), robot, Will({}, None))
    told = set(Entry.objects.filter(target=f"user:{robot.pk}", actor_id=boss.pk).values_list("verb", flat=True))
    assert "bot.deactivate" in told
    assert "person.deactivate" not in told
    present = Membership.objects.filter(person_id=robot.pk).extra(where=["upper_inf(spans)"])
    assert list(present.values_list("conversation_id", flat=True)) == [talk]
    assert room != talk
    assert departures.still_in(robot) == 0


def test_broken_off_it_goes_on_where_it_was_and_is_asked_again(monkeypatch):
    bob, carol, _dave, _erin, rooms = _world()
    boss = holder("owner")
    will, strides, leave = Will({}, Rest(None, True)), [], departures._leave

    def fails(*args):
        strides.append(args)
        if len(strides) == 2:
            raise OperationalError("the lock was not to be had")
        return leave(*args)

    with monkeypatch.context() as broken:
        broken.setattr(departures, "_leave", fails)
        with pytest.raises(OperationalError):
            departures.deactivate(acting(boss), bob, will)
    assert _owners(rooms) == [{carol.pk}] * 3 + [{bob.pk}] * 4
    client, path = desk(boss), f"/admin/people/{bob.pk}/leave/"
    page = client.get(path).content.decode()
    assert "still in 4" in page
    assert "the other 2 channels" in page
    assert client.post(path, {}).status_code == 422
    given = {f"heir_{id}": "nobody" for id in rooms[3:5]} | {"rest_else": "nobody"}
    assert client.post(path, given).status_code == 302
    assert _owners(rooms) == [{carol.pk}] * 3 + [set()] * 4
    assert departures.still_in(bob) == 0


def test_what_becomes_ones_own_alone_meanwhile_is_not_left_before_it_is_decided(monkeypatch):
    bob, carol = person("bob"), person("carol")
    room = channel(carol, bob)
    add(carol, room, bob, "owner")
    monkeypatch.setattr(ownership, "hand_over", lambda *_: User.objects.filter(pk=carol.pk).update(is_active=False))
    dave = person("dave")
    add(bob, room, dave)
    assert departures.deactivate(acting(holder("owner")), bob, Will({})) == (0, 1)
    assert bob.pk in _owners([room])[0]


def test_bots_and_tokens_that_go_on_are_named():
    bob = person("bob")
    bot = person("robot", kind="bot", invited_by=bob)
    page = desk(holder("owner")).get(f"/admin/people/{bob.pk}/deactivate/").content.decode()
    assert f"@{bot.username}" in page
    assert "every token is revoked (0 now)" in page


def test_nothing_happens_where_nothing_is_said():
    bob, carol, _dave, _erin, rooms = _world()
    for will in (Will({}), Will({rooms[0]: carol.pk})):
        with pytest.raises(Refusal, match="say who owns them next"):
            departures.deactivate(acting(holder("owner")), bob, will)
    assert User.objects.get(pk=bob.pk).is_active
    assert _owners(rooms) == [{bob.pk}] * 7


def test_the_domain_lets_nobody_else_go_on_with_it_and_takes_nobody_out_who_is_here():
    bob, carol = person("bob"), person("carol")
    room = channel(bob, carol)
    for role in ("member", "moderator", "officer"):
        with pytest.raises(Refusal, match="none of your roles"):
            departures.leave_all(acting(holder(role)), bob, Will({room: carol.pk}))
    with pytest.raises(Refusal, match="Only a deactivated account"):
        departures.leave_all(acting(holder("owner")), bob, Will({room: carol.pk}))
    assert _owners([room]) == [{bob.pk}]
