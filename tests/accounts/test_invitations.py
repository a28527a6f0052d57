"""Invitations: who may make them, and who comes in by one, as what."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import rights, workspace
from accounts.actor import Actor, shell
from accounts.authority import grants, roles
from accounts.models import Acceptance, Grant, Invitation, User
from accounts.people import invitations
from accounts.people.arrival import Details
from accounts.refusal import Refusal
from audit import trail
from messaging import arrivals, members
from messaging.database import rows
from tests.post import deliver, link
from tests.worlds import channel, direct, group, person, remove

NEW = "seven quiet lanterns"
SITE = "http://testserver"


def _holder(role: str, **fields: object) -> User:
    user = person(role, **fields)
    grants.grant(shell("test"), user, role)
    return user


def _actor(user: User) -> Actor:
    return Actor(user, "session", "127.0.0.1", stepped_up_at=timezone.now())


def _administrator() -> User:
    return _holder("administrator")


def _unique(name: str = "new") -> str:
    return f"{name}{timezone.now().timestamp()}".replace(".", "-")


def _come(path: str, **fields: str):
    username = _unique()
    return Client().post(path, {"username": username, "name": "New One", "password": NEW} | fields)


def _path(made: invitations.Made, post: Any = None) -> str:
    if made.invitation.email:  # nobody but the mail's reader has it
        assert made.link == ""
        deliver()
        return link(post.to(made.invitation.email)[-1])
    return made.link.removeprefix(SITE)


def _came(invitation: Invitation) -> list[User]:
    return [row.user for row in Acceptance.objects.filter(invitation=invitation).order_by("pk")]


def test_by_mail_somebody_comes_in_as_a_member_with_a_verified_address(post):
    boss = _administrator()
    email = f"{_unique()}@example.org"
    made = arrivals.invite(_actor(boss), site=SITE, email=email)
    deliver()
    (mail,) = post.to(email)
    assert boss.name in mail.get_content()
    path, client = link(mail), Client()
    page = client.get(path).content.decode()
    assert boss.name in page
    assert email in page
    username = _unique()
    answer = client.post(path, {"username": username, "name": "New One", "password": NEW})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    (user,) = _came(made.invitation)
    assert client.get("/api/v1/me").json()["id"] == user.pk
    assert (user.email, user.username, user.invited_by) == (email, username, boss)
    assert user.email_verified_at
    assert not user.is_factor_exempt
    assert rights.held(user).roles == {"member"}
    known = {
        entry.verb: entry
        for entry in trail.readable({"administration"})
        if entry.target == f"invitation:{made.invitation.pk}"
    }
    assert known.keys() == {"invitation.make", "invitation.accept"}
    assert known["invitation.make"].after["email"] == email
    assert known["invitation.accept"].after["user"] == user.pk


def test_following_it_changes_nothing_and_the_token_is_kept_as_a_hash(post):
    made = invitations.invite(_actor(_administrator()), site=SITE, email=f"{_unique()}@example.org")
    path = _path(made, post)
    token = path.rpartition("/")[2]
    assert Client().get(path).status_code == 200
    assert _came(made.invitation) == []
    assert token not in str(Invitation.objects.filter(pk=made.invitation.pk).values())


def test_a_link_lets_in_as_many_as_it_says_each_with_an_address_to_verify(post):
    made = invitations.invite(_actor(_administrator()), site=SITE, uses=2)
    for _ in range(2):
        assert _come(_path(made), email=f"{_unique()}@example.org").status_code == 302
    refused = _come(_path(made), email=f"{_unique()}@example.org")
    assert refused.status_code == 404
    assert "used already" in refused.content.decode()
    users = _came(made.invitation)
    assert [user.email_verified_at for user in users] == [None, None]
    deliver()
    assert Client().post(link(post.to(users[0].email)[0])).status_code == 200
    assert User.objects.get(pk=users[0].pk).email_verified_at


def test_two_at_once_do_not_both_get_the_last_use():
    made = invitations.invite(_actor(_administrator()), site=SITE)
    token, told = made.link.rpartition("/")[2], []
    together = threading.Barrier(2)

    def come(n: int) -> None:
        together.wait()
        try:
            invitations.accept(
                Actor(None, "session"), token, Details(_unique(f"n{n}"), "N", NEW), site=SITE, email=f"n{n}@example.org"
            )
            told.append("in")
        except Refusal as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["in", "not_found"]
    assert len(_came(made.invitation)) == 1


def test_guests_see_only_what_they_were_invited_to():
    boss = _administrator()
    room = channel(boss)
    made = arrivals.invite(_actor(boss), site=SITE, role="guest", conversations=[room])
    assert "as a guest" in Client().get(_path(made)).content.decode()
    _come(_path(made), email="guest@example.org")
    (user,) = _came(made.invitation)
    assert user.is_guest
    assert rights.held(user).roles == {"guest"}
    assert user.pk in [each.user.id for each in members.page(rows, room, after="", limit=10)]


def test_conversations_await_whoever_comes():
    boss = _administrator()
    rooms = [channel(boss), group(boss, person("bob"))]
    made = arrivals.invite(_actor(boss), site=SITE, conversations=rooms)
    client = Client()
    client.post(_path(made), {"username": _unique(), "name": "N", "password": NEW, "email": "n@example.org"})
    mine = client.get("/api/v1/conversations").json()["conversations"]
    assert {each["id"] for each in mine} == set(rooms)


def test_a_conversation_that_is_not_ones_own_can_not_be_promised():
    boss, alice, bob = _administrator(), person("alice"), person("bob")
    for conversation in (channel(alice), direct(boss, bob), 2**60, -1, 0):
        with pytest.raises(Refusal) as refused:
            arrivals.invite(_actor(boss), site=SITE, conversations=[conversation])
        assert (refused.value.code, refused.value.field) == ("forbidden", "conversations")


def test_a_conversation_that_the_inviter_left_is_left_out():
    boss, alice = _administrator(), person("alice")
    room, other = channel(alice, boss), channel(boss)
    made = arrivals.invite(_actor(boss), site=SITE, conversations=[room, other])
    remove(alice, room, boss)
    _come(_path(made), email="n@example.org")
    (user,) = _came(made.invitation)
    assert [
        len([m for m in members.page(rows, each, after="", limit=10) if m.user.id == user.pk]) for each in (room, other)
    ] == [0, 1]


def test_somebody_who_was_imported_comes_to_their_own_account(post):
    alice = person("alice", imported_at=timezone.now())
    User.objects.filter(pk=alice.pk).update(email_verified_at=None)
    room = channel(alice)
    boss = _administrator()
    made = invitations.invite(_actor(boss), site=SITE, email=alice.email.upper().replace("EXAMPLE.ORG", "example.org"))
    page = Client().get(_path(made, post)).content.decode()
    assert f'value="{alice.username}"' in page
    client = Client()
    assert (
        client.post(_path(made, post), {"username": alice.username, "name": "Alice A.", "password": NEW}).status_code
        == 302
    )
    assert client.get("/api/v1/me").json()["id"] == alice.pk
    assert client.get(f"/api/v1/conversations/{room}").status_code == 200
    alice.refresh_from_db()
    assert (alice.imported_at, alice.name, alice.invited_by, alice.is_factor_exempt) == (None, "Alice A.", boss, False)
    assert alice.email_verified_at
    assert Client().post("/signin/", {"username": alice.username, "password": NEW}).status_code == 302


@pytest.mark.parametrize("who", ["member", "guest", "bot", "moderator", "officer", "auditor"])
def test_who_may_not_invite(who):
    user = person("x", is_guest=who == "guest", kind="bot" if who == "bot" else "person")
    if who in ("moderator", "officer", "auditor"):
        Grant.objects.create(user=user, role=who)
    with pytest.raises(Refusal) as refused:
        invitations.invite(_actor(user), site=SITE, email="x@example.org")
    assert refused.value.code == "forbidden"
    assert not Invitation.objects.filter(invited_by=user).exists()


@pytest.mark.parametrize(
    ("inviter", "role", "code"),
    [
        ("administrator", "moderator", None),
        ("owner", "moderator", None),
        ("owner", "administrator", None),
        ("administrator", "administrator", "forbidden"),
        ("owner", "owner", "forbidden"),
        ("owner", "officer", "forbidden"),
        ("owner", "nonsense", "malformed"),
    ],
)
def test_roles_by_invitation(inviter, role, code, post):
    boss, email = _holder(inviter), f"{_unique()}@example.org"
    if code:
        with pytest.raises(Refusal) as refused:
            invitations.invite(_actor(boss), site=SITE, email=email, role=role)
        assert (refused.value.code, refused.value.field) == (code, "role")
        return
    made = invitations.invite(_actor(boss), site=SITE, email=email, role=role)
    _come(_path(made, post))
    (user,) = _came(made.invitation)
    assert rights.held(user).roles == {"member", role}
    assert Grant.objects.get(user=user).granted_by == boss


def test_a_role_wants_a_step_up_and_no_link_gives_one():
    boss = _administrator()
    with pytest.raises(Refusal) as refused:
        invitations.invite(Actor(boss, "session", "127.0.0.1"), site=SITE, email="x@example.org", role="moderator")
    assert refused.value.code == "step_up"
    with pytest.raises(Refusal) as refused:
        invitations.invite(_actor(boss), site=SITE, role="moderator")
    assert refused.value.field == "role"


def test_whoever_lost_the_right_to_give_a_role_gives_none(post):
    owner, email = _holder("owner"), f"{_unique()}@example.org"
    _holder("owner")
    made = invitations.invite(_actor(owner), site=SITE, email=email, role="administrator")
    grants.end(shell("test"), Grant.objects.get(user=owner, role="owner"))
    grants.grant(shell("test"), owner, "administrator")
    _come(_path(made, post))
    (user,) = _came(made.invitation)
    assert rights.held(user).roles == {"member"}


@pytest.mark.parametrize("state", ["run out", "revoked", "inviter gone", "tampered", "inviter no administrator"])
def test_one_that_is_not_good_opens_nothing(state):
    boss = _administrator()
    made = invitations.invite(_actor(boss), site=SITE)
    path = _path(made)
    match state:
        case "run out":
            Invitation.objects.filter(pk=made.invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        case "revoked":
            invitations.revoke(_actor(boss), made.invitation)
        case "inviter gone":
            User.objects.filter(pk=boss.pk).update(is_active=False)
        case "inviter no administrator":
            grants.end(shell("test"), Grant.objects.get(user=boss))
        case _:
            path = path[:-1] + ("a" if path[-1] != "a" else "b")
    assert Client().get(path).status_code == 404
    assert _come(path, email="n@example.org").status_code == 404
    assert _came(made.invitation) == []


def test_taking_one_back_is_on_the_trail_and_done_once():
    boss = _administrator()
    made = invitations.invite(_actor(boss), site=SITE)
    assert made.invitation in invitations.pending()
    with pytest.raises(Refusal, match="none of your roles"):
        invitations.revoke(_actor(person("mallory")), made.invitation)
    assert made.invitation in invitations.pending()
    invitations.revoke(_actor(boss), made.invitation)
    assert made.invitation not in invitations.pending()
    with pytest.raises(Refusal):
        invitations.revoke(_actor(boss), made.invitation)
    entry = trail.readable({"administration"}).filter(verb="invitation.revoke").latest("id")
    assert entry.target == f"invitation:{made.invitation.pk}"


def test_it_lasts_as_the_setting_says():
    workspace.change(shell("test"), {"invitation_days": 3})
    made = invitations.invite(_actor(_administrator()), site=SITE)
    workspace.change(shell("test"), {"invitation_days": 7})
    assert timedelta(days=2, hours=23) < made.invitation.expires_at - timezone.now() <= timedelta(days=3)


def test_who_has_an_account_is_not_invited_and_told_to_sign_in(post):
    boss, alice = _administrator(), person("alice")
    with pytest.raises(Refusal) as refused:
        invitations.invite(_actor(boss), site=SITE, email=alice.email.upper())
    assert refused.value.field == "email"
    email = f"{_unique()}@example.org"
    made = invitations.invite(_actor(boss), site=SITE, email=email)
    person("bob", email=email)
    answer = _come(_path(made, post))
    assert answer.status_code == 400
    assert "sign in to it" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "a b"), ("name", ""), ("password", "password1234"), ("email", "nothing"), ("email", "")],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_half_done(field, value):
    boss = _administrator()
    made = arrivals.invite(_actor(boss), site=SITE, conversations=[channel(boss)])
    answer = _come(_path(made), **{"email": "n@example.org", field: value})
    assert answer.status_code == 400
    assert f'id="{field}-fault" role="alert"' in answer.content.decode()
    assert answer.content.decode().count("autofocus") == 1
    assert _came(made.invitation) == []
    assert _come(_path(made), email="n@example.org").status_code == 302


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"uses": 0}, "uses"),
        ({"uses": 1001}, "uses"),
        ({"uses": 2, "email": "a@example.org"}, "uses"),
        ({"email": "x"}, "email"),
        ({"conversations": list(range(1, 102))}, "conversations"),
    ],
)
def test_what_can_not_be_asked_for(fields, field):
    with pytest.raises(Refusal) as refused:
        invitations.invite(_actor(_administrator()), site=SITE, **fields)
    assert refused.value.field == field


def test_the_operator_invites_from_the_shell(post):
    made = invitations.invite(shell("test"), site=SITE, email=f"{_unique()}@example.org", role="administrator")
    assert _come(_path(made, post)).status_code == 302
    (user,) = _came(made.invitation)
    assert user.invited_by is None
    assert "administrator" in rights.held(user).roles


@pytest.mark.parametrize("verb", ["record.export", "officer.accept", "owner.grant", "officer.propose"])
def test_no_owner_or_officer_comes_by_a_role_that_was_made_anew_under_its_name(verb, post):
    owner, email = _holder("owner"), f"{_unique()}@example.org"
    name = f"desk-{owner.pk}"
    harmless = roles.define(_actor(owner), name, "Help desk", frozenset({"person.list"}))
    made = invitations.invite(_actor(owner), site=SITE, email=email, role=name)
    roles.remove(_actor(owner), harmless)
    roles.define(_actor(owner), name, "Help desk", frozenset({verb}))
    _come(_path(made, post))
    (user,) = _came(made.invitation)
    assert rights.held(user).roles == {"member"}
    assert verb not in rights.held(user).verbs


def test_an_invitation_brings_no_duties_together(post):
    alice = person("alice", imported_at=timezone.now(), email_verified_at=None)
    Grant.objects.create(user=alice, role="auditor")
    made = invitations.invite(_actor(_administrator()), site=SITE, email=alice.email, role="moderator")
    answer = _come(_path(made, post))
    assert answer.status_code == 403
    assert "together" in answer.content.decode()
    assert not Grant.objects.filter(user=alice, role="moderator").exists()
    alice.refresh_from_db()
    assert alice.imported_at


def test_an_invitation_to_an_account_counts_for_the_address_that_it_went_to(post):
    alice = person("alice", imported_at=timezone.now(), email_verified_at=None)
    made = invitations.invite(_actor(_administrator()), site=SITE, email=alice.email)
    path = _path(made, post)
    User.objects.filter(pk=alice.pk).update(email=f"{_unique()}@example.org")
    assert _come(path).status_code == 404
    alice.refresh_from_db()
    assert alice.imported_at
    assert not alice.email_verified_at


def test_an_imported_account_is_opened_with_no_common_password(post):
    alice = person("alice", imported_at=timezone.now(), email_verified_at=None)
    made = invitations.invite(_actor(_administrator()), site=SITE, email=alice.email)
    fields = {"username": alice.username, "name": "Alice A.", "password": "password1234"}
    answer = Client().post(_path(made, post), fields)
    assert answer.status_code == 400
    assert 'id="password-fault"' in answer.content.decode()
    alice.refresh_from_db()
    assert alice.imported_at
