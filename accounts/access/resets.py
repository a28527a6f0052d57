"""A forgotten password: a link to one's verified address lets one choose another. It signs nobody in."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import passwords
from accounts.actor import Actor
from accounts.mail import links, outbox
from accounts.mail.links import Purpose
from accounts.models import MailedLink, User
from accounts.people import verification
from accounts.refusal import Refusal

#: More accounts than this with one address get no mail.
_ACCOUNTS = 5


def ask(visitor: Actor, email: str, site: str) -> None:
    """Have a link mailed, whoever's address it is: looking up is the worker's, so the answer and its time are the same.

    Raises Refusal for what is no address, and for too many.
    """
    wanted = verification.read_address(email)
    outbox.wish("ask_reset", wanted, site, visitor.address)


def send(email: str, site: str) -> None:
    """Mail a link to each account with this verified address; to one without a password, that there is none."""
    people = User.objects.filter(email__iexact=email, email_verified_at__isnull=False).order_by("pk")[:_ACCOUNTS]
    for user in people:
        if not user.can_come_in:
            continue
        with transaction.atomic():
            if user.has_usable_password():
                token = links.make(Purpose.RESET, user.email, user)
                outbox.post("reset", user.email, user=user, token=token, link=f"{site}/reset/{token}")
            else:
                outbox.post("no_password", user.email, user=user, link=f"{site}/signin/")


def find(token: str) -> User:
    """Give whose password a link resets. Raises Refusal where it is not good any more."""
    return _owner(links.find(Purpose.RESET, token))


def reset(visitor: Actor, token: str, password: str) -> User:
    """Set the password by a link, end all sessions, and tell the owner. Raises Refusal for link or password."""
    with transaction.atomic():
        link = links.find(Purpose.RESET, token, is_locked=True)
        user = _owner(link)
        passwords.put(replace(visitor, user=user), user, password, by="reset")
        outbox.post("password_changed", user.email, user=user, address=visitor.address)
    return user


def _owner(link: MailedLink) -> User:
    assert link.user is not None
    if link.user.email.lower() != link.email.lower():
        raise Refusal("not_found", _("This link was for an address that is not yours any more: ask for a new one."))
    return link.user
