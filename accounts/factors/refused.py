"""Wrong answers on the trail: one a minute for an account, so that nobody can flood it."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from accounts import actor
from accounts.models import User
from audit import trail
from audit.models import Entry

_VERB = "session.refuse"
_QUIET = timedelta(minutes=1)


def record(request: HttpRequest, user: User | None, factor: str, outcome: str) -> None:
    """Put on the trail that somebody's factor was not shown as it has to be. `factor` and `outcome` are words of ours.

    Nobody is named as who did it: it was somebody who could not show that.
    """
    if user is None:
        return
    target = f"user:{user.pk}"
    if Entry.objects.filter(target=target, verb=_VERB, at__gt=timezone.now() - _QUIET).exists():
        return
    trail.record(
        actor=None,
        verb=_VERB,
        target=target,
        after={"factor": factor, "outcome": outcome},
        origin=actor.of_request(request, user).origin,
    )
