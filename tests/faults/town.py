"""Who lives in a Parley that is to be ill-treated: people with tokens, and what they talk in.

`python -m tests.faults.town MEMBERS WANDERERS CHANNELS` makes them in the running Parley of `PARLEY_DATA`, and prints
them as JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import NamedTuple

from chatproject.places import ROOT


class Person(NamedTuple):
    """Somebody with a token."""

    name: str
    id: int
    token: str


class Town(NamedTuple):
    """Members are in all channels, wanderers in none at first, the outsider never; the owner owns the channels."""

    owner: Person
    members: list[Person]
    wanderers: list[Person]
    outsider: Person
    channels: list[int]

    @property
    def people(self) -> list[Person]:
        """Everybody."""
        return [self.owner, *self.members, *self.wanderers, self.outsider]


def build(environment: Mapping[str, str], members: int, wanderers: int, channels: int) -> Town:
    """Make a town in the running Parley that this environment names."""
    argv = [sys.executable, "-m", "tests.faults.town", *map(str, (members, wanderers, channels))]
    made = subprocess.run(argv, cwd=ROOT, env=dict(environment), stdout=subprocess.PIPE, check=True)
    found = json.loads(made.stdout)
    return Town(
        Person(*found["owner"]),
        [Person(*each) for each in found["members"]],
        [Person(*each) for each in found["wanderers"]],
        Person(*found["outsider"]),
        found["channels"],
    )


def _made(members: int, wanderers: int, channels: int) -> Town:
    """Make it here, through the doors that the product uses. A group is among the channels: joiners see no past."""
    from tests import worlds

    names = ["owner", *(f"member{i}" for i in range(members)), *(f"wanderer{i}" for i in range(wanderers)), "outsider"]
    users = [worlds.person(name) for name in names]
    people = [Person(name, user.pk, worlds.bearer(user)) for name, user in zip(names, users, strict=True)]
    made = [worlds.channel(*users[: members + 1]) for _ in range(channels - 1)] + [worlds.group(*users[: members + 1])]
    worlds.channel(users[-1])
    return Town(people[0], people[1 : members + 1], people[members + 1 : -1], people[-1], made)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    import django

    django.setup()
    print(json.dumps(_made(*map(int, sys.argv[1:]))._asdict()))
