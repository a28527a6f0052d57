"""Changing what somebody is called: the name that others see and the username. Ids, and what was said, stay."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.authority import grants
from accounts.models import User, username_validator
from accounts.refusal import Refusal
from audit import trail

NAME_LENGTH = 128


def rename(actor: Actor, user: User, *, name: str, username: str) -> None:
    """Give somebody another name or username. Raises Refusal at the field."""
    rights.require(actor, "person.change")
    if actor.id != user.pk:
        grants.require_reach(actor, user)  # nobody takes an owner's or officer's name away
    name, username = " ".join(name.split()), username.strip()
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise Refusal("malformed", _("Write a name of 1 to %s printable characters.") % NAME_LENGTH, field="name")
    try:
        username_validator(username)
    except ValidationError as error:
        raise Refusal("malformed", " ".join(error.messages), field="username") from None
    try:
        with transaction.atomic():
            found = User.objects.select_for_update().get(pk=user.pk)
            before = {"name": found.name, "username": found.username}
            after = {"name": name, "username": username}
            if before == after:
                return
            User.objects.filter(pk=found.pk).update(**after)
            trail.record(
                actor=actor.id,
                verb="person.change",
                target=f"user:{found.pk}",
                before={key: before[key] for key in before if before[key] != after[key]},
                after={key: after[key] for key in after if before[key] != after[key]},
                origin=actor.origin,
            )
    except IntegrityError:
        raise Refusal("malformed", _("Somebody has this username already: choose another."), field="username") from None
