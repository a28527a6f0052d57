"""What every request by a session passes: does the session still count, is its key to change, is the device known."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from accounts.access import devices, sessions
from accounts.models import User

Respond = Callable[[HttpRequest], HttpResponse]


def device_session(respond: Respond) -> Respond:
    """Make the middleware. It comes after Django's own for sessions and authentication."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key:
            _look(request, key)
        response = respond(request)
        if request.session.accessed and SESSION_KEY in request.session:
            devices.remember(request, response, int(request.session[SESSION_KEY]))
        return response

    return middleware


def _look(request: HttpRequest, key: str) -> None:
    user = request.user if SESSION_KEY in request.session else None
    if not isinstance(user, User):
        if request.session.is_empty() and sessions.was_replaced(key):
            _leave_cookie(request, key)
        return
    state = sessions.use(request, key)
    if state is None and sessions.MARK not in request.session:
        sessions.start(request, user, by="")
    elif state is None or state.is_over:
        if sessions.was_replaced(key):
            _leave_cookie(request, key)
        else:
            logout(request)
    else:
        request.is_factor_overdue = state.is_factor_overdue  # type: ignore[attr-defined]
        if state.is_to_rotate:
            sessions.rotate(request, user)


def _leave_cookie(request: HttpRequest, key: str) -> None:
    """Answer as to nobody, and don't take away the cookie: the browser has been given a new one meanwhile."""
    store: Any = type(request.session)(key)
    store._session_cache = {}  # it holds nothing, and is not the empty session whose cookie Django takes away
    request.session = store
    request.user = AnonymousUser()
