"""E-mail addresses: verifying one's own, and changing it."""

import pytest
from django.test import Client

from accounts.access import passwords, resets
from accounts.actor import Actor, shell
from accounts.factors import reset
from accounts.mail import links
from accounts.models import User
from audit import trail
from tests.post import deliver, link
from tests.worlds import PASSWORD, acting, person


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _unverified() -> User:
    alice = person("alice", password=PASSWORD)
    User.objects.filter(pk=alice.pk).update(email_verified_at=None)
    return alice


def test_an_address_is_verified_by_a_button_not_by_a_link(post):
    alice = _unverified()
    _signed_in(alice).post("/settings/email/", {"verify": "1"})
    deliver()
    path = link(post.to(alice.email)[0])
    page = Client().get(path)
    assert page.status_code == 200
    assert alice.email in page.content.decode()
    assert User.objects.get(pk=alice.pk).email_verified_at is None
    assert Client().post(path).status_code == 200
    assert User.objects.get(pk=alice.pk).email_verified_at is not None
    assert Client().post(path).status_code == 404
    entry = trail.readable({"account"}).filter(verb="email.verify").latest("id")
    assert (entry.target, entry.after) == (f"user:{alice.pk}", {"email": alice.email})


def test_a_new_address_counts_once_it_is_verified_and_the_old_one_is_told(post):
    alice = person("alice", password=PASSWORD)
    old, new = alice.email, f"new-{alice.username}@Example.ORG"
    _signed_in(alice).post("/settings/email/", {"email": new, "password": PASSWORD})
    deliver()
    assert User.objects.get(pk=alice.pk).email == old
    assert post.to(old) == []
    (mail,) = post.mails
    assert Client().post(link(mail)).status_code == 200
    deliver()
    changed = User.objects.get(pk=alice.pk)
    assert changed.email == f"new-{alice.username}@example.org"
    assert changed.email_verified_at is not None
    assert "is now" in post.to(old)[0].get_content()
    entry = trail.readable({"account"}).filter(verb="email.change").latest("id")
    assert (entry.before, entry.after) == ({"email": old}, {"email": changed.email})


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"email": "new@example.org", "password": "wrong"}, "password-fault"),
        ({"email": "new@example.org"}, "password-fault"),
        ({"email": "nothing", "password": PASSWORD}, "email-fault"),
        ({"password": PASSWORD}, "email-fault"),
        ({"verify": "1"}, "email-fault"),
    ],
)
def test_a_refused_change_sends_nothing(post, fields, fault):
    alice = person("alice", password=PASSWORD)
    answer = _signed_in(alice).post("/settings/email/", fields)
    assert answer.status_code in (400, 403)
    assert f'id="{fault}" role="alert"' in answer.content.decode()
    assert deliver() == 0


def test_an_address_that_somebody_has_meanwhile_is_not_taken_over(post):
    alice = person("alice", password=PASSWORD)
    new = f"new-{alice.username}@example.org"
    _signed_in(alice).post("/settings/email/", {"email": new, "password": PASSWORD})
    deliver()
    person("bob", email=new)
    answer = Client().post(link(post.mails[0]))
    assert answer.status_code == 400
    assert "account with this address" in answer.content.decode()
    assert User.objects.get(pk=alice.pk).email == alice.email


def test_a_later_request_voids_the_earlier(post):
    alice = person("alice", password=PASSWORD)
    client = _signed_in(alice)
    for n in (1, 2):
        client.post("/settings/email/", {"email": f"n{n}-{alice.username}@example.org", "password": PASSWORD})
        deliver()  # an earlier one that still waited would not be sent at all
    assert Client().post(link(post.mails[0])).status_code == 404
    assert Client().post(link(post.mails[1])).status_code == 200


@pytest.mark.parametrize("deed", ["password", "reset", "factors"])
def test_a_link_to_a_new_address_is_void_once_what_it_was_asked_with_is(post, deed):
    alice = person("alice", password=PASSWORD)
    thief = _signed_in(alice)
    thief.post("/settings/email/", {"email": f"mallory-{alice.username}@example.org", "password": PASSWORD})
    deliver()
    (asked,) = post.mails
    match deed:
        case "password":
            passwords.change(acting(alice), "", "quite another long one")
        case "reset":
            token = links.make(links.Purpose.RESET, alice.email, alice)
            resets.reset(Actor(None, "session"), token, "quite another long one")
        case "factors":
            reset.now(shell("tests"), alice)
    assert Client().post(link(asked)).status_code == 404
    assert User.objects.get(pk=alice.pk).email == alice.email


def test_pages_are_for_who_is_signed_in():
    for page in ("/settings/email/", "/settings/password/"):
        assert Client().get(page)["Location"] == f"/signin/?next={page}"


def test_a_link_to_an_address_that_is_one_s_own_no_more_verifies_nothing(post):
    alice = _unverified()
    token = links.make(links.Purpose.VERIFY, f"was-{alice.email}", alice)
    answer = Client().post(f"/verify/{token}")
    assert answer.status_code == 404
    assert User.objects.get(pk=alice.pk).email_verified_at is None


def test_an_address_that_another_verified_first_is_verified_for_nobody_else(post):
    alice, bob = _unverified(), person("bob")
    User.objects.filter(pk=bob.pk).update(email=alice.email.upper())
    token = links.make(links.Purpose.VERIFY, alice.email, alice)
    assert Client().post(f"/verify/{token}").status_code == 400
    assert User.objects.get(pk=alice.pk).email_verified_at is None


def test_links_that_went_to_the_old_address_are_void_once_it_changed(post):
    alice = person("alice", password=PASSWORD)
    to_old = links.make(links.Purpose.RESET, alice.email, alice)
    to_new = links.make(links.Purpose.ADDRESS, f"new-{alice.email}", alice)
    assert Client().get(f"/reset/{to_old}").status_code == 200
    assert Client().post(f"/verify/{to_new}").status_code == 200
    User.objects.filter(pk=alice.pk).update(email=alice.email)  # also once the old one is back
    assert Client().get(f"/reset/{to_old}").status_code == 404


@pytest.mark.parametrize("fields", [{"verify": "1"}, {"email": "{}new@example.org", "password": PASSWORD}])
def test_five_links_an_hour_to_an_address_by_either_way(post, settings, fields):
    settings.IS_RATE_LIMITED = True
    alice = _unverified()
    asked = {name: value.format(alice.username) for name, value in fields.items()}
    client = _signed_in(alice)
    answers = [client.post("/settings/email/", asked).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
