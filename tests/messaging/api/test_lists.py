"""Lists by cursor: each entry once, whatever the page's size."""

import base64
import secrets

import pytest

from messaging import members as roll
from messaging.protocol import limits
from tests.messaging.api.calls import Caller
from tests.worlds import add, channel, group, message, person, put, say


def test_my_conversations_come_once_each_latest_first():
    alice, mallory = person("alice"), person("mallory")
    mine = [channel(alice) for _ in range(7)]
    theirs = channel(mallory)
    # two that moved in the same instant
    put(message(alice, mine[2], "now"), message(alice, mine[4], "now"))
    say(alice, mine[0], "last")
    for limit in (1, 2, 3, 50):
        ids = [c["id"] for c in Caller(alice).pages("/conversations", "conversations", limit=limit)]
        assert ids == [mine[0], mine[4], mine[2], mine[6], mine[5], mine[3], mine[1]]
        assert theirs not in ids


@pytest.fixture(params=[roll.LARGE, 0], ids=["small", "large"])
def way(request, monkeypatch):
    """Both ways of listing members: as a small room, and as a large one, are."""
    monkeypatch.setattr(roll, "LARGE", request.param)


def test_members_come_once_each_by_username(way):
    names = ["Alpha", "beta", "Ärger", "İstanbul", "ΑΣ", "Straße", "日本", "ab", "aB2", "_x", "-y"]
    owner = person("owner")
    members = [person(name, email="someone@example.org") for name in names]
    conversation = channel(owner, *members)
    expected = {owner.username, *(member.username for member in members)}
    for limit in (1, 2, 5, 50):
        shown = Caller(owner).pages(f"/conversations/{conversation}/members", "members", limit=limit)
        assert sorted(entry["user"]["username"] for entry in shown) == sorted(expected)
    assert shown[0]["role"] in ("owner", "member")


def test_only_present_members_are_listed(way):
    alice, bob = person("alice"), person("bob")
    conversation = group(alice)
    add(alice, conversation, bob)
    Caller(bob).delete(f"/conversations/{conversation}/members/{bob.pk}")
    (shown,) = Caller(alice).pages(f"/conversations/{conversation}/members", "members")
    assert shown["user"]["id"] == alice.pk


def test_members_are_counted_up_to_a_bound(monkeypatch):
    alice = person("alice")
    conversation = channel(alice, person("bob"), person("carol"))
    assert Caller(alice).get(f"/conversations/{conversation}").body["members"] == 3
    monkeypatch.setattr(limits, "MEMBERS_COUNTED", 2)
    assert Caller(alice).get(f"/conversations/{conversation}").body["members"] == 2


def test_people_are_found_once_each_by_the_start_of_a_name():
    word = secrets.token_hex(4)
    found = [person(f"{word}{letter}", email="someone@example.org") for letter in ("b", "A", "İ", "Σ")]
    named = person("zoe", name=f"Zoe {word.upper()}son")
    person(f"gone{word}", is_active=False)
    expected = {user.username for user in (*found, named)}
    for limit in (1, 2, 50):
        shown = Caller(named).pages("/users", "users", q=word, limit=limit)
        assert sorted(user["username"] for user in shown) == sorted(expected)


@pytest.mark.parametrize("q", ["%lice", "al_ce", "\\", "nobody\x00", "'; drop table", "x" * 5000])
def test_a_search_for_people_is_taken_literally(q):
    assert Caller(person("alice")).get("/users", q=q).body["users"] == []


def test_people_are_looked_up_by_id_also_when_they_are_gone():
    alice, gone = person("alice"), person("gone", is_active=False)
    shown = Caller(alice).get("/users", ids=f"{alice.pk},{gone.pk},{10**8}").body
    assert [user["id"] for user in shown["users"]] == [alice.pk, gone.pk]
    assert not shown["cursor"]


@pytest.mark.parametrize("ids", ["", "x", "1,", "-1", "1,x", ",".join(["1"] * 201), "1" * 20])
def test_ids_that_are_none_are_refused(ids):
    assert Caller(person("alice")).get("/users", ids=ids).refusal == (400, "malformed")


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


_BAD = [
    "x",
    "ä",
    "!!!!",
    "=",
    _cursor("{}"),
    _cursor("[]"),
    _cursor("[1, 2, 3]"),
    _cursor('["2026-01-01T00:00:00Z", "x"]'),
    _cursor('["2026-01-01T00:00:00Z", 1000000000000000000000000000000]'),
    _cursor('["\\u0000", 1]'),
    _cursor('["yesterday", 1]'),
]


@pytest.mark.parametrize("cursor", _BAD)
def test_a_cursor_of_conversations_that_was_not_given_is_refused(cursor):
    assert Caller(person("alice")).get("/conversations", cursor=cursor).refusal == (400, "malformed")


@pytest.mark.parametrize(
    "cursor", ["x", "ä", "!!!!", _cursor("{}"), _cursor("[]"), _cursor("[1]"), _cursor('["\\u0000"]')]
)
def test_a_cursor_of_people_that_was_not_given_is_refused(cursor):
    alice = person("alice")
    assert Caller(alice).get("/users", cursor=cursor).refusal == (400, "malformed")
    assert Caller(alice).get(f"/conversations/{channel(alice)}/members", cursor=cursor).refusal == (400, "malformed")


@pytest.mark.parametrize("limit", ["0", "x", "-1", "1.5", ""])
def test_a_limit_that_is_no_whole_number_is_refused(limit):
    alice = person("alice")
    for path in ("/conversations", "/users", f"/conversations/{channel(alice)}/members"):
        assert Caller(alice).get(path, limit=limit).refusal == (400, "malformed")


def test_me_is_who_asks():
    alice = person("alice")
    assert Caller(alice).get("/me").body == {"id": alice.pk, "username": alice.username, "name": "Alice"}
