"""Who can be the second pair of eyes for a request: what `approvals.check_independent` refuses is left out."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.authority import roles
from accounts.authority.approvals import SEASONED
from accounts.authority.verbs import VERBS
from accounts.models import Approval, Grant, User

#: So many are named.
NAMED = 20


def of(approval: Approval) -> list[User]:
    """Name the people who may approve a request, at most NAMED of them."""
    verb = VERBS[approval.verb].approved_by
    since = timezone.now() - SEASONED
    seasoned = Grant.objects.filter(
        user=OuterRef("pk"), role__in=roles.with_verb(str(verb)), ended_at=None, effective_at__lte=since
    )
    asker, each = approval.requester_id, OuterRef("pk")
    appointed = Grant.objects.filter(Q(user=each, granted_by=asker) | Q(user=asker, granted_by=each))
    resets = Approval.objects.filter(state=Approval.State.DONE, verb__in=["factor.reset", "person.email"])
    reset = resets.filter(Q(subject=each, requester=asker) | Q(subject=asker, requester=each))
    found = User.objects.filter(Exists(seasoned), ~Exists(appointed), ~Exists(reset), is_active=True)
    out = (asker, approval.subject_id, approval.requester.invited_by_id)
    found = found.exclude(pk__in=[pk for pk in out if pk is not None])
    return list(found.exclude(invited_by=asker).order_by("username")[:NAMED])
