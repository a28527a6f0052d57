"""Who is no member learns nothing, not even that there is something."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import hashing, revocations
from accounts.models import Token
from messaging.commands import Verdict
from messaging.models import Conversation
from tests.messaging.api.calls import Answer, Caller
from tests.messaging.log.doors import DOORS
from tests.worlds import bearer, channel, direct, done, expire, group, message, person, put, react, remove, say

NOBODYS = 10**8

#: Every call on a conversation: what is asked, and how.
CALLS = {
    "show": lambda who, c, _member: who.get(f"/conversations/{c}"),
    "messages": lambda who, c, _member: who.get(f"/conversations/{c}/messages"),
    "before": lambda who, c, _member: who.get(f"/conversations/{c}/messages", before=3),
    "after": lambda who, c, _member: who.get(f"/conversations/{c}/messages", after=1),
    "around": lambda who, c, _member: who.get(f"/conversations/{c}/messages", around=3),
    "thread": lambda who, c, _member: who.get(f"/conversations/{c}/messages", thread=3),
    "events": lambda who, c, _member: who.get(f"/conversations/{c}/events", after=0),
    "receipts": lambda who, c, _member: who.get(f"/conversations/{c}/receipts"),
    "receipts of one": lambda who, c, _member: who.get(f"/conversations/{c}/receipts", seq=3),
    "members": lambda who, c, _member: who.get(f"/conversations/{c}/members"),
    "say": lambda who, c, _member: who.say(c, "let me in"),
    "reply": lambda who, c, _member: who.say(c, "let me in", thread=3),
    "say too much": lambda who, c, _member: who.say(c, "x" * 16_001),
    "say nothing": lambda who, c, _member: who.post(f"/conversations/{c}/messages", raw=b"{"),
    "add": lambda who, c, member: who.post(f"/conversations/{c}/members", {"user": member}),
    "add nobody": lambda who, c, _member: who.post(f"/conversations/{c}/members", {"user": 10**9}),
    "add badly": lambda who, c, _member: who.post(f"/conversations/{c}/members", {"role": "king"}),
    "remove": lambda who, c, member: who.delete(f"/conversations/{c}/members/{member}"),
    "change": lambda who, c, _member: who.patch(f"/conversations/{c}", {"topic": "mine"}),
    "change badly": lambda who, c, _member: who.patch(f"/conversations/{c}", {"owner": 1}),
    "join": lambda who, c, _member: who.post(f"/conversations/{c}/join", {}),
    "pins": lambda who, c, _member: who.get(f"/conversations/{c}/pins"),
    "versions": lambda who, c, _member: who.get(f"/conversations/{c}/messages/3/versions"),
    "report": lambda who, c, _member: who.post(f"/conversations/{c}/messages/3/reports", {"reason": "spam"}),
    "report badly": lambda who, c, _member: who.post(f"/conversations/{c}/messages/3/reports", {"reason": "me"}),
    "mutes": lambda who, c, _member: who.get(f"/conversations/{c}/mutes"),
    "mute": lambda who, c, member: who.post(f"/conversations/{c}/mutes", {"user": member, "for_s": 60}),
    "unmute": lambda who, c, member: who.delete(f"/conversations/{c}/mutes/{member}"),
    "bans": lambda who, c, _member: who.get(f"/conversations/{c}/bans"),
    "ban": lambda who, c, member: who.post(f"/conversations/{c}/bans", {"user": member}),
    "unban": lambda who, c, member: who.delete(f"/conversations/{c}/bans/{member}"),
    "leave": lambda who, c, _member: who.delete(f"/conversations/{c}/members/1"),
}


def _told(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """Give all that an answer says, to the byte."""
    return answer.status, answer.response.content, dict(answer.response.items())


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_an_outsider_is_told_the_same_of_a_private_conversation_as_of_none(call):
    alice, bob, mallory = person("alice"), person("bob"), person("mallory")
    hers = Caller(mallory)
    for conversation in (channel(alice, bob), group(alice, bob), direct(alice, bob)):
        say(alice, conversation, f"secret <@{mallory.pk}>")
        there, not_there = (call(hers, id, alice.pk) for id in (conversation, NOBODYS))
        assert _told(there) == _told(not_there)
        assert there.refusal in {(404, "not_found"), (400, "malformed"), (413, "too_large")}


@pytest.mark.parametrize(
    "name",
    [name for name in CALLS if name not in ("say too much", "say nothing", "add badly", "change badly", "leave")],
)
def test_a_well_formed_call_of_an_outsider_is_not_found(name):
    alice, mallory = person("alice"), person("mallory")
    conversation = channel(alice)
    say(alice, conversation, "secret")
    assert CALLS[name](Caller(mallory), conversation, alice.pk).refusal == (404, "not_found")
    assert CALLS[name](Caller(mallory), 10**30, alice.pk).refusal == (404, "not_found")


def test_an_outsiders_lists_hold_nothing_of_others():
    alice, mallory = person("alice"), person("mallory")
    conversation = channel(alice, name="secret plans", is_private=False)
    say(alice, conversation, f"<@{mallory.pk}> <!channel>")
    assert Caller(mallory).pages("/conversations", "conversations") == []


def test_a_refused_message_leaves_nothing_and_takes_no_id():
    alice, mallory = person("alice"), person("mallory")
    conversation = channel(alice)
    id = str(uuid4())
    assert Caller(mallory).say(conversation, "mine", id=id).status == 404
    assert Caller(alice).say(conversation, "hers", id=id).status == 201
    assert Caller(mallory).say(conversation, "hers", id=id).status == 404


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_without_a_good_token_every_call_is_unauthorized(call):
    alice = person("alice")
    conversation = channel(alice)
    expired, revoked = bearer(alice), bearer(alice)
    expire(expired)
    revocations.revoke_token(Token.objects.get(digest=hashing.digest(revoked)))
    for token in (None, "parley_wrong", "", expired, revoked, revoked.upper()):
        answer = call(Caller(token=token), conversation, alice.pk)
        assert answer.refusal == (401, "unauthorized")
        assert answer.response["WWW-Authenticate"] == "Bearer"


def test_who_is_deactivated_finds_no_door_open():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    his = Caller(bob)
    assert his.say(conversation, "still here").status == 201
    revocations.deactivate(bob)
    assert his.get("/me").refusal == (401, "unauthorized")
    assert his.say(conversation, "and now?").refusal == (401, "unauthorized")
    for door in DOORS.values():
        assert door([message(bob, conversation, "by the log")]) == [Verdict("not_found")]
    assert Caller(alice).bodies(conversation) == ["still here"]


def test_a_conversation_that_an_import_still_fills_is_not_there_yet():
    alice, bob, mallory = person("alice"), person("bob"), person("mallory")
    conversation = channel(alice, bob)
    target = say(alice, conversation, "imported")
    Conversation.objects.filter(pk=conversation).update(shown_at=None)
    for who in (alice, mallory):
        for name in ("show", "messages", "around", "events", "members", "say", "add", "remove"):
            assert CALLS[name](Caller(who), conversation, bob.pk).refusal == (404, "not_found"), name
        assert Caller(who).pages("/conversations", "conversations") == []
        assert put(message(who, conversation, "early"), react(who, conversation, target)) == [Verdict("not_found")] * 2
    Conversation.objects.filter(pk=conversation).update(shown_at=timezone.now())
    assert Caller(alice).bodies(conversation) == ["imported"]


def test_who_was_removed_is_an_outsider():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    target = say(bob, conversation, "while in")
    remove(alice, conversation, bob)
    for name in ("show", "messages", "around", "thread", "events", "members", "say", "reply", "add", "remove"):
        there, not_there = (CALLS[name](Caller(bob), id, alice.pk) for id in (conversation, NOBODYS))
        assert _told(there) == _told(not_there), name
        assert there.refusal == (404, "not_found")
    assert done(react(alice, conversation, target)) == 5
    assert put(react(bob, conversation, target))[0] == Verdict("not_found")
