"""Who looks into a report: which are open to whom, and who has it now. Each step is a row, and a deed on the trail."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.authority import barriers
from accounts.models import User
from accounts.refusal import Refusal
from audit import trail
from messaging.database import rows
from messaging.models import Membership, Report, ReportStep

VERB = "report.review"
#: Longest that somebody says to a step.
NOTE_LENGTH = 1000

#: One decides about a message, so who does something with its reports waits for the others who do.
_HOLD = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


def reviewable(actor: Actor) -> QuerySet[Report]:
    """Give the reports that a moderator gets; the right to review is not asked.

    None about what one has said, so that an author learns neither who reports nor that somebody did; and none of a
    conversation in which somebody is or was who is across a barrier.
    """
    found = Report.objects.exclude(author_id=actor.id or 0)
    if not barriers.across(actor.id).exists():
        return found
    apart = Membership.objects.filter(
        conversation_id=OuterRef("conversation_id"), person_id__in=barriers.across(actor.id)
    )
    return found.filter(~Exists(apart))


def objection(actor: Actor, report: Report) -> str:
    """Say why somebody who may review reports has nothing to decide about this one; empty for nothing."""
    mine = Report.objects.filter(conversation_id=report.conversation_id, seq=report.seq, reporter_id=actor.id or 0)
    return str(_("You have reported this message yourself: somebody else decides.")) if mine.exists() else ""


def claim(actor: Actor, report: Report) -> None:
    """Take a report that nobody has. Raises Refusal: somebody has it, it is decided, or one has reported it oneself."""
    with transaction.atomic():
        found = locked(actor, report)
        if found.holder_id is not None:
            raise Refusal("forbidden", _("%s has this report already: take it over, or leave it.") % holder(found))
        step(actor, found, ReportStep.Kind.CLAIM)


def release(actor: Actor, report: Report) -> None:
    """Give a report back. Raises Refusal for who has it not."""
    with transaction.atomic():
        found = locked(actor, report)
        require_held(actor, found)
        step(actor, found, ReportStep.Kind.RELEASE)


def take_over(actor: Actor, report: Report, why: str) -> None:
    """Take a report from whoever has it, and say why. Raises Refusal where nobody else has it."""
    note = said(why, "why")
    with transaction.atomic():
        found = locked(actor, report)
        if found.holder_id is None or found.holder_id == actor.id:
            raise Refusal("malformed", _("Nobody else has this report now: look at it again."))
        step(actor, found, ReportStep.Kind.TAKE_OVER, note=note)


def locked(actor: Actor, report: Report) -> Report:
    """Take the lock of a reported message's reports, and give the report as it is now. Belongs into a transaction.

    Raises Refusal where the actor may not review it, or has nothing to decide, or it is decided.
    """
    rights.require(actor, VERB)
    rows(_HOLD, [f"reports of {report.conversation_id}/{report.seq}"])
    found = reviewable(actor).filter(pk=report.pk).first()
    if found is None:
        raise Refusal("not_found", _("There is no such report."))
    if why := objection(actor, found):
        raise Refusal("forbidden", why)
    if found.decided_at is not None:
        raise Refusal("forbidden", _("This report was decided a moment ago: look at it again."))
    return found


def require_held(actor: Actor, report: Report) -> None:
    """Raise Refusal unless the actor has the report."""
    if report.holder_id is None:
        raise Refusal("forbidden", _("Nobody has this report: claim it first."))
    if report.holder_id != actor.id:
        raise Refusal("forbidden", _("%s has this report now.") % holder(report))


def said(given: str, field: str) -> str:
    """Give what somebody says to a step, without the spaces around it. Raises Refusal for nothing."""
    text = given.strip()
    if not text or len(text) > NOTE_LENGTH or "\x00" in text:
        raise Refusal("malformed", _("Say why, in at most %s characters.") % NOTE_LENGTH, field=field)
    return text


def holder(report: Report) -> str:
    """Name who has a report."""
    return User.objects.values_list("name", flat=True).get(pk=report.holder_id or 0)


def step(actor: Actor, report: Report, kind: ReportStep.Kind, **fields: Any) -> None:
    """Put a step down, and on the trail."""
    ReportStep.objects.create(report=report, kind=kind, by_id=actor.id, **fields)
    after = {"conversation": report.conversation_id, "seq": report.seq, "from": report.holder_id, **fields}
    trail.record(
        actor=actor.id,
        verb=f"report.{kind.value}",
        target=f"report:{report.pk}",
        after={name: value for name, value in after.items() if value not in (None, "")},
        origin=actor.origin,
    )
