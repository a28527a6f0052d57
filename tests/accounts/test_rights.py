"""The table of verbs, whole: every verb × role, by session, by token of each scope, from inside and outside."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import actor, rights, workspace
from accounts.authority import roles, verbs
from accounts.authority.verbs import SCOPES, VERBS
from accounts.models import Setting, User
from accounts.refusal import Refusal
from tests.worlds import acting, appointed, person

STANDINGS = ("member", "guest", "bot")
ROLES = (*STANDINGS, *roles.TITLES)


def holder(role: str) -> User:
    """Make somebody with a role, or of a standing."""
    match role:
        case "member":
            return person("alice")
        case "guest":
            return person("alice", is_guest=True)
        case "bot":
            return person("bot", kind=User.Kind.BOT)
        case _:
            return appointed("alice", role)


def expected(role: str) -> set[str]:
    """Read off the table what somebody may: by the role, and by being a member beside it."""
    standing = role if role in STANDINGS else "member"
    return {verb.name for verb in VERBS.values() if role in verb.roles or standing in verb.roles}


@pytest.mark.parametrize("role", ROLES)
def test_every_verb_is_allowed_or_refused_as_the_table_says(role):
    who = acting(holder(role))
    for name, verb in VERBS.items():
        assert rights.allowed(who, name) == (name in expected(role)), f"{role}: {name}"
        if name in expected(role):
            rights.require(who, name)
            late = replace(who, stepped_up_at=None)
            if verb.is_stepped_up:
                with pytest.raises(Refusal) as caught:
                    rights.require(late, name)
                assert caught.value.code == "step_up"
            else:
                rights.require(late, name)
        else:
            with pytest.raises(Refusal) as caught:
                rights.require(who, name)
            assert caught.value.code == "forbidden"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scopes", [(), *[(scope,) for scope in SCOPES], tuple(SCOPES)])
def test_a_token_may_at_most_what_its_scopes_say(role, scopes):
    """With all scopes a member's verbs and no more, whoever the person is."""
    who = acting(holder(role), via="token", scopes=frozenset(scopes))
    for name, verb in VERBS.items():
        assert rights.allowed(who, name) == (name in expected(role) and verb.scope in scopes), f"{role}: {name}"
        if verb.duty != "talk":
            assert not rights.allowed(who, name)


@pytest.mark.parametrize("change", [{"is_active": False}])
@pytest.mark.parametrize("role", roles.TITLES)
def test_who_is_not_active_may_nothing(role, change):
    user = holder(role)
    User.objects.filter(pk=user.pk).update(**change)
    user.refresh_from_db()
    assert not any(rights.allowed(acting(user), name) for name in VERBS)


def test_nobody_may_nothing_and_the_operator_everything():
    nobody = actor.Actor(None, "session")
    operator = actor.shell("manage.py test")
    for name in VERBS:
        assert not rights.allowed(nobody, name)
        rights.require(operator, name)


@pytest.mark.parametrize("role", roles.TITLES)
def test_from_outside_the_allowed_networks_one_may_talk_and_no_more(role):
    inside, outside = "10.1.2.3", "203.0.113.7"
    user = holder(role)
    try:
        for name in ("networks_administrator", "networks_officer"):
            Setting.objects.create(name=name, value=["10.0.0.0/8", "2001:db8::/32"])
        workspace.forget()
        for name, verb in VERBS.items():
            is_held = name in expected(role)
            assert rights.allowed(acting(user, address=inside), name) == is_held
            assert rights.allowed(acting(user, address="2001:db8::1"), name) == is_held
            is_open = verb.duty == "talk" or role == "moderator"
            assert rights.allowed(acting(user, address=outside), name) == (is_held and is_open), f"{role}: {name}"
            assert rights.allowed(acting(user, address=""), name) == (is_held and is_open)
    finally:
        Setting.objects.all().delete()
        workspace.forget()


def test_a_verb_that_is_not_in_the_table_is_a_fault_of_ours():
    with pytest.raises(KeyError):
        rights.allowed(actor.shell("x"), "person.impersonate")


def test_no_shipped_role_holds_duties_that_exclude_each_other():
    for role in roles.TITLES:
        assert verbs.conflict(roles.built_in(role).verbs) is None
        assert roles.built_in(role).granted_by, f"nobody could give {role}"


@given(st.sets(st.sampled_from(sorted(VERBS))))
def test_conflict_is_what_the_pairs_say(chosen):
    duties = verbs.duties(chosen)
    has_conflict = any(duties & one and duties & other for one, other in verbs.EXCLUSIVE)
    assert (verbs.conflict(chosen) is not None) == has_conflict


def test_no_administrative_verb_lets_anybody_read_or_change_roles_by_the_record():
    for verb in VERBS.values():
        if verb.duty in ("administration", "ownership", "moderation"):
            assert not {"officer", "auditor"} & set(verb.roles), verb.name
        if verb.duty == "compliance":
            assert set(verb.roles) == {"officer"}, verb.name
        if verb.duty == "oversight":
            assert set(verb.roles) == {"auditor"}, verb.name
            assert verb.approved_by is None
