"""E-mail addresses: showing that one reads one's own, and changing it, which counts once the new one is shown."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import passwords
from accounts.actor import Actor
from accounts.mail import links, outbox, rate
from accounts.mail.links import Purpose
from accounts.models import MailedLink, User
from accounts.refusal import Refusal
from audit import trail


def read_address(text: str) -> str:
    """Read an e-mail address, its domain in lower case. Raises Refusal for what is none."""
    email = User.objects.normalize_email(text.strip())
    try:
        validate_email(email)
        User._meta.get_field("email").run_validators(email)
    except ValidationError:
        raise Refusal("malformed", _("Write an e-mail address like name@example.com."), field="email") from None
    return email


def ask(actor: Actor, site: str) -> None:
    """Mail oneself a link that verifies one's address. Raises Refusal where it is verified, or for too many."""
    user = actor.user
    assert user is not None
    if user.email_verified_at is not None or not user.email:
        raise Refusal("malformed", _("There is no address of yours to verify."), field="email")
    rate.require(user.email, actor.address)
    send(user, site)


def send(user: User, site: str) -> None:
    """Mail somebody a link that verifies the address that they gave."""
    with transaction.atomic():
        token = links.make(Purpose.VERIFY, user.email, user)
        outbox.post("verify", user.email, user=user, token=token, link=f"{site}/verify/{token}")


def ask_change(actor: Actor, email: str, password: str, site: str) -> str:
    """Mail a link to a new address of one's own, which becomes one's address by following it; give it as it was read.

    Raises Refusal: no address, the present one, a wrong password, too many.
    """
    user = actor.user
    assert user is not None
    wanted = read_address(email)
    if wanted.lower() == user.email.lower():
        raise Refusal("malformed", _("This is the address that you have."), field="email")
    passwords.prove(actor, password, field="password")
    rate.require(wanted, actor.address)
    with transaction.atomic():
        links.void(user, Purpose.ADDRESS)
        token = links.make(Purpose.ADDRESS, wanted, user)
        outbox.post("verify", wanted, user=user, token=token, link=f"{site}/verify/{token}")
    return wanted


def find(token: str) -> str:
    """Give the address that a link verifies. Raises Refusal where it is not good any more."""
    return _find(token).email


def confirm(visitor: Actor, token: str) -> str:
    """Take an address for verified by a link to it, and give it. Raises Refusal; the old address is told."""
    with transaction.atomic():
        link = _find(token, is_locked=True)
        assert link.user is not None
        user = User.objects.select_for_update().get(pk=link.user.pk)
        actor = replace(visitor, user=user)
        if link.purpose == Purpose.VERIFY:
            _verify(actor, user, link.email)
        else:
            _change(actor, user, link.email)
        links.use(link)
    return link.email


def require_free(email: str, *, other_than: User | None = None) -> None:
    """Raise Refusal where another active account has this address, verified: by two it would sign in neither.

    Holds a lock on the address until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"email {email.lower()}"])
    others = User.objects.filter(email__iexact=email, email_verified_at__isnull=False, is_active=True)
    if others.exclude(pk=other_than.pk if other_than else 0).exists():
        raise Refusal("malformed", _("There is an account with this address already: sign in to it."), field="email")


def _find(token: str, *, is_locked: bool = False) -> MailedLink:
    try:
        return links.find(Purpose.VERIFY, token, is_locked=is_locked)
    except Refusal:
        return links.find(Purpose.ADDRESS, token, is_locked=is_locked)


def _verify(actor: Actor, user: User, email: str) -> None:
    if user.email.lower() != email.lower():
        raise Refusal("not_found", _("This link was for an address that is not yours any more: ask for a new one."))
    require_free(email, other_than=user)
    User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now())
    trail.record(
        actor=user.pk, verb="email.verify", target=f"user:{user.pk}", after={"email": email}, origin=actor.origin
    )


def _change(actor: Actor, user: User, email: str) -> None:
    require_free(email, other_than=user)
    before = user.email
    User.objects.filter(pk=user.pk).update(email=email, email_verified_at=timezone.now())
    links.void(user, Purpose.VERIFY, Purpose.RESET)
    trail.record(
        actor=user.pk,
        verb="email.change",
        target=f"user:{user.pk}",
        before={"email": before},
        after={"email": email},
        origin=actor.origin,
    )
    if before:
        outbox.post("email_changed", before, user=user, email=email)
