"""Giving roles and ending them: duties apart, four eyes, and never without an owner."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, Subquery
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import clock, rights
from accounts.actor import Actor
from accounts.authority import approvals, roles, verbs
from accounts.mail import outbox
from accounts.models import Approval, DeviceSession, Grant, User
from accounts.refusal import Refusal
from audit import trail

#: Between a sitting officer's yes and the role: time in which everybody can see it coming.
OFFICER_WAITS = timedelta(days=1)
#: Who is told by mail of an officer to come (the person too).
TOLD_OF_OFFICERS = ("owner", "administrator", "officer")
#: Most holders of roles that a page lists.
HOLDERS = 500
#: Held until the end of the transaction by whatever could take away the last owner.
_LOCK = 0x7061726C65790003


def grant(actor: Actor, user: User, role: str, *, reason: str = "") -> Grant | Approval:
    """Give a role; where it wants four eyes, ask for it.

    Gives back the grant, or the request that somebody else decides. Raises Refusal: no such role, held already,
    duties that exclude each other, one's own role, or none of one's business.
    """
    definition = roles.find(role)
    verb = _asked_by(definition)
    rights.require(actor, verb)
    _check_giver(actor, user, definition)
    with transaction.atomic():
        _check_taker(user, definition)
        is_first = not Grant.objects.filter(role=role, ended_at=None).exists()
        if actor.is_operator:
            if definition.is_compliance and not is_first:
                raise Refusal(
                    "forbidden", _("An officer sits already: an owner proposes further ones in the administration.")
                )
            return _give(actor, user, definition)
        if definition.is_compliance or definition.is_ownership:
            return approvals.ask(actor, verb, _request(user, definition), subject=user, reason=reason)
        return _give(actor, user, definition)


def require_giver(actor: Actor, role: str) -> None:
    """Raise Refusal unless somebody may give this role to whoever accepts an invitation: never owner or officer."""
    definition = roles.find(role)
    if definition.is_compliance or definition.is_ownership:
        raise Refusal("forbidden", _("Owners and officers are not made by invitation: invite a member."), field="role")
    rights.require(actor, _asked_by(definition))
    if actor.user is not None and not rights.held(actor.user).roles & definition.granted_by:
        raise _not_given_by(definition)


def give_invited(inviter: User | None, user: User, role: str, *, origin: Actor) -> Grant | None:
    """Give the role of an invitation that was accepted, in the inviter's name (None: the operator's).

    Gives None, and no role, where the inviter may not give it any more, or where a role of that name has come to be an
    owner's or officer's since: those are not made by invitation.
    """
    definition = roles.find(role)
    if definition.is_compliance or definition.is_ownership:
        return None
    if inviter is not None and not rights.held(inviter).roles & definition.granted_by:
        return None
    _check_taker(user, definition)
    return _give(replace(origin, user=inviter), user, definition)


def carry_out(approval: Approval, actor: Actor) -> None:
    """Give a role that somebody else has approved."""
    user = User.objects.get(pk=approval.request["user"])
    definition = roles.find(approval.request["role"])
    if _request(user, definition) != approval.request:
        raise Refusal("forbidden", _("The role is another than it was when this was asked: ask for it anew."))
    _check_taker(user, definition)
    asked = Actor(approval.requester, actor.via, actor.address, actor.device, actor.credential)
    made = _give(asked, user, definition, waits=OFFICER_WAITS if definition.is_compliance else None)
    if definition.is_compliance:
        _announce(approval, made, actor)


def _request(user: User, definition: roles.Definition) -> dict[str, Any]:
    """Write what is asked for: of a role of the workspace's own its verbs too, as it could be deleted and made anew."""
    own = {} if definition.name in roles.TITLES else {"verbs": sorted(definition.verbs)}
    return {"user": user.pk, "role": definition.name} | own


def _announce(approval: Approval, made: Grant, actor: Actor) -> None:
    """Tell those who run the workspace of a coming officer; everybody else sees it on *This workspace*."""
    known: dict[str, Any] = {"officer": made.user, "requester": approval.requester, "approver": actor.user}
    for email in sorted({held.user.email for held in in_force(TOLD_OF_OFFICERS) if held.user.email}):
        outbox.post("officer_coming", email, **known, at=made.effective_at, reason=approval.reason)


def end(actor: Actor, held: Grant) -> None:
    """End a grant. Raises Refusal for the last owner."""
    definition = roles.find(held.role)
    if actor.user is None or actor.user.pk != held.user_id:  # one may always lay down one's own
        rights.require(actor, _asked_by(definition))
        _check_giver(actor, held.user, definition)
    with transaction.atomic():
        if held.role == "owner":
            require_another_owner(held.user)
        ended = Grant.objects.filter(pk=held.pk, ended_at=None).update(ended_at=timezone.now(), ended_by=actor.id)
        if not ended:
            raise Refusal("malformed", _("This role has been ended already."))
        _record_end(actor, held)
        _mark_changed(held.user_id)


def end_all(actor: Actor, user: User) -> None:
    """End every role of somebody who goes. Raises Refusal for the last owner."""
    with transaction.atomic():
        require_another_owner(user)
        for held in Grant.objects.select_for_update().filter(user=user, ended_at=None):
            Grant.objects.filter(pk=held.pk).update(ended_at=timezone.now(), ended_by=actor.id)
            _record_end(actor, held)
        _mark_changed(user.pk)


def require_another_owner(user: User) -> None:
    """Raise Refusal where nobody else owns the workspace. Holds a lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    owners = Grant.objects.filter(role="owner", ended_at=None, user__is_active=True)
    if owners.filter(user=user).exists() and not owners.exclude(user=user).exists():
        raise Refusal("forbidden", _("This is the last owner: make somebody else an owner first."))


def require_reach(actor: Actor, user: User) -> None:
    """Raise Refusal where somebody holds, or is about to hold, a role that the actor could not give.

    So nobody lays hands on an account above one's own.
    """
    if actor.is_operator:
        return
    mine = rights.held(actor.user).roles if actor.user else frozenset()
    for role in Grant.objects.filter(user=user, ended_at=None).values_list("role", flat=True):
        givers = roles.find(role).granted_by
        if not mine & givers:
            detail = _("The person holds the role %(role)s: one of these has to do this: %(givers)s.")
            raise Refusal("forbidden", detail % {"role": role, "givers": ", ".join(sorted(givers))})


def _asked_by(definition: roles.Definition) -> str:
    """Name the verb by which this role is given."""
    if definition.is_compliance:
        return "officer.propose"
    return "owner.grant" if definition.is_ownership else "role.grant"


def _check_giver(actor: Actor, user: User, definition: roles.Definition) -> None:
    if actor.via == "provider" and (definition.is_compliance or definition.is_ownership):
        raise Refusal("forbidden", _("An identity provider never makes owners or officers."))
    if actor.is_operator:
        return
    if actor.user is None or actor.user.pk == user.pk:
        raise Refusal("forbidden", _("Nobody gives a role to oneself: ask somebody else who may."))
    if not rights.held(actor.user).roles & definition.granted_by:
        raise _not_given_by(definition)


def _not_given_by(definition: roles.Definition) -> Refusal:
    detail = _("Your roles don't let you give this one: ask one of these: %s.")
    return Refusal("forbidden", detail % ", ".join(sorted(definition.granted_by)), field="role")


def _check_taker(user: User, definition: roles.Definition) -> None:
    """Lock the person and the role, and refuse what the person can't be."""
    roles.hold(definition)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active:
        raise Refusal("malformed", _("This account is not active: let the person in first."), field="user")
    if rights.standing(locked) != "member":
        raise Refusal("malformed", _("Guests and bots hold no roles: make the person a member first."), field="user")
    present = Grant.objects.filter(user=locked, ended_at=None).values_list("role", flat=True)
    if definition.name in present:
        raise Refusal("malformed", _("The person holds this role already."), field="role")
    clash = verbs.conflict(definition.verbs | roles.held_verbs(frozenset(present)))
    if clash:
        raise Refusal("forbidden", _("Nobody may hold %s together: end the other role first.") % clash, field="role")


def _give(actor: Actor, user: User, definition: roles.Definition, waits: timedelta | None = None) -> Grant:
    made = Grant(user=user, role=definition.name, granted_by=actor.user)
    if waits is not None:
        made.effective_at = clock.of_database() + waits
    made.save(force_insert=True)
    made.refresh_from_db(fields=["granted_at", "effective_at"])
    after = {"role": definition.name, "effective_at": made.effective_at.isoformat()}
    trail.record(actor=actor.id, verb="role.grant", target=f"user:{user.pk}", after=after, origin=actor.origin)
    _mark_changed(user.pk)
    return made


def _record_end(actor: Actor, held: Grant) -> None:
    before = {"role": held.role}
    trail.record(actor=actor.id, verb="role.end", target=f"user:{held.user_id}", before=before, origin=actor.origin)


def _mark_changed(user: int) -> None:
    """Say that somebody's rights are others now: sessions get a new key at their next request.

    Those too that were keyed in the future, before the clock was set back.
    """
    last = DeviceSession.objects.filter(user=user, ended_at=None).order_by("-keyed_at").values("keyed_at")[:1]
    after = ExpressionWrapper(Subquery(last) + timedelta(microseconds=1), output_field=DateTimeField())
    User.objects.filter(pk=user).update(privileges_changed_at=Greatest(Now(), after))


def in_force(names: Iterable[str]) -> list[Grant]:
    """List who holds these roles, or is about to, longest first."""
    found = Grant.objects.filter(role__in=list(names), ended_at=None, user__is_active=True)
    return list(found.select_related("user").order_by("granted_at")[:HOLDERS])
