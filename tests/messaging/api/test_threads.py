"""Threads as each person has them: followed, read so far, by whom; and replies that are for the room as well."""

from typing import Any
from uuid import uuid4

from accounts.models import User
from messaging.protocol import commands
from tests.messaging.api.calls import Caller
from tests.worlds import add, channel, delete, done, group, keep, own_log, person, remove, say


def _threads(user: User, **query: Any) -> list[dict[str, Any]]:
    return Caller(user).pages("/threads", "threads", **query)


def _followed(user: User) -> list[tuple[int, int]]:
    return [(thread["conversation"], thread["root"]) for thread in _threads(user)]


def _follow(user: User, where: int, root: int, on: bool) -> None:
    assert keep(user, own_log(user), commands.Follow(id=uuid4(), where=where, root=root, on=on)).code is None


def test_who_says_something_or_is_mentioned_or_asks_for_it_follows():
    alice, bob, carol, dave = (person(name) for name in ("alice", "bob", "carol", "dave"))
    room = channel(alice, bob, carol, dave)
    root = say(alice, room, "what do you think?")
    assert _followed(alice) == []  # no reply yet
    say(bob, room, f"ask <@{carol.pk}>", thread=root, payload={"mentions": [carol.pk]})
    assert [_followed(user) for user in (alice, bob, carol, dave)] == [[(room, root)]] * 3 + [[]]
    remove(alice, room, dave)
    say(bob, room, f"and <@{dave.pk}>", thread=root, payload={"mentions": [dave.pk]})
    add(alice, room, dave)
    assert _followed(dave) == []  # nobody is mentioned who is not there
    _follow(dave, room, root, True)
    _follow(alice, room, root, False)
    assert [_followed(user) for user in (alice, dave)] == [[], [(room, root)]]
    say(alice, room, "I still say something", thread=root)
    assert _followed(alice) == []  # it stays left alone
    _follow(alice, room, root, True)
    _follow(dave, room, root, False)
    assert [_followed(user) for user in (alice, dave)] == [[(room, root)], []]


def test_unread_is_what_others_said_after_what_was_seen_and_after_ones_own():
    alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
    room = channel(alice, bob, carol)
    root = say(alice, room, "root")
    first, second = (say(bob, room, f"{n}", thread=root) for n in range(2))
    third = say(carol, room, "3", thread=root)

    def unread(user: User) -> tuple[int, int]:
        (thread,) = _threads(user)
        return thread["unread"], thread["read"]

    assert [unread(user) for user in (alice, bob, carol)] == [(3, 0), (1, second), (0, third)]
    keep(alice, own_log(alice), commands.Seen(id=uuid4(), where=room, root=root, read=first))
    assert unread(alice) == (2, first)
    done(delete(carol, room, third))
    assert [unread(user) for user in (alice, bob)] == [(1, first), (0, second)]
    (thread,) = _threads(alice)
    assert (thread["replies"], thread["participants"]) == (2, [bob.pk])
    say(alice, room, "mine", thread=root)
    assert unread(alice)[0] == 0
    (thread,) = _threads(alice)
    assert (thread["replies"], thread["participants"]) == (3, [bob.pk, alice.pk])


def test_nobody_learns_of_a_thread_that_may_not_be_read():
    alice, bob, mallory = (person(name) for name in ("alice", "bob", "mallory"))
    room = group(alice, bob, mallory)
    hidden = say(alice, room, "root")
    say(mallory, room, "reply", thread=hidden)
    remove(alice, room, mallory)
    assert _threads(mallory) == []
    asked = Caller(mallory).get("/threads", conversation=room, roots=f"{hidden}")
    assert asked.refusal == (404, "not_found")
    say(bob, room, "said meanwhile", thread=hidden)
    between = say(alice, room, "another root")
    say(bob, room, f"<@{mallory.pk}>", thread=between, payload={"mentions": [mallory.pk]})
    add(alice, room, mallory)
    assert _followed(mallory) == [(room, hidden)]
    (thread,) = _threads(mallory)
    assert (thread["replies"], thread["unread"], thread["participants"]) == (1, 0, [mallory.pk])
    _follow(mallory, room, between, True)
    assert _followed(mallory) == [(room, hidden)]
    some = Caller(mallory).get("/threads", conversation=room, roots=f"{hidden},{between},1,99999")
    assert [thread["root"] for thread in some.body["threads"]] == [hidden]
    say(bob, room, "said again", thread=hidden)
    (thread,) = _threads(mallory)
    assert (thread["replies"], thread["unread"]) == (2, 1)


def test_pages_go_back_in_time_without_a_gap():
    alice, bob = person("alice"), person("bob")
    rooms = [channel(alice, bob) for _ in range(2)]
    roots = [(room, say(alice, room, "root")) for room in rooms for _ in range(4)]
    for room, root in roots:
        say(bob, room, "reply", thread=root)
    say(bob, roots[0][0], "again", thread=roots[0][1])
    found = [(t["conversation"], t["root"]) for t in _threads(alice, limit=3)]
    assert found == [roots[0], *reversed(roots[1:])]
    some = Caller(bob).get("/threads", conversation=rooms[0], roots=",".join(str(root) for _, root in roots[:2]))
    assert [thread["followed"] for thread in some.body["threads"]] == [True, True]


def test_a_reply_may_be_for_the_room_as_well():
    alice, bob = person("alice"), person("bob")
    room = channel(alice, bob)
    caller = Caller(bob)
    root = say(alice, room, "root")
    assert caller.say(room, "here too", thread=root, also=True).status == 201
    assert caller.say(room, "there only", thread=root).status == 201
    assert [message.get("also") for message in caller.messages(room)] == [None, True, None]
    refused = caller.say(room, "to nobody", also=True)
    assert refused.refusal == (400, "malformed")


def test_bad_input_is_told():
    alice = person("alice")
    room = channel(alice)
    caller = Caller(alice)
    for query in (
        {"roots": "1"},
        {"roots": "1,x", "conversation": room},
        {"roots": ",".join(["1"] * 201), "conversation": room},
        {"cursor": "nonsense"},
    ):
        assert caller.get("/threads", **query).refusal == (400, "malformed"), query
