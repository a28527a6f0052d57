"""User groups: who makes them, who finds them, and whom a mention of one means."""

import secrets

import pytest

from accounts.models import User
from accounts.refusal import Refusal
from audit.models import Entry
from messaging import user_groups
from messaging.models import Mention, UserGroup
from tests.accounts.admin.desks import desk, holder
from tests.messaging.api.calls import Caller
from tests.messaging.api.test_barriers import wall
from tests.worlds import acting, add, appointed, channel, person, remove, say


def team(*people: User, handle: str = "") -> UserGroup:
    """Make a user group with these people in it."""
    boss = acting(appointed("boss", "administrator"))
    made = user_groups.make(boss, handle or f"team-{secrets.token_hex(4)}", "The team", "Whoever is on duty")
    if people:
        user_groups.move(boss, made, add=[user.pk for user in people])
    return made


def _mentions(user: User, conversation: int) -> int:
    (mine,) = [c for c in Caller(user).get("/conversations").body["conversations"] if c["id"] == conversation]
    return int(mine["mentions"])


def test_a_mention_is_one_row_and_counts_for_each_of_the_group_who_is_in_the_conversation():
    alice, bob, carol, dave = (person(name) for name in ("alice", "bob", "carol", "dave"))
    room = channel(alice, bob, carol)
    duty = team(bob, dave)
    seq = say(alice, room, f"who is there? <&{duty.pk}> <&{duty.pk}>")
    assert list(Mention.objects.filter(conversation_id=room).values_list("seq", "person_id", "group_id")) == [
        (seq, None, duty.pk)
    ]
    assert [_mentions(user, room) for user in (bob, carol)] == [1, 0]
    (said,) = Caller(carol).messages(room)
    assert said["mentions"] == [{"group": duty.pk}]
    (event,) = [e for e in Caller(carol).get(f"/conversations/{room}/events").body["events"] if e["kind"] == "message"]
    assert event["mentions"] == [{"group": duty.pk}]
    add(alice, room, dave)  # who was not in the conversation is not told of what was said before
    assert _mentions(dave, room) == 0
    both = say(alice, room, f"<@{bob.pk}> <&{duty.pk}>")
    assert [_mentions(user, room) for user in (bob, dave)] == [2, 1]
    assert Mention.objects.filter(conversation_id=room, seq=both).count() == 2
    remove(alice, room, bob)
    add(alice, room, bob)
    assert _mentions(bob, room) == 0


def test_it_means_who_was_in_the_group_when_it_was_said():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    room = channel(alice, bob, carol)
    duty = team(bob)
    say(alice, room, f"<&{duty.pk}>")
    boss = acting(appointed("boss", "administrator"))
    user_groups.move(boss, duty, add=[carol.pk], remove=[bob.pk])
    assert [_mentions(user, room) for user in (bob, carol)] == [1, 0]
    say(alice, room, f"<&{duty.pk}>")
    assert [_mentions(user, room) for user in (bob, carol)] == [1, 1]
    user_groups.close(boss, duty)
    say(alice, room, f"<&{duty.pk}>")
    assert [_mentions(user, room) for user in (bob, carol)] == [1, 1]


def test_over_a_wall_nobody_is_meant():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    room = channel(carol, alice, bob)
    duty = team(bob, carol)
    wall([alice], [bob])
    say(alice, room, f"<&{duty.pk}>")
    assert [_mentions(user, room) for user in (bob, carol)] == [0, 1]


def test_who_is_mentioned_in_a_thread_by_a_group_follows_it():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    room = channel(alice, bob, carol)
    duty = team(bob)
    root = say(alice, room, "the root")
    say(alice, room, f"look, <&{duty.pk}>", thread=root)
    say(alice, room, "there is more", thread=root)
    (thread,) = Caller(bob).get("/threads").body["threads"]
    assert (thread["root"], thread["followed"], thread["unread"]) == (root, True, 2)
    assert Caller(carol).get("/threads").body["threads"] == []
    (asked,) = Caller(carol).get("/threads", conversation=room, roots=str(root)).body["threads"]
    assert not asked["followed"]


def test_groups_are_found_by_handle_and_name_a_page_at_a_time():
    alice, bob = person("alice"), person("bob")
    word = f"zz{secrets.token_hex(4)}"
    made = [team(bob, handle=f"{word}.{n}") for n in range(3)]
    caller = Caller(bob)
    found = caller.pages("/groups", "groups", q=word, limit=2)
    assert [group["handle"] for group in found] == [f"{word}.{n}" for n in range(3)]
    assert found[0] == {
        "id": made[0].pk, "handle": f"{word}.0", "name": "The team", "description": "Whoever is on duty",
        "members": 1, "is_member": True,
    }  # fmt: skip
    assert not Caller(alice).get("/groups", q=word).body["groups"][0]["is_member"]
    user_groups.close(acting(appointed("boss", "administrator")), made[1])
    assert [g["handle"] for g in caller.get("/groups", q=word).body["groups"]] == [f"{word}.0", f"{word}.2"]
    # what was said before still shows it
    (closed,) = caller.get("/groups", ids=str(made[1].pk)).body["groups"]
    assert (closed["handle"], closed["members"]) == (f"{word}.1", 0)
    assert caller.get(f"/groups/{made[1].pk}/members").refusal == (404, "not_found")
    assert caller.get("/groups", ids="1,x").refusal == (400, "malformed")
    assert caller.get("/groups", q=f"{word}%").body["groups"] == []


def test_who_is_in_a_group_is_told_to_who_may_know_of_them():
    alice, bob, carol, gone = (person(name) for name in ("alice", "bob", "carol", "gone"))
    duty = team(bob, carol, gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    wall([alice], [bob])
    path = f"/groups/{duty.pk}/members"
    assert {u["id"] for u in Caller(alice).pages(path, "users", limit=1)} == {carol.pk}
    assert {u["id"] for u in Caller(carol).pages(path, "users", limit=1)} == {bob.pk, carol.pk}
    counts = [Caller(user).get("/groups", ids=str(duty.pk)).body["groups"][0]["members"] for user in (alice, carol)]
    assert counts == [1, 2]


def test_a_guest_gets_the_handles_of_groups_that_the_guest_has_met():
    alice, guest = person("alice"), person("guest", is_guest=True)
    room, other = channel(alice, guest), channel(alice)
    met, unmet, own = team(alice), team(alice), team(guest)
    say(alice, room, f"<&{met.pk}>")
    say(alice, other, f"<&{unmet.pk}>")
    caller = Caller(guest)
    found = caller.get("/groups", ids=f"{met.pk},{unmet.pk},{own.pk}").body["groups"]
    assert {group["id"]: group["members"] for group in found} == {met.pk: None, own.pk: None}
    assert caller.get("/groups").refusal == (403, "forbidden")
    assert caller.get(f"/groups/{met.pk}/members").refusal == (403, "forbidden")
    remove(alice, room, guest)
    assert [g["id"] for g in caller.get("/groups", ids=f"{met.pk},{own.pk}").body["groups"]] == [own.pk]


def test_a_group_is_made_and_kept_in_the_administration():
    bob = person("bob")
    client = desk(holder("administrator"))
    handle = f"duty-{secrets.token_hex(4)}"
    made = client.post("/admin/groups/make/", {"handle": f"@{handle.upper()}", "name": "On duty"}, follow=True)
    assert made.status_code == 200
    group = UserGroup.objects.get(handle=handle)
    assert f"@{handle}" in client.get("/admin/groups/", {"q": handle}).content.decode()
    page = f"/admin/groups/{group.pk}/"
    assert client.post(f"{page}people/", {"people": bob.username, "change": "add"}).status_code == 302
    assert bob.username in client.get(page).content.decode()
    named = client.post(f"{page}name/", {"handle": handle, "name": "Off duty", "description": "nobody"})
    assert named.status_code == 302
    assert "Off duty" in client.get(page).content.decode()
    twice = client.post("/admin/groups/make/", {"handle": handle, "name": "Again"})
    assert (twice.status_code, "already" in twice.content.decode()) == (422, True)
    assert client.post(f"{page}people/", {"people": bob.username, "change": "remove"}).status_code == 302
    assert client.post(f"{page}close/").status_code == 302
    assert client.get(page).status_code == 404
    deeds = Entry.objects.filter(target=f"user_group:{group.pk}").order_by("id")
    assert [deed.verb for deed in deeds] == [
        "user_group.make", "user_group.move", "user_group.change", "user_group.move", "user_group.close",
    ]  # fmt: skip
    assert {deed.category for deed in deeds} == {"administration"}
    assert deeds[1].after == {"add": [bob.pk], "remove": []}
    team(handle=handle)  # a handle that was given up is free


def test_what_a_group_cant_be():
    bob, boss = person("bob"), acting(appointed("boss", "administrator"))
    taken = team().handle
    for handle in ("", "-x", "x y", "channel", "here", "x" * 33, taken, bob.username, "ü"):
        with pytest.raises(Refusal) as refused:
            user_groups.make(boss, handle, "Name")
        assert refused.value.field == "handle", handle
    for name, description, field in (("", "", "name"), ("x" * 65, "", "name"), ("x", "x" * 251, "description")):
        with pytest.raises(Refusal) as refused:
            user_groups.make(boss, f"ok-{secrets.token_hex(4)}", name, description)
        assert refused.value.field == field
    group = team()
    for people in ([], range(1, user_groups.PEOPLE + 2), [10**9]):
        with pytest.raises(Refusal) as refused:
            user_groups.move(boss, group, add=people)
        assert refused.value.field == "people"
    for deed in (
        lambda who: user_groups.make(who, f"ok-{secrets.token_hex(4)}", "Name"),
        lambda who: user_groups.change(who, group, group.handle, "Name"),
        lambda who: user_groups.move(who, group, add=[bob.pk]),
        lambda who: user_groups.close(who, group),
    ):
        with pytest.raises(Refusal) as refused:
            deed(acting(person("mallory")))
        assert refused.value.code == "forbidden"
