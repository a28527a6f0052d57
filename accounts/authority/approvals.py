"""Four eyes: a deed that somebody asks for, and somebody else approves exactly as it was asked.

Lapses after 72 hours; checked again when it is carried out. Each step is on the trail, where those read of it who read
of the deed itself.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.authority.verbs import VERBS
from accounts.models import Approval, Grant, User
from accounts.refusal import Refusal
from audit import category, trail
from audit.category import Category

LAPSES_AFTER = timedelta(hours=72)
#: For so long somebody must have held the role by which they approve.
SEASONED = timedelta(days=1)

#: At most so many are marked as lapsed at once; the rest at the next time.
LAPSE_AT_ONCE = 1000
_LAPSE = """
update approval set state = 'lapsed' where id in (
    select id from approval where state = 'open' and lapses_at <= now() order by lapses_at limit %s
    for update skip locked)
returning *
"""

#: Carries out an approved request, in the transaction of the approval.
CarryOut = Callable[[Approval, Actor], None]


def digest(verb: str, requester: int, request: dict[str, Any]) -> bytes:
    """Bind what is asked, by whom, in every detail."""
    asked = {"verb": verb, "requester": requester, "request": request}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).digest()


def ask(actor: Actor, verb: str, request: dict[str, Any], *, subject: User | None, reason: str) -> Approval:
    """Ask for a deed. Raises Refusal where one may not, or where the same is asked for already."""
    rights.require(actor, verb)
    if actor.user is None:
        raise Refusal("forbidden", _("What wants four eyes is asked for by a person."))
    if not reason.strip():
        raise Refusal("malformed", _("Say why: whoever approves it reads this."), field="reason")
    bound = digest(verb, actor.user.pk, request)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.user.pk)
        if open_now().filter(digest=bound).exists():
            raise Refusal("malformed", _("You have asked for this already: it waits for somebody else to approve it."))
        asked = Approval.objects.create(
            verb=verb,
            request=request,
            digest=bound,
            reason=reason.strip()[:500],
            requester=actor.user,
            subject=subject,
            lapses_at=timezone.now() + LAPSES_AFTER,
        )
        _record(actor, "approval.ask", asked)
    return asked


def approve(actor: Actor, approval: Approval, seen: bytes, carry_out: CarryOut) -> None:
    """Approve a request as it was seen, and carry it out, together or not at all.

    `seen` is the digest on the page that was approved. Raises Refusal where one can't be the second pair of eyes, or
    where the request lapsed, changed, was decided, or may no longer be carried out.
    """
    row = VERBS[approval.verb]
    assert row.approved_by is not None
    rights.require(actor, row.approved_by)
    with transaction.atomic():
        found = _undecided(approval)
        expected = digest(found.verb, found.requester_id, found.request)
        if not constant_time_compare(seen, expected) or not constant_time_compare(bytes(found.digest), expected):
            raise Refusal("forbidden", _("The request is not the one that was shown: look at it again."))
        check_independent(actor, found, row.approved_by)
        rights.check(Actor(found.requester, "session", actor.address), found.verb)
        _decide(actor, found, Approval.State.DONE)
        _record(actor, "approval.approve", found)
        carry_out(found, actor)


def refuse(actor: Actor, approval: Approval) -> None:
    """Refuse a request, or withdraw one's own."""
    row = VERBS[approval.verb]
    is_own = actor.user is not None and actor.user.pk == approval.requester_id
    if not is_own:
        assert row.approved_by is not None
        rights.require(actor, row.approved_by)
    with transaction.atomic():
        found = _undecided(approval)
        _decide(actor, found, Approval.State.WITHDRAWN if is_own else Approval.State.REFUSED)
        _record(actor, "approval.withdraw" if is_own else "approval.refuse", found)


def lapse(actor: Actor) -> int:
    """Mark the requests that nobody decided in time, each on the trail, and tell how many: two statements for all."""
    with transaction.atomic():
        found = sorted(Approval.objects.raw(_LAPSE, [LAPSE_AT_ONCE]), key=lambda each: each.pk)
        trail.record_many([_draft(actor, "approval.lapse", each) for each in found], origin=actor.origin)
    return len(found)


def open_now() -> QuerySet[Approval]:
    """List what waits to be decided and has not lapsed."""
    return Approval.objects.filter(state=Approval.State.OPEN, lapses_at__gt=timezone.now())


def check_independent(actor: Actor, approval: Approval, verb: str) -> None:
    """Raise Refusal unless somebody can be the second pair of eyes for a request.

    In an interactive session; not who asked, nor whom it is about; neither of both appointed, invited or reset by the
    other, so that nobody approves what one's own creature asks; and holding the role for a day.
    """
    user, requester = actor.user, approval.requester
    if user is None or actor.via != "session":
        raise Refusal("forbidden", _("Only a person in a session approves."))
    if user.pk == requester.pk:
        raise Refusal("forbidden", _("You asked for this yourself: somebody else has to approve it."))
    if user.pk == approval.subject_id:
        raise Refusal("forbidden", _("This is about you: somebody else has to approve it."))
    _check_no_bond(user, requester)
    if not _is_seasoned(user, verb):
        raise Refusal("forbidden", _("You have held this role for less than a day: somebody else has to approve it."))


def _check_no_bond(user: User, requester: User) -> None:
    if user.invited_by_id == requester.pk:
        raise Refusal("forbidden", _("Whoever asks invited you: somebody independent has to approve it."))
    if requester.invited_by_id == user.pk:
        raise Refusal("forbidden", _("You invited whoever asks: somebody independent has to approve it."))
    if Grant.objects.filter(user=user, granted_by=requester).exists():
        raise Refusal("forbidden", _("Whoever asks gave you a role: somebody independent has to approve it."))
    if Grant.objects.filter(user=requester, granted_by=user).exists():
        raise Refusal("forbidden", _("You gave whoever asks a role: somebody independent has to approve it."))
    resets = Approval.objects.filter(verb__in=["factor.reset", "person.email"], state=Approval.State.DONE)
    if resets.filter(requester=requester, subject=user).exists():
        raise Refusal("forbidden", _("Whoever asks reset your account: somebody independent has to approve it."))
    if resets.filter(requester=user, subject=requester).exists():
        raise Refusal("forbidden", _("You reset the account of whoever asks: somebody independent has to approve it."))


def _is_seasoned(user: User, verb: str) -> bool:
    from accounts.authority import roles  # it asks rights, as this does

    since = timezone.now() - SEASONED
    names = Grant.objects.filter(user=user, ended_at=None, effective_at__lte=since).values_list("role", flat=True)
    return verb in roles.held_verbs(frozenset(names))


def _undecided(approval: Approval) -> Approval:
    found = Approval.objects.select_for_update(of=("self",)).select_related("requester").get(pk=approval.pk)
    is_open = found.state == Approval.State.OPEN
    if found.state == Approval.State.LAPSED or (is_open and found.lapses_at <= timezone.now()):
        raise Refusal("malformed", _("This request has lapsed after 72 hours: ask for it anew."))
    if not is_open:
        raise Refusal("malformed", _("This request has been decided already."))
    return found


def _decide(actor: Actor, approval: Approval, state: Approval.State) -> None:
    approval.state, approval.decided_by, approval.decided_at = state, actor.user, timezone.now()
    approval.save(update_fields=["state", "decided_by", "decided_at"])


def category_of(verb: str) -> Category:
    """Give the category of a request for a deed: the deed's own, so that requests about cases are read as cases are.

    What else would count as somebody's own account is administration here: one person asks it of another.
    """
    found = category.of_verb(verb)
    return Category.ADMINISTRATION if found == Category.ACCOUNT else found


def _record(actor: Actor, verb: str, approval: Approval) -> None:
    trail.record_many([_draft(actor, verb, approval)], origin=actor.origin)


def _draft(actor: Actor, verb: str, approval: Approval) -> trail.Draft:
    about = {"verb": approval.verb, "digest": bytes(approval.digest).hex(), "request": approval.request}
    return trail.Draft(
        actor=actor.id,
        verb=verb,
        target=f"approval:{approval.pk}",
        after=about | {"reason": approval.reason},
        category=category_of(approval.verb),
    )
