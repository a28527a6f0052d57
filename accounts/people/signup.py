"""Signing up oneself, where the domain of one's e-mail address is allowed."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import workspace
from accounts.actor import Actor
from accounts.mail import links, outbox
from accounts.mail.links import Purpose
from accounts.models import User
from accounts.people import arrival, verification
from accounts.people.arrival import Details
from accounts.refusal import Refusal
from audit import trail


def domains() -> list[str]:
    """List the domains whose people may sign up; none: nobody may."""
    return [str(domain) for domain in workspace.value("signup_domains")]


def is_allowed(email: str) -> bool:
    """Tell whether an address is of one of these domains itself, in any case and either form (RFC 3490)."""
    domain = _plain(email.rpartition("@")[2])
    return bool(domain) and domain in {_plain(each) for each in domains()}


def ask(visitor: Actor, email: str, site: str) -> None:
    """Have a link mailed by which one may sign up. Raises Refusal: no address, not allowed, too many.

    The answer and its time are the same for somebody who has an account: looking up is the worker's.
    """
    wanted = verification.read_address(email)
    _require_allowed(wanted)
    outbox.wish("ask_signup", wanted, site, visitor.address)


def send(email: str, site: str) -> None:
    """Mail a link to sign up; to whoever has an account, that there is one; to others whom we know, nothing."""
    known = list(User.objects.filter(email__iexact=email).order_by("pk")[:5])
    present = next((user for user in known if user.email_verified_at and user.can_come_in), None)
    with transaction.atomic():
        if present is not None:
            outbox.post("account_exists", email, user=present, link=f"{site}/signin/", reset=f"{site}/reset/")
        elif not any(user.imported_at or not user.is_active for user in known):
            token = links.make(Purpose.SIGNUP, email)
            outbox.post("signup", email, token=token, link=f"{site}/signup/{token}")


def find(token: str) -> str:
    """Give the address by which a link lets one sign up. Raises Refusal where it is not good any more."""
    email = links.find(Purpose.SIGNUP, token).email
    _require_allowed(email)
    return email


def sign_up(visitor: Actor, token: str, details: Details) -> User:
    """Make the account of whoever followed a link. Raises Refusal; then the link stays good."""
    with transaction.atomic():
        link = links.find(Purpose.SIGNUP, token, is_locked=True)
        _require_allowed(link.email)
        verification.require_free(link.email)
        user = arrival.make(details, link.email, is_verified=True, is_guest=False, invited_by=None)
        links.use(link)
        trail.record(
            actor=user.pk,
            verb="person.sign_up",
            target=f"user:{user.pk}",
            after={"username": user.username, "email": user.email},
            origin=replace(visitor, user=user).origin,
        )
    return user


def _require_allowed(email: str) -> None:
    if not is_allowed(email):
        detail = _("Only addresses at %s may sign up: ask somebody there for an invitation.")
        raise Refusal("forbidden", detail % ", ".join(domains()), field="email")


def _plain(domain: str) -> str:
    """Write a domain in its ASCII form and lower case; an empty text for what is none."""
    try:
        return domain.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
