"""Shutting people out for a time, letting them in again, and closing accounts for good."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import revocations, rights
from accounts.access import sessions, tokens
from accounts.actor import Actor
from accounts.authority import grants, roles, verbs
from accounts.models import Grant, User
from accounts.people import verification
from accounts.refusal import Refusal
from audit import trail

REASON_LENGTH = 500


def suspend(actor: Actor, user: User, reason: str) -> None:
    """Shut somebody out until somebody restores the account; roles and tokens stay, and open nothing.

    Raises Refusal for oneself, the last owner, who is out already; and for an owner, officer or auditor, unless by an
    owner.
    """
    rights.require(actor, "person.suspend")
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise Refusal("malformed", _("Say why: it stands on the trail."), field="reason")
    with transaction.atomic():
        _check(actor, user)
        grants.require_another_owner(user)
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, suspended_at=timezone.now()):
            raise Refusal("malformed", _("This account is not active."))
        _cut(actor, user)
        _record(actor, "person.suspend", user, after={"reason": reason})


def restore(actor: Actor, user: User) -> None:
    """Let somebody in again who was suspended.

    Raises Refusal for an account that is closed, or open, or whose address another one has by now.
    """
    rights.require(actor, "person.suspend")
    with transaction.atomic():
        _check(actor, user)
        if user.email and user.email_verified_at:
            verification.require_free(user.email, other_than=user)
        suspended = User.objects.filter(pk=user.pk, is_active=False, deactivated_at=None)
        if not suspended.update(is_active=True, suspended_at=None, last_active_at=timezone.now()):
            raise Refusal("malformed", _("Only a suspended account can be restored; a deactivated one stays closed."))
        _record(actor, "person.restore", user)


def deactivate(actor: Actor, user: User) -> None:
    """Close an account for good: roles end, tokens are revoked, everything open is cut. What was said stays.

    Raises Refusal for oneself, the last owner, a closed account, or one whose roles are not the actor's to give: they
    end by this as by any other way.
    """
    rights.require(actor, "person.deactivate")
    with transaction.atomic():
        _check(actor, user)
        grants.require_reach(actor, user)
        close(actor, user)
        _record(actor, "person.deactivate", user)


def close(actor: Actor, user: User) -> None:
    """Do the same as part of another deed, whose right the caller has checked."""
    with transaction.atomic():
        grants.end_all(actor, user)
        open_ones = User.objects.filter(pk=user.pk, deactivated_at=None)
        if not open_ones.update(is_active=False, deactivated_at=timezone.now()):
            raise Refusal("malformed", _("This account is deactivated already."))
        tokens.revoke_all(actor, user)
        _cut(actor, user)


def _check(actor: Actor, user: User) -> None:
    """Refuse what nobody does to oneself, and what only an owner does to those who watch over administrators."""
    if actor.id == user.pk:
        raise Refusal("forbidden", _("Nobody does this to oneself: ask somebody else who may."))
    given = Grant.objects.filter(user=user, ended_at=None).values_list("role", flat=True)
    watches = verbs.duties(roles.held_verbs(frozenset(given))) & {"ownership", "compliance", "oversight"}
    if watches and actor.user is not None and "owner" not in rights.held(actor.user).roles:
        raise Refusal("forbidden", _("Only an owner does this to an owner, an officer or an auditor."))


def _cut(actor: Actor, user: User) -> None:
    sessions.cut(actor, user)
    revocations.cut(user)


def _record(actor: Actor, verb: str, user: User, after: dict[str, str] | None = None) -> None:
    trail.record(actor=actor.id, verb=verb, target=f"user:{user.pk}", after=after, origin=actor.origin)
