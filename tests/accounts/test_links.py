"""Links by mail: each kind lasts as long as it is said to, serves its own purpose, and counts once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import hashing
from accounts.mail import links
from accounts.mail.links import Purpose
from accounts.models import MailedLink
from accounts.refusal import Refusal
from tests.worlds import person

LASTS_HOURS = {Purpose.RESET: 1, Purpose.VERIFY: 24, Purpose.ADDRESS: 24, Purpose.SIGNUP: 24}


def test_every_purpose_has_its_time():
    assert set(LASTS_HOURS) == set(Purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_each_lasts_as_long_as_it_is_said_to(purpose):
    token = links.make(purpose, "alice@example.org")
    kept = MailedLink.objects.filter(digest=hashing.digest(token))
    expires_at = kept.get().expires_at
    for short_of_it, is_good in ((timedelta(minutes=1), True), (-timedelta(minutes=1), False)):
        age = timedelta(hours=LASTS_HOURS[purpose]) - short_of_it
        kept.update(expires_at=expires_at - age)
        if is_good:
            assert links.find(purpose, token) == kept.get()
        else:
            with pytest.raises(Refusal, match="has run out"):
                links.find(purpose, token)


@pytest.mark.parametrize("purpose", Purpose)
def test_each_serves_its_own_purpose_and_counts_once(purpose):
    token = links.make(purpose, "alice@example.org")
    for other in set(Purpose) - {purpose}:
        with pytest.raises(Refusal, match="not good"):
            links.find(other, token)
    links.use(links.find(purpose, token))
    with pytest.raises(Refusal, match="used already"):
        links.find(purpose, token)


def test_what_is_taken_back_is_one_s_own_for_that_purpose_and_stays_dated():
    alice, bob = person("alice"), person("bob")
    reset, verify = (links.make(purpose, alice.email, alice) for purpose in (Purpose.RESET, Purpose.VERIFY))
    others = links.make(Purpose.RESET, bob.email, bob)
    used = links.make(Purpose.RESET, alice.email, alice)
    long_ago = timezone.now() - timedelta(days=3)
    MailedLink.objects.filter(digest=hashing.digest(used)).update(used_at=long_ago)
    links.void(alice, Purpose.RESET)
    with pytest.raises(Refusal):
        links.find(Purpose.RESET, reset)
    assert links.find(Purpose.VERIFY, verify).user == alice
    assert links.find(Purpose.RESET, others).user == bob
    assert MailedLink.objects.get(digest=hashing.digest(used)).used_at == long_ago
