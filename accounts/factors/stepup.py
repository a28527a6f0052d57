"""Showing again that it is you: what is asked before a deed that could not be undone by whoever it is done to."""

from django.contrib.auth import authenticate
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.access import backoff
from accounts.actor import STEPPED_UP_AT, Actor
from accounts.models import User
from accounts.refusal import Refusal

#: After so many wrong answers the session ends: whoever has taken it over can't go on guessing.
TRIES = 5
_TRIES = "step_up_tries"


class WrongPassword(Refusal):
    """A password that was tried, and is not the person's."""


def require(actor: Actor) -> None:
    """Raise Refusal (`step_up`) unless the person has shown the factors within the last ten minutes."""
    if not actor.is_operator and not actor.has_stepped_up:
        raise Refusal("step_up", _("Show that it is you to go on. It counts for ten minutes."))


def mark(session: SessionBase) -> None:
    """Keep that the factors were shown now."""
    session[STEPPED_UP_AT] = clock.mark()
    session.pop(_TRIES, None)


def check_password(request: HttpRequest, user: User, password: str) -> None:
    """Raise WrongPassword unless this is somebody's password, Refusal where it comes too soon after wrong ones."""
    found = authenticate(request, username=user.username, password=password)
    wait_s = backoff.wait_s(request)
    if wait_s:
        detail = _("Too many wrong passwords. This one was not looked at: wait %s seconds, then try again.") % wait_s
        raise Refusal("rate_limited", detail, field="password")
    if found is None or found.pk != user.pk:
        raise WrongPassword("malformed", _("That is not your password. Try again."), field="password")


def is_spent(session: SessionBase) -> bool:
    """Count a wrong answer, and tell whether it was one too many."""
    session[_TRIES] = session.get(_TRIES, 0) + 1
    return bool(session[_TRIES] >= TRIES)
