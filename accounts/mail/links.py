"""Links by mail: random, kept as a hash, good for one use and a time, and void once what they rest on has changed."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import hashing
from accounts.models import MailedLink, User
from accounts.refusal import Refusal

Purpose = MailedLink.Purpose

LASTS = {
    Purpose.VERIFY: timedelta(hours=24),
    Purpose.ADDRESS: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
    Purpose.SIGNUP: timedelta(hours=24),
}
#: For so long links that have run out are kept, to tell that they have.
KEPT = timedelta(days=30)


def make(purpose: Purpose, email: str, user: User | None = None) -> str:
    """Make a link's token: the only time that it can be seen. Earlier ones to the same address stay good."""
    token = secrets.token_urlsafe(32)
    MailedLink.objects.create(
        purpose=purpose,
        user=user,
        email=email,
        digest=hashing.digest(token),
        expires_at=timezone.now() + LASTS[purpose],
    )
    return token


def find(purpose: Purpose, token: str, *, is_locked: bool = False) -> MailedLink:
    """Find a link that is still good. Raises Refusal; with `is_locked` nobody else uses it until the commit."""
    rows = MailedLink.objects.select_related("user")
    if is_locked:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(purpose=purpose, digest=hashing.digest(token)).first()
    if found is None or found.used_at is not None:
        raise Refusal("not_found", _("This link is not good, or was used already: ask for a new one."))
    if found.expires_at <= timezone.now():
        raise Refusal("not_found", _("This link has run out: ask for a new one."))
    if found.user is not None and not found.user.can_come_in:
        raise Refusal("not_found", _("This account is not active: ask whoever administers this workspace."))
    return found


def is_good(digest: bytes) -> bool:
    """Tell whether a link, by its hash, is neither used, taken back nor run out."""
    return MailedLink.objects.filter(digest=digest, used_at=None, expires_at__gt=timezone.now()).exists()


def use(link: MailedLink) -> None:
    """Use up a link that was found locked."""
    MailedLink.objects.filter(pk=link.pk).update(used_at=timezone.now())


def void(user: User, *purposes: Purpose) -> None:
    """Take back whatever somebody was sent for these purposes."""
    with transaction.atomic():
        MailedLink.objects.filter(user=user, purpose__in=purposes, used_at=None).update(used_at=timezone.now())


def forget_old() -> None:
    """Delete links that ran out a month ago, with their addresses."""
    MailedLink.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()
