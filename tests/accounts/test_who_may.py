"""Who may what, said a second time and by hand: no row of the table of verbs changes with its tests following it.

`test_rights.py` reads off the table what to expect; here it is written down by role, so that whoever gives a role a
verb, takes a step-up or a second pair of eyes away, or lets others give a role, has to say so twice.
"""

from dataclasses import replace
from itertools import combinations

import pytest

from accounts import rights
from accounts.authority import roles, verbs
from accounts.authority.verbs import VERBS
from accounts.refusal import Refusal
from messaging.rights import Standing
from tests.accounts.test_rights import holder
from tests.worlds import acting

EVERYBODY = {
    "conversation.read", "conversation.change", "conversation.moderate", "message.post", "message.report",
    "member.remove",
}  # fmt: skip
INSIDERS = EVERYBODY | {"directory.read", "channel.join", "conversation.create", "member.add"}
MEMBER = INSIDERS | {"token.create"}
MODERATION = {"report.review", "person.mute"}
ADMINISTRATION = {
    "admin.open", "barrier.change", "bot.manage", "conversation.hand_over", "conversation.list", "factor.reset",
    "person.change", "person.deactivate", "person.email", "person.import", "person.invite", "person.link",
    "person.list", "person.suspend", "role.attest", "role.grant", "session.end", "settings.change", "token.revoke",
    "user_group.manage",
}  # fmt: skip
OWNERSHIP = {"owner.grant", "officer.propose", "safeguard.change", "role.define"}
COMPLIANCE = {"officer.accept", "case.open", "record.search", "hold.place", "hold.release", "record.export"}
OVERSIGHT = {"trail.read", "verification.read"}

#: All that each may, and nothing else: whoever adds a verb says here whose it is.
MAY = {
    "member": MEMBER,
    "guest": EVERYBODY,
    "bot": INSIDERS,
    "moderator": MEMBER | MODERATION,
    "administrator": MEMBER | ADMINISTRATION,
    "owner": MEMBER | ADMINISTRATION | OWNERSHIP,
    "officer": MEMBER | COMPLIANCE,
    "auditor": MEMBER | OVERSIGHT,
}
#: By a session left open nobody does any of these: who it is has to be shown again.
STEPPED_UP = {
    "token.create",
    "bot.manage", "conversation.hand_over", "person.deactivate", "person.import", "person.link", "settings.change",
    "role.grant", "barrier.change", "factor.reset", "person.email",
    "owner.grant", "officer.propose", "safeguard.change", "role.define",
    "officer.accept", "case.open", "hold.place", "hold.release", "record.export",
}  # fmt: skip
#: Nobody does these alone: asked for by one, approved by another, who has the verb behind it.
BY_TWO = {
    "barrier.change": "barrier.change",
    "factor.reset": "factor.reset",
    "person.email": "person.email",
    "owner.grant": "owner.grant",
    "officer.propose": "officer.accept",
    "hold.release": "hold.release",
    "record.export": "record.export",
}
#: What a token does for each of its scopes. Nothing else is ever done by one.
BY_TOKEN = {
    "read": {"conversation.read", "directory.read"},
    "write": {"message.post", "message.report"},
    "manage": {
        "channel.join",
        "conversation.change",
        "conversation.create",
        "conversation.moderate",
        "member.add",
        "member.remove",
    },
}
#: Of whom one has to be to give a role.
GIVEN_BY = {
    "owner": {"owner"},
    "administrator": {"owner"},
    "officer": {"owner"},
    "auditor": {"owner"},
    "moderator": {"administrator", "owner"},
}
#: Two of these are never one person's.
APART = {
    frozenset(pair)
    for pair in (
        ("administration", "compliance"),
        ("ownership", "compliance"),
        ("administration", "oversight"),
        ("ownership", "oversight"),
        ("compliance", "oversight"),
        ("moderation", "oversight"),
    )
}
#: Within a conversation, by the role there.
IN_A_CONVERSATION = {
    "member": {"read", "post", "edit own", "delete own", "react", "leave", "add member"},
    "moderator": {
        "read", "post", "edit own", "delete own", "react", "leave", "add member",
        "delete others'", "remove member", "give role",
    },
    "owner": {
        "read", "post", "edit own", "delete own", "react", "leave", "add member",
        "delete others'", "remove member", "give role", "remove owner", "give owner",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", MAY)
def test_each_may_this_and_nothing_else(role):
    who = acting(holder(role))
    assert {name for name in VERBS if rights.allowed(who, name)} == MAY[role]
    assert rights.open_verbs(who) == MAY[role]


@pytest.mark.parametrize("role", MAY)
def test_what_a_session_that_was_left_open_does_not_do(role):
    late = replace(acting(holder(role)), stepped_up_at=None)
    for name in MAY[role] & STEPPED_UP:
        with pytest.raises(Refusal) as caught:
            rights.require(late, name)
        assert caught.value.code == "step_up"
    for name in MAY[role] - STEPPED_UP:
        rights.require(late, name)


def test_nobody_does_these_alone():
    assert {verb.name: verb.approved_by for verb in VERBS.values() if verb.approved_by} == BY_TWO


@pytest.mark.parametrize("scope", BY_TOKEN)
@pytest.mark.parametrize("role", ["member", "owner"])
def test_what_a_token_does(role, scope):
    who = acting(holder(role), via="token", scopes=frozenset({scope}))
    assert {name for name in VERBS if rights.allowed(who, name)} == BY_TOKEN[scope]
    assert rights.open_verbs(who) == BY_TOKEN[scope]


def test_who_gives_which_role():
    """Of the workspace's own too: a role can be given by whoever may give every one of its verbs."""
    assert {role: set(roles.built_in(role).granted_by) for role in roles.TITLES} == GIVEN_BY
    for name, verb in VERBS.items():
        expected = {"administrator", "owner"} if name in MEMBER | MODERATION else {"owner"}
        assert set(verb.may_grant) == expected, name


def test_duties_that_are_never_one_person_s():
    one_of = {verb.duty: verb.name for verb in VERBS.values()}
    for pair in combinations(one_of, 2):
        is_apart = verbs.conflict([one_of[duty] for duty in pair]) is not None
        assert is_apart == (frozenset(pair) in APART), pair
    of_duties = {"talk": MEMBER, "moderation": MODERATION, "compliance": COMPLIANCE, "oversight": OVERSIGHT}
    of_duties |= {"administration": ADMINISTRATION | {"role.define"}, "ownership": OWNERSHIP - {"role.define"}}
    assert {name: duty for duty, names in of_duties.items() for name in names} == {
        verb.name: verb.duty for verb in VERBS.values()
    }


@pytest.mark.parametrize("role", IN_A_CONVERSATION)
def test_what_each_may_within_a_conversation(role):
    within = Standing(role, "channel", is_archived=False)
    every = set().union(*IN_A_CONVERSATION.values())
    assert {verb for verb in every if within.may(verb)} == IN_A_CONVERSATION[role]
