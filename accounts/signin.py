"""Signing in: whose password it is, and the one way by which somebody comes in after any door."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts import actor, sessions
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
        by_name = User.objects.filter(username__iexact=username)
        by_mail = User.objects.filter(email__iexact=username, email_verified_at__isnull=False)
        found = by_name.first() or (by_mail.first() if by_mail.count() == 1 else None)
        if found is None:
            User().set_password(password)  # the same work as below
            return None
        return found if found.check_password(password) and self.user_can_authenticate(found) else None


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
