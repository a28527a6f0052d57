"""What becomes of a report: a decision and what it does, in one transaction. It answers all reports of the message."""

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor
from accounts.models import User
from accounts.people import muting
from accounts.refusal import Refusal
from messaging import moderating, ownership, reviewing
from messaging.commands import Command
from messaging.database import rows
from messaging.heads import hold
from messaging.joining import is_banned
from messaging.log import append_in
from messaging.models import MessageState, Report, ReportStep
from messaging.rights import standing

Outcome = ReportStep.Outcome
#: What a direct conversation of two has no place for.
IN_ROOMS = frozenset({Outcome.MUTED, Outcome.REMOVED, Outcome.BANNED})
_TIMED = frozenset({Outcome.MUTED, Outcome.SILENCED})


class Decision(NamedTuple):
    """What somebody decides, and why. `for_s`: for how long the author is muted, where that is the outcome."""

    outcome: Outcome
    note: str
    #: The message is deleted as well.
    is_deleted: bool = False
    for_s: int | None = None


def decide(actor: Actor, report: Report, decision: Decision) -> None:
    """Carry out a decision about a report that the actor has. Who reports the same message gets the same answer.

    In the conversation it is done by events of the moderator, who needn't be a member. Raises Refusal, and then nothing
    is done: not held, decided before, no such member any more, a time that is none.
    """
    note = reviewing.said(decision.note, "note")
    decision = decision._replace(note=note, is_deleted=decision.is_deleted or decision.outcome == Outcome.DELETED)
    _check(report, decision)
    with transaction.atomic():
        found = reviewing.locked(actor, report)
        reviewing.require_held(actor, found)
        _carry_out(actor, found, decision)
        _record(actor, found, decision)


def _check(report: Report, decision: Decision) -> None:
    if decision.outcome == Outcome.DISMISSED and decision.is_deleted:
        raise Refusal("malformed", _("What is dismissed stays: choose “Delete the message”."), field="is_deleted")
    if report.kind == "direct" and decision.outcome in IN_ROOMS:
        detail = _("Nobody is muted or removed in a direct conversation: mute in the whole workspace.")
        raise Refusal("malformed", detail, field="outcome")
    if decision.outcome in _TIMED and not 0 < (decision.for_s or 0) <= muting.LONGEST_S:
        raise Refusal("malformed", _("Somebody is muted for 1 second to 30 days."), field="for_s")


def _carry_out(actor: Actor, report: Report, decision: Decision) -> None:
    hold(rows, [report.conversation_id])
    events = [*_deletion(actor, report, decision), *_about_author(actor, report, decision)]
    if any(verdict.code for verdict in append_in(events)):
        raise Refusal("unavailable", _("The conversation doesn't take this now: look at the report again."))
    if decision.outcome == Outcome.SILENCED:
        author = User.objects.get(pk=report.author_id)
        because = {"report": report.pk}
        muting.mute(actor, author, for_s=decision.for_s or 0, reason=decision.note, because=because)


def _deletion(actor: Actor, report: Report, decision: Decision) -> list[Command]:
    """Give the deletion of the message, unless it is deleted already."""
    where = report.conversation_id
    gone = MessageState.objects.filter(conversation_id=where, seq=report.seq, deleted_at__isnull=False)
    if not decision.is_deleted or gone.exists():
        return []
    author = actor.id or report.author_id
    return [Command(conversation=where, author=author, kind="delete", target=report.seq, is_vouched=True)]


def _about_author(actor: Actor, report: Report, decision: Decision) -> list[Command]:
    """Give what is done about the author in the conversation, whatever the role there."""
    if decision.outcome not in IN_ROOMS:
        return []
    where, author, by = report.conversation_id, report.author_id, actor.id or report.author_id
    is_member = standing(rows, where, author) is not None
    if decision.outcome == Outcome.BANNED:
        if is_banned(rows, where, author):
            raise Refusal("malformed", _("The author is banned from this conversation already."), field="outcome")
        return moderating.as_banned(where, by=by, person=author, is_member=is_member)
    if not is_member:
        detail = _("The author is not in this conversation any more: ban, so that nobody comes back, or dismiss.")
        raise Refusal("malformed", detail, field="outcome")
    if decision.outcome == Outcome.REMOVED:
        return ownership.departure(rows, where, by=by, member=author)
    until = clock.of_database() + timedelta(seconds=decision.for_s or 0)
    return moderating.as_muted(where, by=by, member=author, until=until)


def _record(actor: Actor, report: Report, decision: Decision) -> None:
    """Put the decision down for every report of the message that is open, and on the trail."""
    same = Report.objects.filter(conversation_id=report.conversation_id, seq=report.seq, decided_at=None)
    for each in same.order_by("pk"):
        reviewing.step(
            actor,
            each,
            ReportStep.Kind.DECIDE,
            outcome=decision.outcome.value,
            note=decision.note,
            is_deleted=decision.is_deleted,
            for_s=decision.for_s if decision.outcome in _TIMED else None,
        )
