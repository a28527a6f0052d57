"""Nobody reads in the administration what was said, nor gets into a conversation: each way round is shut."""

import secrets

import pytest
from django.urls import get_resolver

from accounts.models import Invitation, User
from messaging.models import Membership
from tests.accounts.admin.desks import desk, holder
from tests.worlds import channel, direct, group, person, say

#: What Django's admin would offer below a list.
DJANGO_S_OWN = ("add/", "{pk}/change/", "{pk}/delete/", "{pk}/history/", "{pk}/password/", "autocomplete/")
LISTS = ("people", "conversations", "roles", "approvals", "barriers", "trail", "invitations")


@pytest.fixture
def room():
    """Give a private channel with something said in it, its people, and an owner who is not in it."""
    alice, bob, owner = person("alice"), person("bob"), holder("owner")
    secret = f"secret-{secrets.token_hex(8)}"
    conversation = channel(alice, bob, name=f"board-{secrets.token_hex(4)}")
    say(alice, conversation, secret)
    return conversation, alice, bob, owner, secret


def test_a_conversation_s_pages_have_facts_and_members_and_no_contents(room):
    conversation, alice, bob, owner, secret = room
    client = desk(owner)
    found = client.get(f"/admin/conversations/{conversation}/").content.decode()
    assert f"@{alice.username}" in found
    assert f"@{bob.username}" in found
    assert secret not in found
    for path in (
        "/admin/conversations/",
        "/admin/",
        f"/admin/conversations/?q={secret}",
        "/admin/trail/",
        f"/admin/people/{alice.pk}/",
    ):
        assert secret not in client.get(path).content.decode().replace(f"q={secret}", "").replace(
            f'value="{secret}"', ""
        )


def test_direct_ones_are_called_by_their_people_and_groups_by_their_number(room):
    _conversation, alice, bob, owner, _secret = room
    pair, crowd = direct(alice, bob), group(alice, bob)
    client = desk(owner)
    assert "Direct: Alice, Bob" in client.get(f"/admin/conversations/{pair}/").content.decode()
    assert f"Group {crowd}" in client.get(f"/admin/conversations/{crowd}/").content.decode()


def test_none_of_django_s_own_pages_is_there(room):
    conversation, alice, _bob, owner, _secret = room
    client = desk(owner)
    for name in LISTS:
        for tail in DJANGO_S_OWN:
            for pk in (conversation, alice.pk):
                path = f"/admin/{name}/{tail.format(pk=pk)}"
                assert client.get(path).status_code == 404, path
                assert client.post(path, {}).status_code == 404, path
    for path in (
        "/admin/auth/",
        "/admin/login/",
        "/admin/password_change/",
        "/admin/jsi18n/",
        "/admin/r/1/1/",
        "/admin/autocomplete/",
    ):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "query",
    [
        "_to_field=password",
        "_to_field=id&_popup=1",
        "_popup=1",
        "password__startswith=argon2",
        "topic__contains=x",
        "tokens__digest=1",
        "grants__role=owner",
        "head__n__gt=1",
        "id__in=1,2",
    ],
)
@pytest.mark.parametrize("name", ["people", "conversations"])
def test_a_list_is_narrowed_by_its_filters_and_nothing_else(room, name, query):
    client = desk(room[3])
    assert client.get(f"/admin/{name}/?{query}").status_code in (400, 404)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_no_action(room, name):
    conversation, _alice, _bob, owner, _secret = room
    before = Membership.objects.filter(person_id=owner.pk).count()
    given = {"action": "delete_selected", "_selected_action": [conversation], "index": 0, "post": "yes"}
    assert desk(owner).post(f"/admin/{name}/", given).status_code in (404, 405)
    assert Membership.objects.filter(person_id=owner.pk).count() == before


def test_nothing_under_a_conversation_lets_anybody_in(room):
    conversation, alice, _bob, owner, _secret = room
    client = desk(owner)
    for given in (
        {},
        {"member": owner.pk},
        {"person_id": owner.pk, "role": "owner"},
        {"members": [owner.pk], "_save": 1},
    ):
        client.post(f"/admin/conversations/{conversation}/", given)
        client.post("/admin/conversations/", given)
    assert not Membership.objects.filter(conversation_id=conversation, person_id=owner.pk).exists()
    assert Membership.objects.filter(conversation_id=conversation, person_id=alice.pk).exists()


def test_an_invitation_leads_into_no_conversation_that_one_is_not_in(room):
    conversation, _alice, _bob, owner, _secret = room
    client = desk(owner)
    given = {
        "email": f"{secrets.token_hex(4)}@example.org",
        "role": "member",
        "uses": 1,
        "conversations": [conversation],
    }
    answer = client.post("/admin/invitations/invite/", given)

    made = Invitation.objects.filter(email=given["email"]).first()
    assert made is None or made.conversations == []
    assert answer.status_code in (302, 422)


def test_there_is_no_field_for_a_password_and_no_page_to_be_somebody_else(room):
    _conversation, alice, _bob, owner, _secret = room
    client = desk(owner)
    kept = User.objects.get(pk=alice.pk).password
    for path in [f"/admin/people/{alice.pk}/{deed}/" for deed in ("name", "role", "link", "email", "signout")]:
        page = client.get(path).content.decode()
        assert 'type="password"' not in page
        client.post(path, {"password": "x" * 20, "password1": "x" * 20, "password2": "x" * 20})
    assert User.objects.get(pk=alice.pk).password == kept
    names = [str(pattern) for pattern in _addresses(get_resolver().url_patterns)]
    assert not [name for name in names if any(word in name for word in ("impersonat", "hijack", "become", "login_as"))]


def _addresses(patterns):
    for pattern in patterns:
        yield pattern.pattern
        yield from _addresses(getattr(pattern, "url_patterns", []))
