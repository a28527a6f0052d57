"""Signing in: whose password it is, and the one way by which somebody comes in after any door."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts import actor, backoff, naming, sessions
from accounts.models import User
from audit import trail

_BACKEND = "accounts.signin.UsernameOrEmailBackend"


class UsernameOrEmailBackend(ModelBackend):
    """Checks a password for a username or a verified e-mail address, in any case."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Find who signs in; the answer takes the same time for somebody unknown."""
        if not username or not password:
            return None
        found = naming.find(username)
        if found is None:
            User().set_password(password)  # the same work as below
            return None
        if not (found.check_password(password) and found.can_come_in):
            return None
        backoff.forgive(request)
        return found


def complete(request: HttpRequest, user: User, *, by: str, onward: str = "") -> HttpResponse:
    """Let somebody in who has come through a door, and lead on to the page that was asked for.

    `by` names the door for the trail (`password`, `invitation`, `signup`); `onward` is an address of ours that the
    caller has checked.
    """
    with transaction.atomic():
        login(request, user, backend=_BACKEND)
        sessions.start(request, user, by)
        trail.record(
            actor=user.pk,
            verb="session.open",
            target=f"user:{user.pk}",
            after={"method": by},
            origin=actor.of_request(request, user).origin,
        )
    return HttpResponseRedirect(onward or settings.LOGIN_REDIRECT_URL)
