"""A lost device: an administrator asks to reset somebody's factors, and a second one approves."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import revocations
from accounts.access import sessions, tokens
from accounts.actor import Actor
from accounts.authority import approvals, grants
from accounts.factors import owned, told
from accounts.mail import links
from accounts.models import Approval, User
from accounts.refusal import Refusal
from audit import trail


def ask(actor: Actor, user: User, reason: str) -> Approval:
    """Ask to reset somebody's factors. Raises Refusal: one's own, nobody's, or of an account above one's own."""
    if actor.user is not None and actor.user.pk == user.pk:
        raise Refusal("forbidden", _("These are your own: another administrator has to ask for it."))
    if not owned.has_any(user):
        raise Refusal("malformed", _("%s has no second factor to reset.") % user.username)
    grants.require_reach(actor, user)
    return approvals.ask(actor, "factor.reset", {"user": user.pk}, subject=user, reason=reason)


def carry_out(approval: Approval, actor: Actor) -> None:
    """Reset what somebody else has approved."""
    user = User.objects.get(pk=approval.request["user"])
    requester = Actor(approval.requester, actor.via, actor.address, actor.device, actor.credential)
    grants.require_reach(requester, user)
    now(requester, user)


def now(actor: Actor, user: User) -> int:
    """Remove every factor of somebody, end all sessions and tokens, tell the person, and count the factors.

    The password stays: whoever asked for the reset can't come in by it. The role's demand stays too, from the same
    day on: at the next sign-in the person sets up a factor anew.
    """
    with transaction.atomic():
        removed = owned.remove_all(actor, user)
        trail.record(
            actor=actor.id,
            verb="factor.reset",
            target=f"user:{user.pk}",
            before={"count": removed},
            origin=actor.origin,
        )
        sessions.cut(actor, user)
        links.void(user, links.Purpose.ADDRESS)  # asked for on the lost device
        tokens.revoke_all(actor, user)
        revocations.cut(user)
        told.tell(actor, user, "reset")
    return removed
