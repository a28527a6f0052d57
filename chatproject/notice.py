"""Whoever has yet to accept the notice of monitoring is led to it, wherever a session would open something."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.deprecation import MiddlewareMixin

from accounts.access import notice, tokens
from accounts.models import User
from messaging.api import problems

#: What is open before: the notice itself, the doors, and files.
_OPEN = ("/notice/", "/signin/", "/signout/", "/reset/", "/verify/", "/invite/", "/signup/", settings.STATIC_URL)
_DETAIL = "Accept this workspace's notice of monitoring first: it is at /notice/."


class NoticeMiddleware(MiddlewareMixin):
    """Asks people in a session; programs with a token are not asked."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse a call or redirect a page until the notice in force is accepted."""
        if request.path_info.startswith(_OPEN) or _bears_token(request):
            return None
        user = request.user if notice.text() else None
        if not isinstance(user, User) or not notice.is_due(request.session, user.pk):
            return None
        if request.path_info.startswith("/api/"):
            return problems.plain(403, "forbidden", _DETAIL)
        return HttpResponseRedirect(f"/notice/?{urlencode({'next': request.get_full_path()})}")


def _bears_token(request: HttpRequest) -> bool:
    return tokens.bearer(request.META.get("HTTP_AUTHORIZATION", "")) is not None
