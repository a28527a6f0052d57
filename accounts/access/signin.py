"""Signing in: whose password it is, and the one way by which somebody comes in after any door."""

from typing import Any
from urllib.parse import urlencode

import django_otp
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django_otp.models import Device

from accounts import actor
from accounts.access import backoff, refused, sessions
from accounts.factors import demand, owned, second, stepup
from accounts.models import User
from accounts.people import naming
from audit import trail

_BACKEND = "accounts.access.signin.UsernameOrEmailBackend"


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
        if found is None or not (found.check_password(password) and found.can_come_in):
            if request is not None:
                refused.record_password(request, found)
            return None
        backoff.forgive(request)
        return found


def complete(
    request: HttpRequest, user: User, *, by: str, onward: str = "", device: Device | None = None
) -> HttpResponse:
    """Let somebody in who has come through a door, and lead on to the page that was asked for.

    `by` names the door for the trail (`password`, `invitation`, `signup`, `passkey`); `onward` is an address of ours
    that the caller has checked; `device` is the factor that was shown. Who has a factor and has not shown it is led to
    the second step, and is not signed in before.
    """
    if device is None and owned.has_any(user):
        second.begin(request, user, by=by, onward=onward)
        return redirect("second")
    with transaction.atomic():
        login(request, user, backend=_BACKEND)
        sessions.start(request, user, by)
        stepup.mark(request.session)
        after = {"method": by}
        if device is not None:
            django_otp.login(request, device)
            after["factor"] = owned.kind(device)
        trail.record(
            actor=user.pk,
            verb="session.open",
            target=f"user:{user.pk}",
            after=after,
            origin=actor.of_request(request, user).origin,
        )
    onward = onward or settings.LOGIN_REDIRECT_URL
    if demand.due_at(user) is not None:
        return redirect(f"{reverse('factor-due')}?{urlencode({'next': onward})}")
    return HttpResponseRedirect(onward)
