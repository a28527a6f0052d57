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
    if user is not None:
        _record(request, user, f"user:{user.pk}", factor, outcome)


def record_password(request: HttpRequest, user: User | None) -> None:
    """Put a wrong password on the trail; for nobody's name it is as much work, and one entry a minute for them all."""
    _record(request, user, f"user:{user.pk}" if user else "session", "password", "wrong" if user else "unknown")


def _record(request: HttpRequest, user: User | None, target: str, factor: str, outcome: str) -> None:
    now = timezone.now()  # what is further ahead is from before the clock was set back
    if Entry.objects.filter(target=target, verb=_VERB, at__range=(now - _QUIET, now + _QUIET)).exists():
        return
    trail.record(
        actor=None,
        verb=_VERB,
        target=target,
        after={"factor": factor, "outcome": outcome},
        origin=actor.of_request(request, user).origin,
    )
