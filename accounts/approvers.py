"""Who can be the second pair of eyes for a request: what `approvals.check_independent` refuses is left out."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import roles
from accounts.approvals import SEASONED
from accounts.models import Approval, Grant, Role, User
from accounts.verbs import VERBS

#: So many are named.
NAMED = 20


def of(approval: Approval) -> list[User]:
    """Name the people who may approve a request, at most NAMED of them."""
    verb = VERBS[approval.verb].approved_by
    own = {role.name for role in Role.objects.filter(verbs__contains=[verb])}
    names = own | {name for name in roles.TITLES if verb in roles.built_in(name).verbs}
    since = timezone.now() - SEASONED
    seasoned = Grant.objects.filter(user=OuterRef("pk"), role__in=names, ended_at=None, effective_at__lte=since)
    appointed = Grant.objects.filter(user=OuterRef("pk"), granted_by=approval.requester_id)
    reset = Approval.objects.filter(
        subject=OuterRef("pk"),
        requester=approval.requester_id,
        state=Approval.State.DONE,
        verb__in=["factor.reset", "person.email"],
    )
    found = User.objects.filter(Exists(seasoned), ~Exists(appointed), ~Exists(reset), is_active=True)
    found = found.exclude(Q(pk=approval.requester_id) | Q(pk=approval.subject_id or 0))
    return list(found.exclude(invited_by=approval.requester_id).order_by("username")[:NAMED])
