"""The quarter's question: does everybody still need the role that they hold?"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.actor import Actor
from accounts.authority import grants
from accounts.models import Attestation, Grant, Recertification
from accounts.refusal import Refusal
from audit import trail

#: For so long after it was opened every grant is to be answered for.
DUE_AFTER = timedelta(days=21)


def quarter_of(at: datetime) -> str:
    """Name the quarter of an instant: 2026-Q4."""
    return f"{at.year}-Q{(at.month + 2) // 3}"


def open_quarter(actor: Actor) -> Recertification:
    """Open this quarter's recertification with every grant in force, unless it is open already."""
    now = timezone.now()
    with transaction.atomic():
        opened, is_new = Recertification.objects.get_or_create(
            quarter=quarter_of(now), defaults={"due_at": now + DUE_AFTER}
        )
        if not is_new:
            return opened
        held = Grant.objects.filter(ended_at=None).order_by("pk")
        asked = [Attestation(recertification=opened, grant=grant) for grant in held]
        Attestation.objects.bulk_create(asked)
        after = {"quarter": opened.quarter, "grants": len(asked), "due_at": opened.due_at.isoformat()}
        _record(actor, "recertification.open", f"recertification:{opened.pk}", after)
        _close_when_whole(actor, opened)
    return opened


def attest(actor: Actor, attestation: Attestation, answer: str) -> None:
    """Answer for a grant: it is kept, or ended.

    Raises Refusal where it is answered already, is one's own, or ending it is none of one's business.
    """
    rights.require(actor, "role.attest")
    if answer not in Attestation.Answer.values:
        raise Refusal("malformed", _("Answer with keep or end."), field="answer")
    with transaction.atomic():
        asked = Attestation.objects.select_for_update(of=("self",)).select_related("grant__user").get(pk=attestation.pk)
        if asked.answer:
            raise Refusal("malformed", _("This has been answered already."))
        if actor.id == asked.grant.user_id:
            raise Refusal("forbidden", _("This is your own role: somebody else has to attest it."))
        if answer == Attestation.Answer.END and asked.grant.ended_at is None:
            grants.end(actor, asked.grant)
        asked.answer, asked.attested_by, asked.attested_at = answer, actor.user, timezone.now()
        asked.save(update_fields=["answer", "attested_by", "attested_at"])
        after = {"role": asked.grant.role, "answer": answer, "grant": asked.grant_id}
        _record(actor, "recertification.attest", f"user:{asked.grant.user_id}", after)
        _close_when_whole(actor, Recertification.objects.select_for_update().get(pk=asked.recertification_id))


def overdue() -> list[Recertification]:
    """List what should have been answered for by now."""
    return list(Recertification.objects.filter(closed_at=None, due_at__lt=timezone.now()).order_by("due_at"))


def _close_when_whole(actor: Actor, opened: Recertification) -> None:
    """Close it once nothing waits: what was ended in another way meanwhile needs no answer."""
    if opened.attestations.filter(answer="", grant__ended_at=None).exists():
        return
    opened.closed_at = timezone.now()
    opened.save(update_fields=["closed_at"])
    after = {"quarter": opened.quarter}
    _record(actor, "recertification.close", f"recertification:{opened.pk}", after)


def _record(actor: Actor, verb: str, target: str, after: Mapping[str, object]) -> None:
    trail.record(actor=actor.id, verb=verb, target=target, after=after, origin=actor.origin)
