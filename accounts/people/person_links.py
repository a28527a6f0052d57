"""Saying that two accounts are one person's. Nothing else changes: no event, no right, no membership."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.models import PersonLink, User
from accounts.refusal import Refusal
from audit import trail


def link(actor: Actor, user: User, username: str, reason: str) -> PersonLink:
    """Link an account with the one of that username. Raises Refusal at the field."""
    rights.require(actor, "person.link")
    other = User.objects.filter(username__iexact=username.strip()).first()
    if other is None:
        raise Refusal("malformed", _("There is no account of that username."), field="username")
    if other.pk == user.pk:
        raise Refusal("malformed", _("This is the same account: name the person's other one."), field="username")
    if not reason.strip():
        raise Refusal("malformed", _("Say how it is known that both are one person's."), field="reason")
    one, two = sorted((user, other), key=lambda account: account.pk)
    try:
        with transaction.atomic():
            made = PersonLink.objects.create(one=one, other=two, reason=reason.strip()[:500], linked_by=actor.user)
            _record(actor, "person.link", made, after={"other": two.pk, "reason": made.reason})
    except IntegrityError:
        raise Refusal("malformed", _("These two are linked already."), field="username") from None
    return made


def unlink(actor: Actor, found: PersonLink) -> None:
    """Take a link away again."""
    rights.require(actor, "person.link")
    with transaction.atomic():
        _record(actor, "person.unlink", found, before={"other": found.other_id, "reason": found.reason})
        found.delete()


def of(user: User) -> list[tuple[PersonLink, User]]:
    """List the links of an account, each with the other account."""
    found = PersonLink.objects.filter(Q(one=user) | Q(other=user)).select_related("one", "other").order_by("pk")
    return [(row, row.other if row.one_id == user.pk else row.one) for row in found]


def _record(actor: Actor, verb: str, found: PersonLink, **change: Any) -> None:
    trail.record(actor=actor.id, verb=verb, target=f"user:{found.one_id}", origin=actor.origin, **change)
