"""Another's address by four eyes: what can't be asked for, what is looked at again, and what goes with it."""

import secrets
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authority import deeds
from accounts.mail import links
from accounts.models import Approval, Grant, User
from accounts.people import email_change
from accounts.refusal import Refusal
from tests.post import deliver
from tests.worlds import PASSWORD, acting, appointed, person

REASON = "married"


def _address() -> str:
    return f"new-{secrets.token_hex(4)}@example.org"


def _asked(bob: User, email: str) -> Approval:
    return email_change.ask(acting(appointed("alice", "administrator")), bob, email, REASON)


def _approve(asked: Approval) -> None:
    deeds.approve(acting(appointed("carol", "administrator")), asked, bytes(asked.digest))


@pytest.mark.parametrize("which", ["one's own", "the same", "another's"])
def test_what_can_not_be_asked_for(which):
    alice, bob = appointed("alice", "administrator"), person("bob")
    about = alice if which == "one's own" else bob
    email = {"the same": bob.email.upper(), "another's": person("dave").email}.get(which, _address())
    with pytest.raises(Refusal):
        email_change.ask(acting(alice), about, email, REASON)
    assert not Approval.objects.filter(requester=alice).exists()


@pytest.mark.parametrize("change", ["changed", "taken", "above"])
def test_it_is_looked_at_again_when_it_is_carried_out(change):
    bob, email = person("bob"), _address()
    asked = _asked(bob, email)
    match change:
        case "changed":
            User.objects.filter(pk=bob.pk).update(email=_address())
        case "taken":
            person("dave", email=email)
        case "above":
            Grant.objects.create(user=bob, role="auditor", effective_at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refusal, match=r"meanwhile|already|holds the role"):
        _approve(asked)
    assert User.objects.get(pk=bob.pk).email != email


def test_both_addresses_are_told_and_links_that_were_sent_open_nothing(post):
    bob, email = person("bob", password=PASSWORD), _address()
    sent = {
        "verify": [links.make(links.Purpose.VERIFY, email, bob), links.make(links.Purpose.ADDRESS, _address(), bob)],
        "reset": [links.make(links.Purpose.RESET, email, bob)],
    }
    _approve(_asked(bob, email))
    deliver()
    for address in (bob.email, email):
        (mail,) = post.to(address)
        assert bob.email in mail.get_content()
        assert email in mail.get_content()
    for page, tokens in sent.items():
        for token in tokens:
            assert Client().get(f"/{page}/{token}").status_code == 404
