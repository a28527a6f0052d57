"""Who adds, removes and gives roles."""

import pytest

from messaging.models import Conversation, Membership
from messaging.protocol import events
from tests.messaging.api.calls import Answer, Caller
from tests.worlds import add, channel, delete, direct, edit, group, log_of, person, put, say


def _add(who: Caller, conversation: int, user: int, role: str = "member") -> Answer:
    return who.post(f"/conversations/{conversation}/members", {"user": user, "role": role})


def _remove(who: Caller, conversation: int, user: int) -> Answer:
    return who.delete(f"/conversations/{conversation}/members/{user}")


def _roles(who: Caller, conversation: int) -> dict[str, str]:
    members = who.pages(f"/conversations/{conversation}/members", "members")
    return {member["user"]["username"].split("-")[0]: member["role"] for member in members}


def test_a_member_adds_members_and_neither_gives_roles_nor_removes():
    alice, bob, carol, dave = (person(name) for name in ("alice", "bob", "carol", "dave"))
    conversation = channel(alice, bob)
    his = Caller(bob)
    added = _add(his, conversation, carol.pk)
    assert added.status == 201
    assert added.body["user"]["username"] == carol.username
    assert _add(his, conversation, carol.pk).status == 200
    assert _add(his, conversation, dave.pk, "moderator").refusal == (403, "forbidden")
    assert _add(his, conversation, bob.pk, "owner").refusal == (403, "forbidden")
    assert _remove(his, conversation, carol.pk).refusal == (403, "forbidden")
    assert _remove(his, conversation, alice.pk).refusal == (403, "forbidden")
    assert _roles(his, conversation) == {"alice": "owner", "bob": "member", "carol": "member"}
    assert _remove(his, conversation, bob.pk).status == 204
    assert _roles(Caller(alice), conversation) == {"alice": "owner", "carol": "member"}


def test_a_moderator_moderates_members_and_touches_no_owner():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = channel(alice, bob, carol)
    add(alice, conversation, bob, "moderator")
    his = Caller(bob)
    assert _add(his, conversation, carol.pk, "moderator").status == 200
    assert _add(his, conversation, carol.pk, "member").status == 200
    assert _add(his, conversation, carol.pk, "owner").refusal == (403, "forbidden")
    assert _add(his, conversation, alice.pk, "member").refusal == (403, "forbidden")
    assert _remove(his, conversation, alice.pk).refusal == (403, "forbidden")
    assert _remove(his, conversation, carol.pk).status == 204
    assert _roles(his, conversation) == {"alice": "owner", "bob": "moderator"}


def test_an_owner_makes_owners_and_removes_anybody():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    hers = Caller(alice)
    assert _add(hers, conversation, bob.pk, "owner").status == 200
    assert _roles(hers, conversation) == {"alice": "owner", "bob": "owner"}
    assert _remove(hers, conversation, bob.pk).status == 204
    assert [event.__struct_config__.tag for event in log_of(conversation)] == ["join", "join", "role", "leave"]


def _owners(conversation: int) -> set[int]:
    owned = Membership.objects.filter(conversation_id=conversation, role="owner").extra(where=["upper_inf(spans)"])
    return set(owned.values_list("person_id", flat=True))


def test_whose_only_owner_leaves_goes_to_a_moderator_else_to_the_oldest_account():
    alice, guest, robot = person("alice"), person("guest", is_guest=True), person("robot", kind="bot")
    bob, carol, dave = (person(name) for name in ("bob", "carol", "dave"))
    room = channel(alice, guest, robot, bob, carol, dave)
    add(alice, room, carol, "moderator")
    for who, heir in ((alice, carol), (carol, bob), (bob, dave)):
        assert Caller(who).delete(f"/conversations/{room}/members/{who.pk}").status == 204
        assert _owners(room) == {heir.pk}
        given, left = log_of(room)[-2:]
        assert isinstance(given, events.Role)
        assert (given.member, given.role, given.user) == (heir.pk, "owner", who.pk)
        assert isinstance(left, events.Leave)
        assert left.member == who.pk
    # a guest and a program own nothing: it goes on without an owner
    assert Caller(dave).delete(f"/conversations/{room}/members/{dave.pk}").status == 204
    assert _owners(room) == set()


def test_the_only_owner_stays_one_until_somebody_else_is():
    alice, bob, gone = person("alice"), person("bob"), person("gone")
    room = channel(alice, bob, gone)
    add(alice, room, gone, "owner")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)  # who can't come in is no owner to rely on
    hers = Caller(alice)
    refused = hers.post(f"/conversations/{room}/members", {"user": alice.pk, "role": "member"})
    assert (refused.refusal, "somebody else" in refused.body["detail"]) == ((403, "forbidden"), True)
    assert hers.post(f"/conversations/{room}/members", {"user": bob.pk, "role": "owner"}).status == 200
    assert hers.post(f"/conversations/{room}/members", {"user": alice.pk, "role": "member"}).status == 200
    # whoever is one of several leaves without a word about the others
    add(bob, room, alice, "owner")
    assert hers.delete(f"/conversations/{room}/members/{alice.pk}").status == 204
    *_, given, left = log_of(room)
    assert (type(given), type(left)) == (events.Role, events.Leave)
    assert isinstance(given, events.Role)
    assert given.member == alice.pk
    assert _owners(room) == {bob.pk, gone.pk}


def test_who_is_no_member_can_be_neither_removed_nor_found():
    alice, mallory = person("alice"), person("mallory")
    conversation = channel(alice)
    there, not_there = (_remove(Caller(alice), conversation, id) for id in (mallory.pk, 10**8))
    assert there.refusal == not_there.refusal == (404, "not_found")
    assert there.body == not_there.body
    assert _remove(Caller(alice), conversation, 10**30).refusal == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [{}, {"user": "1"}, {"user": 0}, {"user": -1}, {"user": 10**8}, {"user": 10**30}, {"user": 1, "role": "king"}],
)
def test_only_active_people_are_added(body):
    alice = person("alice")
    conversation = channel(alice)
    answer = Caller(alice).post(f"/conversations/{conversation}/members", body)
    assert answer.refusal == (400, "malformed")
    gone = person("gone", is_active=False)
    assert _add(Caller(alice), conversation, gone.pk).refusal == (400, "malformed")
    assert len(log_of(conversation)) == 1


def test_a_direct_conversation_stays_between_two():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = direct(alice, bob)
    assert _add(Caller(alice), conversation, carol.pk).refusal == (403, "forbidden")
    assert _remove(Caller(alice), conversation, bob.pk).refusal == (403, "forbidden")
    assert _remove(Caller(alice), conversation, alice.pk).refusal == (403, "forbidden")


def test_opening_a_direct_conversation_twice_from_either_side_finds_the_same():
    alice, bob = person("alice"), person("bob")
    first = Caller(alice).post("/conversations", {"kind": "direct", "members": [bob.pk]})
    second = Caller(bob).post("/conversations", {"kind": "direct", "members": [alice.pk]})
    assert (first.status, second.status) == (201, 200)
    assert first.body["id"] == second.body["id"]
    assert [user["username"] for user in first.body["users"]] == [bob.username]
    alone = Caller(alice).post("/conversations", {"kind": "direct"})
    assert alone.status == 201
    assert alone.body["members"] == 1


def test_a_new_conversation_is_owned_by_its_creator():
    alice, bob = person("alice"), person("bob")
    made = Caller(alice).post("/conversations", {"kind": "group", "members": [bob.pk, bob.pk, alice.pk]})
    assert made.status == 201
    assert made.body["members"] == 2
    assert _roles(Caller(bob), made.body["id"]) == {"alice": "owner", "bob": "member"}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "channel"},
        {"kind": "channel", "name": "  "},
        {"kind": "channel", "name": "x" * 129},
        {"kind": "channel", "name": "a\x00b"},
        {"kind": "group"},
        {"kind": "group", "members": [10**8]},
        {"kind": "group", "members": [0]},
        {"kind": "group", "members": [10**30]},
        {"kind": "direct", "members": [1, 2, 3]},
        {"kind": "direct", "name": "named", "members": [1]},
        {"kind": "personal"},
        {"kind": "channel", "name": "x", "colour": "red"},
        {"kind": "channel", "name": "x", "members": list(range(1, 1003))},
        [],
        None,
    ],
)
def test_a_conversation_that_cannot_be_is_refused_in_a_sentence(body):
    assert Caller(person("alice")).post("/conversations", body).refusal == (400, "malformed")


def test_an_archived_conversation_is_read_and_no_more():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice)
    target = say(alice, conversation, "before")
    Conversation.objects.filter(pk=conversation).update(archived_at="2026-01-01T00:00:00Z")
    hers = Caller(alice)
    assert hers.bodies(conversation) == ["before"]
    assert hers.get(f"/conversations/{conversation}").body["is_archived"]
    assert hers.say(conversation, "after").refusal == (409, "archived")
    assert _add(hers, conversation, bob.pk).refusal == (409, "archived")
    verdicts = put(edit(alice, conversation, target, "x"), delete(alice, conversation, target))
    assert {verdict.code for verdict in verdicts} == {"archived"}


def test_only_the_author_edits_and_only_the_author_or_a_moderator_deletes():
    alice, bob, carol, mallory = (person(name) for name in ("alice", "bob", "carol", "mallory"))
    conversation = channel(alice, bob, carol)
    add(alice, conversation, bob, "moderator")
    hers, theirs = say(carol, conversation, "carol's"), say(alice, conversation, "alice's")
    codes = [
        verdict.code
        for verdict in put(
            edit(alice, conversation, hers, "put into her mouth"),
            edit(bob, conversation, hers, "put into her mouth"),
            edit(mallory, conversation, hers, "put into her mouth"),
            delete(carol, conversation, theirs),
            delete(mallory, conversation, theirs),
            edit(carol, conversation, hers, "carol's own"),
            delete(bob, conversation, theirs),
        )
    ]
    assert codes == ["forbidden", "forbidden", "not_found", "forbidden", "not_found", None, None]
    assert Caller(carol).bodies(conversation) == ["carol's own", ""]


def test_in_a_group_a_newcomer_begins_with_the_joining_and_in_a_channel_with_its_start():
    alice, bob = person("alice"), person("bob")
    for kind, expected in ((group, ["after"]), (channel, ["before", "after"])):
        conversation = kind(alice)
        say(alice, conversation, "before")
        add(alice, conversation, bob)
        say(alice, conversation, "after")
        assert Caller(bob).bodies(conversation) == expected
        assert Caller(bob).get(f"/conversations/{conversation}").body["unread"] == 1
