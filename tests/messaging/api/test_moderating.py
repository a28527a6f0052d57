"""Muting and banning: who may, whom, and what it does."""

from accounts.people import muting
from tests.accounts.admin.desks import holder
from tests.messaging.api.calls import Answer, Caller
from tests.worlds import acting, add, channel, direct, group, log_of, person, remove


def _mute(who: Caller, conversation: int, user: int, for_s: int = 600) -> Answer:
    return who.post(f"/conversations/{conversation}/mutes", {"user": user, "for_s": for_s})


def _ban(who: Caller, conversation: int, user: int) -> Answer:
    return who.post(f"/conversations/{conversation}/bans", {"user": user})


def test_who_is_muted_reads_and_learns_until_when():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    muted = _mute(Caller(alice), conversation, bob.pk)
    assert muted.status == 201
    his = Caller(bob)
    refused = his.say(conversation, "hello")
    assert refused.refusal == (403, "muted")
    assert 590 < refused.body["retry_after"] <= 600
    assert int(refused.response["Retry-After"]) <= 600
    assert his.get(f"/conversations/{conversation}").body["muted_until"] == muted.body["until"]
    (listed,) = Caller(alice).pages(f"/conversations/{conversation}/mutes", "mutes")
    assert (listed["user"]["id"], listed["until"]) == (bob.pk, muted.body["until"])
    assert his.get(f"/conversations/{conversation}/mutes").refusal == (403, "forbidden")
    assert Caller(alice).delete(f"/conversations/{conversation}/mutes/{bob.pk}").status == 204
    assert his.say(conversation, "hello").status == 201
    assert Caller(alice).pages(f"/conversations/{conversation}/mutes", "mutes") == []


def test_who_is_muted_names_nothing_either():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    _mute(Caller(alice), conversation, bob.pk)
    refused = Caller(bob).patch(f"/conversations/{conversation}", {"topic": "words all the same"})
    assert refused.refusal == (403, "muted")
    assert 590 < refused.body["retry_after"] <= 600
    muting.mute(acting(holder("moderator")), alice, for_s=600, reason="Insults")
    hers = Caller(alice)
    assert hers.get(f"/conversations/{conversation}").body["muted_until"]
    assert hers.patch(f"/conversations/{conversation}", {"name": "words"}).refusal == (403, "muted")
    assert hers.patch(f"/conversations/{conversation}", {"slow_s": 10}).status == 200
    assert hers.post("/conversations", {"kind": "channel", "name": "words"}).refusal == (403, "muted")
    assert hers.post("/conversations", {"kind": "direct", "members": [bob.pk]}).status == 201


def test_leaving_and_coming_back_ends_no_mute():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob, is_private=False)
    _mute(Caller(alice), conversation, bob.pk)
    remove(bob, conversation, bob)
    assert Caller(bob).post(f"/conversations/{conversation}/join", {}).status == 201
    assert Caller(bob).say(conversation, "hello").refusal == (403, "muted")


def test_slow_mode_tells_over_http_when_to_come_back():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    assert Caller(alice).patch(f"/conversations/{conversation}", {"slow_s": 60}).status == 200
    assert Caller(bob).say(conversation, "one").status == 201
    refused = Caller(bob).say(conversation, "two")
    assert refused.refusal == (429, "slow_mode")
    assert 0 < refused.body["retry_after"] <= 60


def test_nobody_moderates_an_owner_and_only_an_owner_a_moderator():
    alice, bob, carol, dave = (person(name) for name in ("alice", "bob", "carol", "dave"))
    conversation = channel(alice, bob, carol, dave)
    add(alice, conversation, bob, "moderator")
    add(alice, conversation, carol, "moderator")
    for deed in (_mute, _ban):
        assert deed(Caller(bob), conversation, alice.pk).refusal == (403, "forbidden")
        assert deed(Caller(bob), conversation, carol.pk).refusal == (403, "forbidden")
        assert deed(Caller(dave), conversation, carol.pk).refusal == (403, "forbidden")
    assert _ban(Caller(bob), conversation, bob.pk).refusal == (400, "malformed")
    assert _mute(Caller(alice), conversation, carol.pk).status == 201
    assert _ban(Caller(alice), conversation, carol.pk).status == 201
    assert _mute(Caller(bob), conversation, dave.pk).status == 201


def test_who_is_banned_goes_and_comes_back_by_no_door():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = channel(alice, bob, carol, name=alice.username, is_private=False)
    his, hers = Caller(bob), Caller(alice)
    banned = _ban(hers, conversation, bob.pk)
    assert banned.status == 201
    assert (banned.body["user"]["id"], banned.body["by"]) == (bob.pk, alice.pk)
    assert _ban(hers, conversation, bob.pk).status == 200
    assert [event.__struct_config__.tag for event in log_of(conversation)[3:]] == ["leave", "ban"]
    assert his.get(f"/conversations/{conversation}").refusal == (404, "not_found")
    assert his.post(f"/conversations/{conversation}/join", {}).refusal == (403, "forbidden")
    assert his.get("/channels", q=alice.username).body["channels"] == []
    added = Caller(carol).post(f"/conversations/{conversation}/members", {"user": bob.pk})
    assert added.refusal == (403, "forbidden")
    assert [each["user"]["id"] for each in hers.pages(f"/conversations/{conversation}/bans", "bans")] == [bob.pk]
    assert hers.delete(f"/conversations/{conversation}/bans/{bob.pk}").status == 204
    assert hers.delete(f"/conversations/{conversation}/bans/{bob.pk}").refusal == (404, "not_found")
    assert his.post(f"/conversations/{conversation}/join", {}).status == 201


def test_somebody_who_is_not_in_is_banned_beforehand():
    alice, bob = person("alice"), person("bob")
    conversation = group(alice, person("carol"))
    assert _ban(Caller(alice), conversation, bob.pk).status == 201
    added = Caller(alice).post(f"/conversations/{conversation}/members", {"user": bob.pk})
    assert added.refusal == (403, "forbidden")
    assert "lift the ban" in added.body["detail"]


def test_nobody_is_muted_or_banned_between_two_nor_somebody_who_is_not_there():
    alice, bob, mallory = person("alice"), person("bob"), person("mallory")
    talk, conversation = direct(alice, bob), channel(alice, bob)
    for deed in (_mute, _ban):
        assert deed(Caller(alice), talk, bob.pk).refusal == (403, "forbidden")
    assert _mute(Caller(alice), conversation, mallory.pk).refusal == (404, "not_found")
    assert _ban(Caller(alice), conversation, 10**9).refusal == (400, "malformed")
    for for_s in (0, -1, 2_592_001, "60"):
        body = {"user": bob.pk, "for_s": for_s}
        assert Caller(alice).post(f"/conversations/{conversation}/mutes", body).refusal == (400, "malformed")
