"""The cookie by which a browser shows that somebody signed in with it before (OWASP's device cookie).

It opens nothing: whoever comes with it is only counted apart from strangers (`accounts.access.backoff`).
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_SALT = "accounts.access.devices"
LASTS = timedelta(days=90)
#: People of one browser who are remembered: further ones push out the first.
PEOPLE = 8


def known_as(request: HttpRequest, user: int) -> str:
    """Name the browser where this person has signed in with it; empty for a stranger's."""
    name, people = _read(request)
    return name if user in people else ""


def remember(request: HttpRequest, response: HttpResponse, user: int) -> None:
    """Give the browser of somebody who is signed in the cookie, where it has none for this person."""
    name, people = _read(request)
    if user in people:
        return
    kept = ".".join(str(each) for each in [*people, user][-PEOPLE:])
    response.set_signed_cookie(
        settings.DEVICE_COOKIE_NAME,
        f"{name or secrets.token_urlsafe(16)}:{kept}",
        salt=_SALT,
        max_age=int(LASTS.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    found = request.get_signed_cookie(
        settings.DEVICE_COOKIE_NAME, default="", salt=_SALT, max_age=int(LASTS.total_seconds())
    )
    name, _colon, people = (found or "").partition(":")
    return name, [int(each) for each in people.split(".") if each.isdigit()]
