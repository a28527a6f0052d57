"""The account of somebody who arrives, by an invitation or by signing up."""

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import passwords
from accounts.models import User, username_validator
from accounts.refusal import Refusal


class Details(NamedTuple):
    """What somebody who arrives says about oneself."""

    username: str
    name: str
    password: str


def read(details: Details, *, arriving: User | None = None) -> Details:
    """Give the details without the spaces around them. Raises Refusal with the field that is at fault."""
    username, name = details.username.strip(), details.name.strip()
    try:
        username_validator(username)
    except ValidationError as error:
        raise Refusal("malformed", " ".join(error.messages), field="username") from None
    if not name or len(name) > 128 or "\x00" in name:
        raise Refusal("malformed", _("Write your name, in at most 128 characters."), field="name")
    taken = User.objects.filter(username__iexact=username)
    if taken.exclude(pk=arriving.pk if arriving else 0).exists():
        raise _taken()
    return Details(username, name, details.password)


def make(details: Details, email: str, *, is_verified: bool, is_guest: bool, invited_by: User | None) -> User:
    """Make the account. Raises Refusal: username taken, password that won't do. A second factor may be asked of it."""
    given = read(details)
    passwords.check(given.password, User(username=given.username, name=given.name, email=email))
    verified = {} if is_verified else {"email_verified_at": None}
    try:
        with transaction.atomic():
            return User.objects.create_user(
                username=given.username,
                email=email,
                name=given.name,
                password=given.password,
                is_factor_exempt=False,
                is_guest=is_guest,
                invited_by=invited_by,
                **verified,
            )
    except IntegrityError:  # somebody was quicker
        raise _taken() from None


def take_over(user: User, details: Details, *, is_guest: bool, invited_by: User | None) -> None:
    """Give the account of somebody who came by an import to that very person. Raises Refusal as `make` does."""
    given = read(details, arriving=user)
    user.username, user.name = given.username, given.name
    passwords.check(given.password, user)
    user.set_password(given.password)
    user.imported_at, user.email_verified_at = None, timezone.now()
    user.is_factor_exempt, user.is_guest, user.invited_by = False, is_guest, invited_by
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise _taken() from None


def _taken() -> Refusal:
    return Refusal("malformed", _("Somebody has this username already: choose another."), field="username")
