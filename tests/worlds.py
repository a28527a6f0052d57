"""Worlds for tests, built through the real doors: people, conversations, and what is said in them.

Each call makes something new, so that no test meets another's people. The first member of a conversation owns it.
From an async test: `alice = await built(person, "alice")`.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.utils import timezone

from accounts import actor, hashing
from accounts.access import tokens
from accounts.actor import Actor, Via
from accounts.authority.verbs import SCOPES
from accounts.models import Grant, Token, User
from messaging import changing, conversations, entry, history, inbound, personal
from messaging.commands import Command, Verdict
from messaging.database import rows
from messaging.log import append_in
from messaging.protocol import commands, events
from messaging.rights import standing

P = ParamSpec("P")
T = TypeVar("T")

PASSWORD = "correct horse battery staple"


async def built(build: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Build a part of a world from an async test."""
    return await sync_to_async(build)(*args, **kwargs)


def person(name: str, /, **fields: Any) -> User:
    """Make an active person: `alice` becomes somebody like `alice-3f9a1c20`."""
    username = f"{name}-{secrets.token_hex(4)}"
    return User.objects.create_user(
        **{"username": username, "email": f"{username}@example.org", "name": name.capitalize()} | fields
    )


def appointed(name: str, /, role: str, *, ago: timedelta = timedelta(days=2), **fields: Any) -> User:
    """Make a person who has held a role for a while: past the day that the real door takes."""
    user = person(name, **fields)
    Grant.objects.create(user=user, role=role, effective_at=timezone.now() - ago)
    return user


def acting(user: User, *, via: Via = "session", is_stepped_up: bool = True, **fields: Any) -> Actor:
    """Give a person who acts: in a session, with the factors just shown again."""
    at = timezone.now() if is_stepped_up else None
    return Actor(user, via, **{"address": "203.0.113.7", "stepped_up_at": at} | fields)


def bearer(user: User, *scopes: str) -> str:
    """Issue a token for a person, for everything or for some scopes."""
    return tokens.issue(actor.shell("tests"), user, scopes=scopes or tuple(SCOPES))


def expire(token: str) -> None:
    """Let a token's time be over since a second."""
    past = timezone.now() - timedelta(seconds=1)
    Token.objects.filter(digest=hashing.digest(token)).update(expires_at=past)


def channel(*members: User, name: str = "", is_private: bool = True) -> int:
    """Open a channel, whose history is open to whoever joins later, and give its id."""
    return _create("channel", members, name=name or f"channel-{secrets.token_hex(4)}", is_private=is_private)


def group(*members: User, name: str = "") -> int:
    """Open a group, whose history begins for each member with the joining, and give its id."""
    return _create("group", members, name=name)


def direct(one: User, other: User) -> int:
    """Open the direct conversation of two people and give its id."""
    return _create("direct", (one, other))


def own_log(user: User) -> int:
    """Open a person's own log, where it is not open yet, and give its id."""
    with transaction.atomic():
        if not rows(personal.FIND, personal.named(user.pk)):
            rows(personal.MAKE, personal.named(user.pk))
        conversation, is_in = rows(personal.FIND, personal.named(user.pk))[0]
        if not is_in:
            append_in([personal.join(conversation, user.pk)])
    return int(conversation)


def keep(user: User, conversation: int, frame: commands.PersonalCommand) -> Verdict:
    """Put something into a person's own log, as a socket does, and give the verdict."""
    command = personal.command(frame, user.pk)
    command.conversation = conversation
    (verdict,) = put(command)
    return verdict


def _create(kind: str, members: tuple[User, ...], **fields: Any) -> int:
    creator, *others = (member.pk for member in members)
    made, _is_new = conversations.create(kind, creator=creator, members=others, **fields)
    return int(made.pk)


def add(by: User, conversation: int, member: User, role: str = "member") -> None:
    """Add a member, or give a member another role."""
    mine = standing(rows, conversation, by.pk)
    assert mine is not None
    conversations.add_member(conversation, by=by.pk, standing=mine, member=member.pk, role=role)


def remove(by: User, conversation: int, member: User) -> None:
    """Remove a member."""
    assert conversations.remove_member(conversation, by=by.pk, member=member.pk)


def message(author: User, conversation: int, body: str, **fields: Any) -> Command:
    """Make the command that says something."""
    return Command(
        conversation=conversation,
        author=author.pk,
        kind="message",
        body=body,
        **{"payload": inbound.message_payload(body)} | fields,
    )


def edit(author: User, conversation: int, target: int, body: str, **fields: Any) -> Command:
    """Make the command that gives a message other words."""
    return Command(conversation=conversation, author=author.pk, kind="edit", target=target, body=body, **fields)


def delete(author: User, conversation: int, target: int, **fields: Any) -> Command:
    """Make the command that deletes a message."""
    return Command(conversation=conversation, author=author.pk, kind="delete", target=target, **fields)


def react(author: User, conversation: int, target: int, emoji: str = "👍", on: bool = True, **fields: Any) -> Command:
    """Make the command that puts an emoji to a message, or takes it back."""
    payload = {"emoji": emoji, "on": on}
    return Command(conversation=conversation, author=author.pk, kind="react", target=target, payload=payload, **fields)


def pin(author: User, conversation: int, target: int, on: bool = True, **fields: Any) -> Command:
    """Make the command that pins a message, or takes it off."""
    return Command(conversation=conversation, author=author.pk, kind="pin", target=target, payload={"on": on}, **fields)


def rule(by: User, conversation: int, **given: Any) -> None:
    """Change rules of a conversation, or what else `changing` knows of it."""
    changing.change(conversation, by=by.pk, given=given)


def age(conversation: int, by: timedelta) -> None:
    """Let all that was said in a conversation have been said earlier: nobody but the database's owner can."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "update event set at = at - d, expires_at = expires_at - d from make_interval(secs => %s) d "
            "where conversation_id = %s",
            [by.total_seconds(), conversation],
        )
        cursor.execute(
            "update pace set said_at = said_at - make_interval(secs => %s) where conversation_id = %s",
            [by.total_seconds(), conversation],
        )


def put(*commands: Command, is_published: bool = True) -> list[Verdict]:
    """Put commands into the log as one deed; each gets its verdict."""
    with transaction.atomic():
        return append_in(commands, is_published=is_published)


def done(command: Command) -> int:
    """Put a command that must be taken into the log and give its seq."""
    (verdict,) = put(command)
    assert verdict.code is None, verdict
    return verdict.seq


def say(author: User, conversation: int, body: str, **fields: Any) -> int:
    """Say something (`thread=SEQ` replies) and give its seq."""
    return done(message(author, conversation, body, **fields))


def say_many(author: User, conversation: int, count: int, body: str = "message {}") -> list[int]:
    """Say many things, with their number in the words, and give their seqs; nothing is published."""
    verdicts: list[Verdict] = []
    for first in range(0, count, 500):
        batch = range(first, min(first + 500, count))
        verdicts += put(*(message(author, conversation, body.format(i)) for i in batch), is_published=False)
    assert all(verdict.code is None for verdict in verdicts)
    return [verdict.seq for verdict in verdicts]


def log_of(conversation: int) -> list[events.Event]:
    """Read a conversation's whole log, whoever may see it."""
    found = rows(history.GAP, {"conversation": conversation, "after": 0, "limit": 1_000_000})
    return [entry.of_row(row).event for row in found]
