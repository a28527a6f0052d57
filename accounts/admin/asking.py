"""Who asks for a page of the administration, and what is open to that person: looked up once a request."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts import actor, rights
from accounts.actor import Actor
from accounts.models import User
from accounts.refusal import Refusal

#: Any of these opens the administration; what is in it depends on the rest.
DOORS = frozenset({"admin.open", "trail.read", "officer.accept", "report.review", "person.mute"})
_KEPT = "_asking"


class Asking(NamedTuple):
    """A person at the administration's door."""

    actor: Actor
    verbs: frozenset[str]

    @property
    def is_let_in(self) -> bool:
        """Tell whether some of the administration is open to the person."""
        return bool(self.verbs & DOORS)

    def may(self, *verbs: str) -> bool:
        """Tell whether any of these is open to the person."""
        return not self.verbs.isdisjoint(verbs)


def of(request: HttpRequest) -> Asking:
    """Tell who asks. Only a session counts: a token opens nothing here."""
    kept = getattr(request, _KEPT, None)
    if not isinstance(kept, Asking):
        asking = actor.of_request(request)
        is_person = isinstance(request.user, User) and request.user.is_active and asking.via == "session"
        kept = Asking(asking, rights.open_verbs(asking) if is_person else frozenset())
        setattr(request, _KEPT, kept)
    return kept


def require(request: HttpRequest, *verbs: str) -> Asking:
    """Give who asks, or refuse the page: any of these verbs opens it. Raises PermissionDenied."""
    asking = of(request)
    if not asking.may(*verbs):
        raise PermissionDenied
    return asking


def require_now(request: HttpRequest, verb: str) -> Asking:
    """Give who asks for a page that does something, having stepped up where the verb wants it.

    Raises PermissionDenied, or Refusal `step_up` where signing in again helps.
    """
    asking = of(request)
    try:
        rights.require(asking.actor, verb)
    except Refusal as refusal:
        if refusal.code == "step_up":
            raise
        raise PermissionDenied(refusal.detail) from refusal
    return asking
