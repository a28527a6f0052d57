"""What is done to people from the administration: asked about first, by POST alone, with its right, on the trail."""

import secrets

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Approval, Grant, PersonLink, User
from audit.models import Entry
from tests.accounts.admin.desks import EVERYBODY, desk, holder
from tests.worlds import person

#: Deeds about a person, each with what is posted and who may.
DEEDS = {
    "name": ({"name": "Other Name", "username": ""}, {"owner", "administrator"}),
    "link": ({"username": "", "reason": "personnel said so"}, {"owner", "administrator"}),
    "role": ({"role": "moderator", "reason": ""}, {"owner", "administrator"}),
    "email": ({"email": "", "reason": "married"}, {"owner", "administrator"}),
    "signout": ({}, {"owner", "administrator"}),
}


def _given(deed: str) -> dict[str, str]:
    given = dict(DEEDS[deed][0])
    mark = secrets.token_hex(4)
    if deed == "name":
        given["username"] = f"other-{mark}"
    if deed == "link":
        given["username"] = person("double").username
    if deed == "email":
        given["email"] = f"{mark}@example.org"
    return given


def _about(user: User) -> list[str]:
    return [entry.verb for entry in Entry.objects.filter(target=f"user:{user.pk}")]


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_done_by_who_may_and_by_nobody_else(deed):
    for role in EVERYBODY:
        bob = person("bob")
        path = f"/admin/people/{bob.pk}/{deed}/"
        client = desk(holder(role))
        before = _about(bob), Approval.objects.filter(subject=bob).count()
        shown, done = client.get(path).status_code, client.post(path, _given(deed))
        is_open = role in DEEDS[deed][1]
        assert (shown, done.status_code) == ((200, 302) if is_open else (403, 403)), (role, done.content[-2000:])
        if not is_open:
            assert (_about(bob), Approval.objects.filter(subject=bob).count()) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_looking_at_a_deed_s_page_does_nothing(deed):
    bob = person("bob")
    client = desk(holder("owner"))
    before = _about(bob)
    page = client.get(f"/admin/people/{bob.pk}/{deed}/", _given(deed))
    assert page.status_code == 200
    assert 'method="post"' in page.content.decode()
    assert "csrfmiddlewaretoken" in page.content.decode()
    assert _about(bob) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_a_form_of_another_site_does_nothing(deed):
    bob, owner = person("bob"), holder("owner")
    client = Client(enforce_csrf_checks=True)
    client.cookies = desk(owner).cookies
    before = _about(bob)
    assert client.post(f"/admin/people/{bob.pk}/{deed}/", _given(deed)).status_code == 403
    assert _about(bob) == before


def test_what_asks_for_it_is_done_only_after_stepping_up():
    bob, client = person("bob"), desk(holder("owner"), is_stepped_up=False)
    path = f"/admin/people/{bob.pk}/role/"
    for answer in (client.get(path), client.post(path, {"role": "moderator"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/stepup/")
    assert not Grant.objects.filter(user=bob).exists()


def test_a_name_is_changed_and_a_bad_one_is_told_at_its_field():
    bob, carol, client = person("bob"), person("carol"), desk(holder("administrator"))
    path = f"/admin/people/{bob.pk}/name/"
    for given, words in (
        ({"name": "", "username": "x"}, "This field is required."),
        ({"name": "Bob", "username": "a b"}, "none of them a space"),
        ({"name": "Bob", "username": carol.username.upper()}, "Somebody has this username already"),
    ):
        refused = client.post(path, given)
        assert refused.status_code == 422
        assert words in refused.content.decode()
    bob.refresh_from_db()
    assert client.post(path, {"name": "Robert", "username": f"{bob.username}-2"}).status_code == 302
    changed = User.objects.get(pk=bob.pk)
    assert (changed.name, changed.username) == ("Robert", f"{bob.username}-2")
    entry = Entry.objects.get(target=f"user:{bob.pk}", verb="person.change")
    assert entry.before == {"name": "Bob", "username": bob.username}


def test_linking_shows_on_both_and_changes_nothing_else():
    bob, double, client = person("bob"), person("double"), desk(holder("administrator"))
    Grant.objects.create(user=bob, role="moderator")
    client.post(f"/admin/people/{bob.pk}/link/", {"username": double.username, "reason": "same badge"})
    for one, other in ((bob, double), (double, bob)):
        assert f"@{other.username}" in client.get(f"/admin/people/{one.pk}/").content.decode()
    assert not Grant.objects.filter(user=double).exists()
    again = client.post(f"/admin/people/{double.pk}/link/", {"username": bob.username, "reason": "same badge"})
    assert again.status_code == 422
    assert "linked already" in again.content.decode()
    link = PersonLink.objects.get(one=bob, other=double)
    assert client.post(f"/admin/people/links/{link.pk}/end/").status_code == 302
    assert not PersonLink.objects.filter(pk=link.pk).exists()
    assert "person.unlink" in _about(bob)


def test_a_role_is_given_and_ended_and_never_one_s_own():
    administrator, bob = holder("administrator"), person("bob")
    client = desk(administrator)
    assert client.post(f"/admin/people/{administrator.pk}/role/", {"role": "moderator"}).status_code == 422
    assert client.post(f"/admin/people/{bob.pk}/role/", {"role": "moderator"}).status_code == 302
    grant = Grant.objects.get(user=bob)
    assert "is no longer moderator" in client.get(f"/admin/roles/{grant.pk}/end/").content.decode()
    grant.refresh_from_db()
    assert grant.ended_at is None
    assert client.post(f"/admin/roles/{grant.pk}/end/").status_code == 302
    grant.refresh_from_db()
    assert grant.ended_by == administrator


def test_an_address_is_changed_by_two_and_then_opens_nothing_until_it_is_verified():
    asks, approves, bob = holder("administrator"), holder("administrator"), person("bob")
    signed_in = desk(bob)
    assert signed_in.get("/api/v1/me").status_code == 200
    mine, theirs = desk(asks), desk(approves)
    address = f"{secrets.token_hex(4)}@example.org"
    mine.post(f"/admin/people/{bob.pk}/email/", {"email": address, "reason": "married"})
    approval = Approval.objects.get(subject=bob)
    digest = bytes(approval.digest).hex()
    assert mine.post(f"/admin/approvals/{approval.pk}/approve/", {"digest": digest}).status_code == 422
    bob.refresh_from_db()
    assert bob.email != address
    done = theirs.post(f"/admin/approvals/{approval.pk}/approve/", {"digest": digest})
    assert done.status_code == 302, done.content.decode()
    bob.refresh_from_db()
    assert (bob.email, bob.email_verified_at) == (address, None)
    assert signed_in.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("role", ["owner", "officer", "auditor", "administrator"])
def test_an_administrator_does_not_lay_hands_on_the_account_of_somebody_above(role):
    victim, client = holder(role), desk(holder("administrator"))
    given = {"email": f"{secrets.token_hex(4)}@example.org", "reason": "because"}
    refused = client.post(f"/admin/people/{victim.pk}/email/", given)
    assert refused.status_code == 422
    assert "one of these has to do this" in refused.content.decode()
    renamed = client.post(f"/admin/people/{victim.pk}/name/", {"name": "Me", "username": f"me-{secrets.token_hex(4)}"})
    assert renamed.status_code == 422
    assert "one of these has to do this" in renamed.content.decode()
    victim.refresh_from_db()
    assert victim.name != "Me"


def test_an_owner_with_two_creatures_does_not_come_into_an_imported_past():
    """Whose address an account is that nobody has come into, no administrators decide, however many they are."""
    bob, client = person("bob", imported_at=timezone.now()), desk(holder("administrator"))
    refused = client.post(f"/admin/people/{bob.pk}/email/", {"email": "o@example.org", "reason": "a new mailbox"})
    assert refused.status_code == 422
    assert "has not come in yet" in refused.content.decode()
    assert not Approval.objects.filter(subject=bob).exists()


def test_an_address_asked_for_is_not_given_to_somebody_who_was_imported_meanwhile():
    asks, bob = holder("administrator"), person("bob")
    desk(asks).post(f"/admin/people/{bob.pk}/email/", {"email": "o@example.org", "reason": "a new mailbox"})
    approval = Approval.objects.get(subject=bob)
    User.objects.filter(pk=bob.pk).update(imported_at=timezone.now())
    path = f"/admin/approvals/{approval.pk}/approve/"
    refused = desk(holder("administrator")).post(path, {"digest": bytes(approval.digest).hex()})
    assert refused.status_code == 422
    bob.refresh_from_db()
    assert bob.email != "o@example.org"
