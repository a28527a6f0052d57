"""Bots, and tokens: who makes them, for what, for how long; and that an administrator's bot is no way round."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import hashing
from accounts.access import tokens
from accounts.authority import grants
from accounts.models import Token, User
from accounts.people import bots
from accounts.refusal import Refusal
from audit.models import Entry
from messaging.protocol.events import Join
from tests.accounts.admin.desks import desk
from tests.messaging.api.calls import Caller
from tests.worlds import acting, add, appointed, bearer, channel, log_of, person, say

DAY = timedelta(days=1)


@pytest.fixture
def admin() -> User:
    """An administrator."""
    return appointed("admin", "administrator")


def _bot(admin: User, *scopes: str) -> tuple[User, str]:
    bot = bots.make(acting(admin), f"bot-{uuid4().hex[:8]}", "Robot")
    return bot, bots.new_token(acting(admin), bot, name="program", scopes=scopes or ("read", "write", "manage"))


def test_a_bot_is_made_by_an_administrator_and_shown_as_one(admin):
    bot, token = _bot(admin)
    assert Entry.objects.get(verb="bot.make", target=f"user:{bot.pk}").category == "administration"
    assert Caller(token=token).get("/me").body["is_bot"] is True
    assert (bot.has_usable_password(), bot.can_come_in) == (False, False)
    scopes = frozenset({"read", "write", "manage"})
    for refused in (
        acting(person("alice")),
        acting(admin, is_stepped_up=False),
        acting(admin, via="token", scopes=scopes),
    ):
        with pytest.raises(Refusal):
            bots.make(refused, "other", "Other")
    with pytest.raises(Refusal):
        grants.grant(acting(appointed("owner", "owner")), bot, "administrator")


@pytest.mark.parametrize(
    ("username", "name", "field"),
    [
        ("a b", "Robot", "username"),
        ("", "R", "username"),
        ("x", " ", "name"),
        ("x", "n" * 129, "name"),
        ("x", "a\x00", "name"),
    ],
)
def test_what_a_bot_can_not_be_called_is_said_at_the_field(admin, username, name, field):
    with pytest.raises(Refusal) as refused:
        bots.make(acting(admin), username, name)
    assert refused.value.field == field
    assert not User.objects.filter(name="Robot", username=username).exists()


def test_a_name_that_is_taken(admin):
    alice = person("alice")
    with pytest.raises(Refusal) as refused:
        bots.make(acting(admin), alice.username.upper(), "Alice?")
    assert refused.value.field == "username"


def test_an_administrators_bot_reads_no_conversation_that_nobody_let_it_into(admin):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob, is_private=True)
    say(alice, conversation, "between us")
    bot, token = _bot(admin)
    program = Caller(token=token)
    for path in ("", "/messages", "/events", "/members"):
        assert program.get(f"/conversations/{conversation}{path}").refusal == (404, "not_found")
    assert program.say(conversation, "hello").refusal == (404, "not_found")
    for newcomer in (bot, admin):  # it lets nobody in, itself and its maker included
        asked = program.post(f"/conversations/{conversation}/members", {"user": newcomer.pk})
        assert asked.refusal == (404, "not_found")
    assert program.get("/conversations").body["conversations"] == []
    add(alice, conversation, bot)
    assert program.bodies(conversation) == ["between us"]
    joined = [event.member for event in log_of(conversation) if isinstance(event, Join)]
    assert joined == [alice.pk, bob.pk, bot.pk]
    members = Caller(bob).pages(f"/conversations/{conversation}/members", "members")
    assert [member["user"]["is_bot"] for member in members if member["user"]["id"] == bot.pk] == [True]


def test_nobody_reads_by_a_bot_that_another_made_and_colleagues_let_in(admin):
    alice, mallory = person("alice"), appointed("mallory", "administrator")
    conversation = channel(alice, person("bob"), is_private=True)
    say(alice, conversation, "between us")
    bot, _token = _bot(admin)
    add(alice, conversation, bot)
    with pytest.raises(Refusal, match="whoever made this bot"):
        bots.new_token(acting(mallory), bot, name="mine", scopes=("read",))
    assert tokens.in_force(bot).count() == 1
    assert "Make a token" in desk(admin).get(f"/admin/people/{bot.pk}/").content.decode()
    assert "Make a token" not in desk(mallory).get(f"/admin/people/{bot.pk}/").content.decode()


def test_a_deactivated_bot_does_nothing_any_more(admin):
    bot, token = _bot(admin)
    with pytest.raises(Refusal, match="none of your roles"):
        bots.deactivate(acting(person("mallory")), bot)
    assert Caller(token=token).get("/me").status == 200
    bots.deactivate(acting(admin), bot)
    assert Caller(token=token).get("/me").status == 401
    with pytest.raises(Refusal):
        bots.new_token(acting(admin), bot, name="again", scopes=["read"])


def test_whoever_may_make_no_bots_any_more_makes_no_tokens_for_those_made_before(admin):
    bot, _token = _bot(admin)
    with pytest.raises(Refusal) as late:
        bots.new_token(acting(admin, is_stepped_up=False), bot, name="x", scopes=["read"])
    assert late.value.code == "step_up"
    admin.grants.update(ended_at=timezone.now())
    with pytest.raises(Refusal, match="none of your roles"):
        bots.new_token(acting(admin), bot, name="x", scopes=["read"])


def test_a_bots_scopes_are_kept_to(admin):
    bot, token = _bot(admin, "read")
    assert Caller(token=token).post("/conversations", {"kind": "channel", "name": "x"}).refusal == (403, "forbidden")
    assert Caller(token=token).get("/users", q=bot.username).status == 200


# Tokens of people


def test_a_token_is_shown_once_and_recognised():
    alice = person("alice")
    token = tokens.issue(acting(alice), alice, name="laptop", scopes=["read"])
    assert re.fullmatch(r"parley_[\w-]{43}[0-9A-Za-z]{6}", token)
    assert token.endswith(tokens.checksum(token[:-6]))
    kept = Token.objects.get(user=alice)
    assert bytes(kept.digest) == hashing.digest(token)
    assert kept.expires_at is not None
    assert timedelta(days=89) < kept.expires_at - timezone.now() <= timedelta(days=90)
    entry = Entry.objects.get(verb="token.issue", target=f"user:{alice.pk}")
    assert entry.after["scopes"] == ["read"]
    assert token not in str(entry.deed)


def test_a_token_of_the_old_form_stays_good():
    alice = person("alice")
    old = "parley_" + "x" * 43
    Token.objects.create(user=alice, scopes=["read"], digest=hashing.digest(old + alice.username))
    assert Caller(token=old + alice.username).get("/me").status == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "everything"]}, "scopes"),
        ({"lifetime": None}, "days"),
        ({"lifetime": timedelta()}, "days"),
        ({"lifetime": -DAY}, "days"),
        ({"lifetime": 366 * DAY}, "days"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_made(fields, field):
    alice = person("alice")
    given: dict[str, Any] = {"name": "laptop", "scopes": ["read"], "lifetime": DAY} | fields
    with pytest.raises(Refusal) as refused:
        tokens.issue(acting(alice), alice, **given)
    assert (refused.value.code, refused.value.field) == ("malformed", field)
    assert not Token.objects.filter(user=alice).exists()


def test_who_makes_no_token(admin):
    alice, guest = person("alice"), person("guest", is_guest=True)
    scopes = frozenset({"read", "write", "manage"})
    for by, user, code in (
        (acting(alice, is_stepped_up=False), alice, "step_up"),
        (acting(alice, via="token", scopes=scopes), alice, "forbidden"),
        (acting(guest), guest, "forbidden"),
        (acting(admin), alice, "forbidden"),
    ):
        with pytest.raises(Refusal) as refused:
            tokens.issue(by, user, name="x", scopes=["read"])
        assert refused.value.code == code


def test_not_more_than_so_many(monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 1)
    alice = person("alice")
    tokens.issue(acting(alice), alice, name="one", scopes=["read"])
    with pytest.raises(Refusal):
        tokens.issue(acting(alice), alice, name="two", scopes=["read"])


def test_revoking_ones_own_and_others(admin):
    alice, mallory = person("alice"), person("mallory")
    one, other = bearer(alice), bearer(alice)
    first, second = Token.objects.filter(user=alice).order_by("pk")
    with pytest.raises(Refusal):
        tokens.revoke(acting(mallory), first)
    tokens.revoke(acting(alice), first)
    assert Caller(token=one).get("/me").status == 401
    assert Caller(token=other).get("/me").status == 200
    tokens.revoke(acting(admin), second)
    assert Caller(token=other).get("/me").status == 401
    assert Entry.objects.filter(verb="token.revoke", target=f"user:{alice.pk}").count() == 2
    with pytest.raises(Refusal):
        tokens.revoke(acting(alice), first)


def _last_used_at(user: User) -> datetime:
    found = Token.objects.get(user=user).last_used_at
    assert found is not None
    return found


def test_use_is_noted_once_a_minute():
    alice = person("alice")
    caller = Caller(alice)
    assert caller.get("/me").status == 200
    first = _last_used_at(alice)
    assert caller.get("/me").status == 200
    assert _last_used_at(alice) == first
    Token.objects.filter(user=alice).update(last_used_at=first - timedelta(seconds=61))
    assert caller.get("/me").status == 200
    assert _last_used_at(alice) >= first
