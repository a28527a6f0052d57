"""Muting somebody in the whole workspace for a time: the person reads on, and says nothing anywhere until then."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import clock, rights
from accounts.actor import Actor
from accounts.authority import barriers, roles, verbs
from accounts.models import Grant, User
from accounts.refusal import Refusal
from audit import trail

REASON_LENGTH = 500
#: The longest that somebody is muted for by one deed (seconds): 30 days.
LONGEST_S = 30 * 86400

_IS_WALLED = f"select {barriers.walled('%(one)s', '%(other)s')}"


def muted() -> QuerySet[User]:
    """Give the people who say nothing for now, whose mute ends first coming first."""
    return User.objects.filter(muted_until__gt=timezone.now()).order_by("muted_until", "id")


def mute(actor: Actor, user: User, *, for_s: int, reason: str, because: dict[str, int] | None = None) -> datetime:
    """Let somebody say nothing in any conversation for a time, and tell until when; it replaces a former time.

    `because` goes on the trail beside the reason. Raises Refusal for oneself, for who is out, for somebody across a
    barrier, and for an owner, an officer or an auditor: those roles end first.
    """
    rights.require(actor, "person.mute")
    reason = _reason(reason)
    if not 0 < for_s <= LONGEST_S:
        raise Refusal("malformed", _("Somebody is muted for 1 second to 30 days."), field="for_s")
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        _check(actor, kept)
        until = clock.of_database() + timedelta(seconds=for_s)
        _set(actor, "person.mute", kept, until, {"reason": reason, **(because or {})})
    return until


def unmute(actor: Actor, user: User, *, reason: str) -> None:
    """Let somebody write again before the time is over. Raises Refusal for who is not muted."""
    rights.require(actor, "person.mute")
    reason = _reason(reason)
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        _check_apart(actor, kept)
        if kept.muted_until is None or kept.muted_until <= clock.of_database():
            raise Refusal("malformed", _("This person is not muted, or no longer."))
        _set(actor, "person.unmute", kept, None, {"reason": reason})


def _reason(given: str) -> str:
    reason = given.strip()[:REASON_LENGTH]
    if not reason:
        raise Refusal("malformed", _("Say why: it stands on the trail."), field="reason")
    return reason


def _check(actor: Actor, user: User) -> None:
    _check_apart(actor, user)
    if not user.is_active:
        raise Refusal("malformed", _("This account is not active: it says nothing as it is."))
    given = Grant.objects.filter(user=user, ended_at=None).values_list("role", flat=True)
    if verbs.duties(roles.held_verbs(frozenset(given))) & {"ownership", "compliance", "oversight"}:
        raise Refusal("forbidden", _("Nobody mutes an owner, an officer or an auditor: that role has to end first."))


def _check_apart(actor: Actor, user: User) -> None:
    """Refuse what nobody does to oneself, or across a barrier."""
    if actor.id == user.pk:
        raise Refusal("forbidden", _("Nobody does this to oneself: ask somebody else who may."))
    with connection.cursor() as cursor:
        cursor.execute(_IS_WALLED, {"one": actor.id, "other": user.pk})
        if cursor.fetchone()[0]:
            raise Refusal("forbidden", _("A barrier stands between you and this person: somebody else decides."))


def _set(actor: Actor, verb: str, user: User, until: datetime | None, why: dict[str, Any]) -> None:
    before, after = {"until": user.muted_until}, {"until": until, **why}
    User.objects.filter(pk=user.pk).update(muted_until=until)
    trail.record(actor=actor.id, verb=verb, target=f"user:{user.pk}", before=before, after=after, origin=actor.origin)
