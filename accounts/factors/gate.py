"""Who must have a second factor, and has let the time of grace pass, gets no further than setting one up."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import refusal_pages, tokens
from accounts.factors import demand
from accounts.models import User

#: What stays open: setting up, showing who one is, what one has to read, and the way out.
OPEN = ("/settings/factors/", "/passkeys/", "/stepup/", "/signin/", "/signout/", "/notice/", "/static/")
API = "/api/"


class FactorGate:
    """Middleware: turns back the session of somebody whose factor is overdue. Tokens have no second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, or say what is wanted first."""
        return self.get_response(request) if not _is_held(request) else _hold(request)


def _is_held(request: HttpRequest) -> bool:
    if request.path_info.startswith(OPEN):
        return False
    if request.path_info.startswith(API) and tokens.bearer(request.headers.get("Authorization", "")) is not None:
        return False  # a token's: the session counts for nothing there
    user = request.user
    if not isinstance(user, User):
        return False
    known: bool | None = getattr(request, "is_factor_overdue", None)  # by the session's own statement
    return demand.is_overdue(user) if known is None else known


def _hold(request: HttpRequest) -> HttpResponse:
    if refusal_pages.wants_page(request):
        return redirect("factors")  # it says why
    detail = _("Set up a second factor to go on: your role asks for it.")
    return refusal_pages.problem(403, "forbidden", detail)
