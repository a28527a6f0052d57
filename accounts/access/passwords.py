"""Setting and changing a password: everything that was open with the old one ends, and its owner is told."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import revocations
from accounts.access import sessions
from accounts.actor import Actor
from accounts.factors import owned, stepup
from accounts.mail import links, outbox
from accounts.models import User
from accounts.refusal import Refusal
from audit import trail


def check(password: str, user: User) -> None:
    """Raise Refusal, with every reason, for a password that this person may not have."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refusal("malformed", " ".join(error.messages), field="password") from None


def change(actor: Actor, old: str, new: str, *, keep: str | None = None) -> None:
    """Give oneself another password. Raises Refusal for a wrong old one (unless stepped up), or for the new one.

    Ends every session but the one whose key is `keep`; the caller gives that one the hash of the new password.
    """
    assert actor.user is not None
    prove(actor, old, field="old_password")
    if old and old == new:
        raise Refusal("malformed", _("This is the password you have: choose another."), field="password")
    with transaction.atomic():
        put(actor, actor.user, new, by="password", keep=keep)
        outbox.post("password_changed", actor.user.email, user=actor.user, address=actor.address)


def prove(actor: Actor, password: str, *, field: str) -> None:
    """Raise Refusal unless the person has shown the factors within ten minutes, or, having none, knows the password."""
    assert actor.user is not None
    if actor.has_stepped_up:
        return
    if not actor.user.has_usable_password() or owned.has_any(actor.user):
        stepup.require(actor)
    if not actor.user.check_password(password):
        raise Refusal("forbidden", _("This is not your password: type the one you have now."), field=field)


def put(actor: Actor, user: User, password: str, *, by: str, keep: str | None = None) -> None:
    """Set somebody's password, end the sessions (but the one whose key is `keep`), and put it on the trail, together.

    `by` names what allowed it (`password`, `reset`). Raises Refusal for a password that won't do.
    """
    check(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        links.void(user, links.Purpose.RESET, links.Purpose.ADDRESS)  # else who asked with the old one goes on
        sessions.cut(actor, user, keep=keep)
        revocations.cut(user)
        trail.record(
            actor=actor.id, verb="password.change", target=f"user:{user.pk}", after={"method": by}, origin=actor.origin
        )
