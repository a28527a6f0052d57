"""Roles in a conversation: every verb × role × membership, over REST and over the log that sockets use."""

import pytest

from accounts import workspace
from accounts.actor import shell
from messaging.rights import VERBS, Standing
from tests.messaging.api.calls import Caller
from tests.worlds import add, channel, delete, direct, edit, message, person, pin, put, react, remove, rule, say

ROLES = ("member", "moderator", "owner")
#: What somebody may be of a conversation; the last three may nothing there, whatever they may elsewhere.
PLACES = (*ROLES, "removed owner", "outsider", "deactivated owner")


def room(place: str):
    """Make a channel of an owner and a member, and somebody with a place in it."""
    owner, member, who = person("olga"), person("bob"), person("alice")
    conversation = channel(owner, member)
    if place != "outsider":
        add(owner, conversation, who, place.rsplit(maxsplit=1)[-1])
    if place.startswith("removed"):
        remove(owner, conversation, who)
    caller = Caller(who)
    if place.startswith("deactivated"):
        type(who).objects.filter(pk=who.pk).update(is_active=False)
    return owner, member, who, conversation, caller


def verb_by_verb(place: str):
    """Try each verb, and give what was answered: done, forbidden, or as if there were nothing."""
    owner, member, who, conversation, caller = room(place)
    theirs, owners = say(member, conversation, "theirs"), say(owner, conversation, "the owner's")
    address = f"/conversations/{conversation}"

    def logged(command) -> str:
        code = put(command)[0].code
        return "done" if code is None else code

    def asked(answer) -> str:
        if answer.status < 300:
            return "done"
        return str("not_found" if answer.status == 401 else answer.body["code"])

    yield "read", asked(caller.get(f"{address}/messages"))
    yield "read", asked(caller.get(f"{address}/events", after=0))
    yield "read", asked(caller.get(f"{address}/members"))
    yield "post", asked(caller.say(conversation, "mine"))
    said = put(message(who, conversation, "mine"))[0]
    yield "post", "done" if said.code is None else said.code
    own = said.seq or theirs
    yield "edit own", logged(edit(who, conversation, own, "better"))
    yield "react", logged(react(who, conversation, theirs))
    yield "delete own", logged(delete(who, conversation, own))
    yield "delete others'", logged(delete(who, conversation, owners))
    yield "add member", asked(caller.post(f"{address}/members", {"user": person("dave").pk}))
    yield "give role", asked(caller.post(f"{address}/members", {"user": person("erin").pk, "role": "moderator"}))
    yield "give role", asked(caller.post(f"{address}/members", {"user": member.pk, "role": "moderator"}))
    yield "give owner", asked(caller.post(f"{address}/members", {"user": person("fred").pk, "role": "owner"}))
    yield "give owner", asked(caller.post(f"{address}/members", {"user": owner.pk, "role": "member"}))
    add(owner, conversation, owner, "owner")
    yield from _rules(owner, who, conversation, caller)
    yield "pin", logged(pin(who, conversation, theirs))
    add(owner, conversation, member, "member")
    yield "mute", asked(caller.post(f"{address}/mutes", {"user": member.pk, "for_s": 60}))
    yield "mute", asked(caller.delete(f"{address}/mutes/{member.pk}"))
    yield "ban", asked(caller.post(f"{address}/bans", {"user": person("gina").pk}))
    yield "ban", asked(caller.get(f"{address}/bans"))
    yield "remove member", asked(caller.delete(f"{address}/members/{member.pk}"))
    yield "remove owner", asked(caller.delete(f"{address}/members/{owner.pk}"))
    yield "leave", asked(caller.delete(f"{address}/members/{who.pk}"))


def _rules(owner, who, conversation: int, caller: Caller):
    """Try what the rules of a conversation ask."""

    def logged(command) -> str:
        code = put(command)[0].code
        return "done" if code is None else "forbidden" if code == "slow_mode" else code

    def changed(**fields) -> str:
        answer = caller.patch(f"/conversations/{conversation}", fields)
        return "done" if answer.status == 200 else "not_found" if answer.status == 401 else str(answer.body["code"])

    own = put(message(who, conversation, "mine"))[0].seq or 1
    yield "set topic", changed(topic="the topic")
    yield "set topic", changed(purpose="the purpose")
    yield "rename", changed(name="another name")
    yield "set pace", changed(slow_s=0)
    yield "set pace", changed(read_only=False)
    yield "set history", changed(history=7)
    yield "set history", changed(disappears_s=0)
    yield "make private", changed(private=True)
    rule(owner, conversation, read_only=True)
    yield "post where read-only", logged(message(who, conversation, "an announcement"))
    yield "post where read-only", logged(pin(who, conversation, own))
    rule(owner, conversation, read_only=False, slow_s=60, edits_s=0)
    put(message(who, conversation, "first"))
    yield "post without pause", logged(message(who, conversation, "and at once another"))
    workspace.change(shell("tests"), {"broad_mention_members": "2"})
    rule(owner, conversation, slow_s=0)
    yield "mention everybody", logged(message(who, conversation, "<!channel>"))
    workspace.change(shell("tests"), {"broad_mention_members": "100"})
    yield "edit and delete late", logged(edit(who, conversation, own, "late"))
    yield "edit and delete late", logged(delete(who, conversation, own))
    rule(owner, conversation, edits_s=None)
    yield "archive", changed(archived=True)
    yield "archive", changed(archived=False)


@pytest.mark.parametrize("place", PLACES)
def test_every_verb_is_allowed_or_refused_as_the_table_says(place):
    tried = set()
    for verb, answer in verb_by_verb(place):
        tried.add(verb)
        if place not in ROLES:
            assert answer == "not_found", verb
        elif place in VERBS[verb]:
            assert answer == "done", verb
        else:
            assert answer == "forbidden", verb
    assert tried == VERBS.keys()


def test_a_direct_conversation_has_its_two():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    talk = direct(alice, bob)
    assert Caller(alice).post(f"/conversations/{talk}/members", {"user": carol.pk}).refusal == (403, "forbidden")
    for who in (alice, bob):
        assert Caller(alice).delete(f"/conversations/{talk}/members/{who.pk}").refusal == (403, "forbidden")


def test_a_role_that_is_none_may_nothing():
    assert not any(Standing("king", "channel", is_archived=False).may(verb) for verb in VERBS)
