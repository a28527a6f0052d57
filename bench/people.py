"""The people of a measure: made as Parley makes them, and in conversations as Parley has them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accounts import actor
from accounts.access import tokens
from accounts.models import User
from messaging import conversations
from messaging.models import Head


class Person(NamedTuple):
    """Somebody who can open a socket."""

    id: int
    token: str


def people(count: int) -> list[Person]:
    """Make so many people, each with a token."""
    made = []
    for number in range(User.objects.count(), User.objects.count() + count):
        user = User.objects.create_user(username=f"bench-{number}", email=f"bench-{number}@bench.example")
        made.append(Person(user.pk, tokens.issue(actor.shell("bench"), user)))
    return made


def channel(name: str, members: Sequence[int], *, is_private: bool = True) -> int:
    """Make a channel of these members."""
    made, _ = conversations.create("channel", creator=members[0], name=name, members=members, is_private=is_private)
    return made.pk


def messages(channels: Iterable[int]) -> int:
    """Count what is stored in these conversations."""
    return sum(Head.objects.filter(conversation__in=channels).values_list("n", flat=True))
