"""Who arrives is in the workspace's channels: by an invitation, and by signing up."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import workspace
from accounts.actor import Actor, shell
from accounts.models import User
from accounts.people.arrival import Details
from accounts.refusal import Refusal
from messaging import arrivals
from tests.messaging.api.calls import Caller
from tests.post import deliver, link
from tests.worlds import acting, appointed, channel, person, rule


@pytest.fixture
def settings_of() -> Iterator[Any]:
    """Change settings for a test."""
    yield lambda **given: workspace.change(shell("tests"), given)
    workspace.change(shell("tests"), {"default_channels": [], "signup_domains": []})


def _invited(role: str = "member") -> User:
    made = arrivals.invite(acting(appointed("ann", "administrator")), site="https://parley.test", role=role)
    name = person("x").username  # some name that nobody has
    details = Details(f"new-{name}", "Newcomer", "seven quiet lanterns")
    token = made.link.rpartition("/")[2]
    email = f"{name}@example.net"
    return arrivals.accept(Actor(None, "session"), token, details, site="https://parley.test", email=email)


def _names(user: User) -> set[str]:
    return {each["name"] for each in Caller(user).pages("/conversations", "conversations")}


def test_whoever_is_invited_is_in_the_channels_for_everybody_that_are_open(settings_of):
    alice = person("alice")
    mark = alice.username
    general, news, archived = (channel(alice, name=f"{n} {mark}", is_private=False) for n in ("general", "news", "old"))
    private = channel(alice, name=f"private {mark}")
    rule(alice, archived, archived=True)
    settings_of(default_channels=f"{general}\n{news}\n{archived}\n{private}\n{10**9}")
    assert _names(_invited()) == {f"general {mark}", f"news {mark}"}
    assert _names(_invited("guest")) == set()


def test_who_signs_up_is_in_them_too(settings_of, post):
    general = channel(person("alice"), name="general", is_private=False)
    settings_of(default_channels=[str(general)], signup_domains=["example.com"])
    email = f"new-{timezone.now().timestamp()}@example.com"
    Client().post("/signup/", {"email": email})
    deliver()
    username = f"new{timezone.now().timestamp()}"
    Client().post(link(post.to(email)[-1]), {"username": username, "name": "New", "password": "seven quiet lanterns"})
    assert _names(User.objects.get(username=username)) == {"general"}


@pytest.mark.parametrize("lines", ["general", "0", "-1", "1.5", "12345678901234567890", "٣"])
def test_the_channels_are_given_by_their_numbers(settings_of, lines):
    with pytest.raises(Refusal) as refused:
        settings_of(default_channels=lines)
    assert refused.value.field == "default_channels"
