"""Fill an empty workspace. Stopped at any point, it goes on when it is run again, and makes nothing twice."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

from django.db import transaction

from accounts import actor
from accounts.authority import grants
from accounts.models import User
from chatproject.demo.signins import PEOPLE, SignIns
from messaging import conversations
from messaging.commands import Command
from messaging.log import append_in
from messaging.models import Conversation
from messaging.rights import Standing
from messaging.slack import load

EXPORT = Path(__file__).with_name("irc-slack-export-small.zip")
#: Every message of the demo has the same id in every run: the log then knows what it has already.
_IDS = UUID("6b2f6f0e-4d63-4a44-9a44-5c1f1f0d3c11")


class Talk(NamedTuple):
    """A conversation of the demo's people: its kind, its name, and who says what."""

    kind: str
    name: str
    lines: tuple[tuple[str, str], ...]


TALKS = (
    Talk(
        "direct",
        "",
        (
            ("alice", "Morning! The whole of #rust from May 2018 is in here now, threads and all."),
            ("bob", "Found it. I went back to the very first line of #ubuntu: Christmas Day 2004 :christmas_tree:"),
            ("alice", "Somebody was debugging X11 on Christmas. Some things never change."),
            ("bob", "Try `/ubuntu-meeting/` next, it reads like minutes:\n```\n<@chair> topic: release schedule\n```"),
        ),
    ),
    Talk(
        "direct",
        "",
        (
            ("carol", "Can we keep these conversations for as long as the auditors want them?"),
            ("alice", "Yes. Nothing in the log is ever changed: an edit is one more event, and so is a deletion."),
            ("carol", "Good. Then I have one question less for Thursday."),
        ),
    ),
    Talk("direct", "", (("bob", "Lunch at noon?"), ("carol", "Half past, the review runs late."))),
    Talk(
        "group",
        "Launch week",
        (
            ("alice", "One place for everything about the launch. What is still open?"),
            ("bob", "Two things: the backup has been restored once, and I want to see it restored twice."),
            ("carol", "And the second thing?"),
            ("bob", "Cake. Nobody has ordered the cake. :cake:"),
        ),
    ),
)


def fill(data: Path, progress: Callable[[str, int, int], None]) -> bool:
    """Fill the workspace and tell whether it is a demo now: one that has people of its own is left alone."""
    signins = SignIns.read(data)
    if signins is None:
        if User.objects.exists():
            return False
        signins = SignIns.make(data)
    # They come first, so that their names are theirs, and a nick of 2004 gets a suffix.
    people = {username: _person(username, password) for username, password in signins.passwords.items()}
    load.run(EXPORT, by="manage.py demo", progress=progress)
    for channel in Conversation.objects.filter(kind="channel", shown_at__isnull=False):
        for person in people.values():
            standing = Standing("member", channel.kind, channel.archived_at is not None)
            conversations.add_member(channel.pk, by=person.pk, standing=standing, member=person.pk)
    for number, talk in enumerate(TALKS):
        _hold(number, talk, people)
    signins.is_complete = True
    signins.keep(data)
    return True


def _person(username: str, password: str) -> User:
    found = User.objects.filter(username=username).first()
    if found is not None:
        return found
    name, role = PEOPLE[username]
    with transaction.atomic():
        made = User.objects.create_user(
            username=username, email=f"{username}@parley.example", name=name, password=password
        )
        grants.grant(actor.shell("manage.py demo"), made, role)
    return made


@transaction.atomic
def _hold(number: int, talk: Talk, people: dict[str, User]) -> None:
    """Put a talk into the log, unless it is there."""
    ids = {username: people[username].pk for username, _ in talk.lines}
    creator, *others = ids.values()
    if talk.kind == "group" and Conversation.objects.filter(kind="group", name=talk.name).exists():
        return
    held, _ = conversations.create(talk.kind, creator=creator, name=talk.name, members=others)
    append_in(
        [
            Command(
                conversation=held.pk,
                author=ids[who],
                kind="message",
                id=uuid5(_IDS, f"{number} {line} {body}"),
                body=body,
            )
            for line, (who, body) in enumerate(talk.lines)
        ]
    )
