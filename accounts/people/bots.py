"""Bots: programs as people of a kind of their own.

A bot signs in nowhere, holds no role, and is in a conversation only when a member adds it, which everybody there sees.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.access import tokens
from accounts.actor import Actor
from accounts.models import User
from accounts.people import lifecycle
from accounts.refusal import Refusal
from audit import trail

NAME_LENGTH = 128


def make(actor: Actor, username: str, name: str) -> User:
    """Make a bot. Raises Refusal with the field that is wrong."""
    rights.require(actor, "bot.manage")
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or "\x00" in name:
        raise Refusal("malformed", _("A bot needs a name of at most %s characters.") % NAME_LENGTH, field="name")
    try:
        with transaction.atomic():
            made: User = User.objects.create_user(
                username=username, email="", name=name, kind=User.Kind.BOT, invited_by=actor.user
            )
            after = {"username": username, "name": name}
            trail.record(actor=actor.id, verb="bot.make", target=f"user:{made.pk}", after=after, origin=actor.origin)
    except ValidationError as error:
        raise Refusal("malformed", " ".join(error.messages), field="username") from None
    except IntegrityError:
        raise Refusal("malformed", _("This username is taken: choose another."), field="username") from None
    return made


def new_token(actor: Actor, bot: User, *, name: str, scopes: Iterable[str], lifetime: timedelta | None = None) -> str:
    """Make a token for a bot, without an end unless one is given. Raises Refusal (see `tokens.issue`)."""
    _check_is_bot(bot)
    return tokens.issue(actor, bot, name=name, scopes=scopes, lifetime=lifetime)


def deactivate(actor: Actor, bot: User) -> None:
    """Close a bot's account: its tokens open nothing any more."""
    rights.require(actor, "bot.manage")
    _check_is_bot(bot)
    with transaction.atomic():
        lifecycle.close(actor, bot)
        trail.record(actor=actor.id, verb="bot.deactivate", target=f"user:{bot.pk}", origin=actor.origin)


def _check_is_bot(user: User) -> None:
    if user.kind != User.Kind.BOT:
        raise Refusal("malformed", _("This is a person and no bot."), field="user")
