"""Invitations: who may make them, what they open, and how somebody comes in by one."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import hashing, rights, workspace
from accounts.actor import Actor
from accounts.authority import grants
from accounts.mail import outbox
from accounts.models import Acceptance, Invitation, User
from accounts.people import arrival, verification
from accounts.people.arrival import Details
from accounts.refusal import Refusal
from audit import trail

#: What an invitation makes of somebody without giving a role.
STANDINGS = ("member", "guest")
#: Most people whom one link lets in.
USES = 1_000
CONVERSATIONS = 100


class Made(NamedTuple):
    """An invitation, and the one sight of its link; of an invitation by e-mail only its reader sees it.

    Whoever had the link of a mail would be taken for its reader, and come into an imported person's own account.
    """

    invitation: Invitation
    link: str


def invite(
    actor: Actor,
    *,
    site: str,
    email: str = "",
    role: str = "member",
    conversations: Sequence[int] = (),
    uses: int = 1,
) -> Made:
    """Invite somebody by e-mail, or make a link for up to `uses` people that is passed on.

    Somebody who came by an import and has this address is invited to their own account. The caller has looked whether
    the inviter may add people to the conversations (`messaging.arrivals`). Raises Refusal with the field at fault.
    """
    rights.require(actor, "person.invite")
    to = verification.read_address(email) if email.strip() else ""
    if not 1 <= uses <= (1 if to else USES):
        raise Refusal(
            "malformed",
            _("An invitation by e-mail is for one person, a link for up to %s.") % USES,
            field="uses",
        )
    if len(conversations) > CONVERSATIONS:
        raise Refusal("malformed", _("At most %s conversations.") % CONVERSATIONS, field="conversations")
    if role not in STANDINGS:
        if not to:
            raise Refusal("malformed", _("A link lets in members or guests: give roles by e-mail."), field="role")
        grants.require_giver(actor, role)
    if to:
        verification.require_free(to)
    with transaction.atomic():
        return _make(actor, site, to, role, list(dict.fromkeys(conversations)), uses)


def _make(actor: Actor, site: str, email: str, role: str, conversations: list[int], uses: int) -> Made:
    token = secrets.token_urlsafe(32)
    days = int(workspace.value("invitation_days"))
    known = User.objects.filter(email__iexact=email, imported_at__isnull=False, is_active=True, kind=User.Kind.PERSON)
    made = Invitation.objects.create(
        email=email,
        user=known.order_by("pk").first() if email else None,
        invited_by=actor.user,
        role=role,
        conversations=conversations,
        digest=hashing.digest(token),
        uses=uses,
        expires_at=timezone.now() + timedelta(days=days),
    )
    after = {"email": email, "role": role, "conversations": conversations, "uses": uses, "user": made.user_id}
    _record(actor, "invitation.make", made, after=after)
    link = f"{site}/invite/{token}"
    if email:
        outbox.post("invitation", email, inviter=actor.user, link=link, days=days)
    return Made(made, "" if email else link)


def find(token: str, *, is_locked: bool = False) -> Invitation:
    """Find an invitation that still opens. Raises Refusal; `is_locked`: nobody else comes by it meanwhile."""
    rows = Invitation.objects.select_related("invited_by", "user")
    if is_locked:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(digest=hashing.digest(token)).first()
    if found is None or found.revoked_at is not None:
        raise Refusal("not_found", _("This invitation is not good: ask whoever invited you for a new one."))
    if found.acceptances.count() >= found.uses:
        raise Refusal("not_found", _("This invitation was used already: sign in, or ask for a new one."))
    if found.expires_at <= timezone.now():
        raise Refusal("not_found", _("This invitation has run out: ask whoever invited you for a new one."))
    if found.user is not None and not found.user.is_active:
        raise Refusal("not_found", _("This account is not active: ask whoever administers this workspace."))
    if found.user is not None and found.user.email.lower() != found.email.lower():
        raise Refusal("not_found", _("The account has another address now: ask whoever invited you for a new one."))
    inviter = found.invited_by
    if inviter is not None and "person.invite" not in rights.held(inviter).verbs:
        raise Refusal("not_found", _("Whoever invited you may not invite people any more: ask an administrator."))
    return found


def accept(visitor: Actor, token: str, details: Details, *, site: str, email: str = "") -> tuple[User, Invitation]:
    """Let somebody in by an invitation, and give the account with the invitation.

    Having followed the mail verifies its address; by a link, `email` is asked for, and a mail to verify it goes out.
    Raises Refusal; then nothing was done and the invitation stays good.
    """
    with transaction.atomic():
        found = find(token, is_locked=True)
        address = found.email or verification.read_address(email)
        if found.email:
            verification.require_free(address)
        is_guest = found.role == "guest"
        user = found.user
        if user is not None and user.imported_at is not None:
            arrival.take_over(user, details, is_guest=is_guest, invited_by=found.invited_by)
        else:
            user = arrival.make(
                details, address, is_verified=bool(found.email), is_guest=is_guest, invited_by=found.invited_by
            )
        Acceptance.objects.create(invitation=found, user=user)
        actor = replace(visitor, user=user)
        _record(actor, "invitation.accept", found, after={"user": user.pk, "username": user.username})
        if found.role not in STANDINGS:
            grants.give_invited(found.invited_by, user, found.role, origin=actor)
        if not found.email:
            verification.send(user, site)
    return user, found


def revoke(actor: Actor, invitation: Invitation) -> None:
    """Take an invitation back: nobody comes in by it any more. Raises Refusal where that was done already."""
    rights.require(actor, "person.invite")
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now()):
            raise Refusal("malformed", _("This invitation was taken back already."))
        _record(actor, "invitation.revoke", invitation)


def pending() -> QuerySet[Invitation]:
    """List the invitations by which somebody may still come in, latest first, each with how many came (`came`)."""
    rows = Invitation.objects.filter(revoked_at=None, expires_at__gt=timezone.now())
    return rows.annotate(came=Count("acceptances")).filter(came__lt=F("uses")).order_by("-created_at", "-pk")


def _record(actor: Actor, verb: str, invitation: Invitation, after: object = None) -> None:
    trail.record(actor=actor.id, verb=verb, target=f"invitation:{invitation.pk}", after=after, origin=actor.origin)
