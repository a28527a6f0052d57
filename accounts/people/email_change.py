"""Giving somebody another e-mail address: asked for by one administrator and approved by another."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import sessions
from accounts.actor import Actor
from accounts.authority import approvals, grants
from accounts.mail import links, outbox
from accounts.models import Approval, MailedLink, User
from accounts.people import verification
from accounts.refusal import Refusal
from audit import trail


def ask(actor: Actor, user: User, email: str, reason: str) -> Approval:
    """Ask for another address for somebody. Raises Refusal at the field.

    One's own is changed in one's settings. Whoever asks must be able to give the roles that the person holds: so no
    administrator lays hands on an owner's or officer's account.
    """
    if actor.user is not None and actor.user.pk == user.pk:
        raise Refusal("forbidden", _("This is your own: change it in your settings."))
    _require_arrived(user)
    to = verification.read_address(email)
    if to.lower() == user.email.lower():
        raise Refusal("malformed", _("The person has this address already."), field="email")
    verification.require_free(to, other_than=user)
    grants.require_reach(actor, user)
    request = {"user": user.pk, "email": to, "before": user.email}
    return approvals.ask(actor, "person.email", request, subject=user, reason=reason)


def carry_out(approval: Approval, actor: Actor) -> None:
    """Change an address that somebody else has approved, tell both addresses, and end every session.

    The new address is not verified: until the person has proven it, it opens nothing and no reset goes there.
    """
    asked = approval.request
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=asked["user"])
        if user.email != asked["before"]:
            raise Refusal("malformed", _("The address was changed meanwhile: ask for it anew."))
        _require_arrived(user)
        verification.require_free(asked["email"], other_than=user)
        requester = Actor(approval.requester, actor.via, actor.address, actor.device, actor.credential)
        grants.require_reach(requester, user)
        User.objects.filter(pk=user.pk).update(email=asked["email"], email_verified_at=None)
        links.void(user, MailedLink.Purpose.VERIFY, MailedLink.Purpose.ADDRESS, MailedLink.Purpose.RESET)
        sessions.cut(requester, user)
        trail.record(
            actor=approval.requester_id,
            verb="email.change",
            target=f"user:{user.pk}",
            before={"email": user.email},
            after={"email": asked["email"], "approval": approval.pk},
            origin=actor.origin,
        )
        for address in filter(None, (user.email, asked["email"])):
            outbox.post("email_changed_for", address, user=user, before=user.email, email=asked["email"])


def _require_arrived(user: User) -> None:
    """Raise Refusal for somebody imported who has not come in yet.

    Nobody has shown the account's address to be theirs, and whoever had another one would be invited into a past,
    direct conversations included, that is not theirs: by an owner with two administrators of the own making, too.
    """
    if user.imported_at is not None:
        detail = _("This person has not come in yet. Deactivate the account, and invite the person anew.")
        raise Refusal("forbidden", detail, field="email")
