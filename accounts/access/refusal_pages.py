"""What becomes of a refusal that no page of ours explains itself: a page, a way to show that it is you, or JSON."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import workspace
from accounts.refusal import Refusal
from accounts.views import onward

_STATUS = {"not_found": 404, "malformed": 400, "rate_limited": 429}


class RefusalPages:
    """Middleware: answers a Refusal that a view has let through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Explain a refusal; lead to the step-up and back where that helps. Anything else is Django's."""
        if not isinstance(error, Refusal):
            return None
        status = _STATUS.get(error.code, 403)
        if not wants_page(request):
            return problem(status, error.code, error.detail)
        if error.code == "step_up":
            return to_step_up(request)
        context = {"workspace": workspace.display_name(), "detail": error.detail}
        return render(request, "refused.html", context, status=status)


def wants_page(request: HttpRequest) -> bool:
    """Tell whether a person's browser waits for a page, and not a program or a script for JSON."""
    return not request.path_info.startswith("/api/") and request.accepts("text/html")


def to_step_up(request: HttpRequest) -> HttpResponse:
    """Lead to the step-up and back to this page; after a form, to the page it was on, to send it again."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if request.method in ("GET", "HEAD"):
        fields = {"next": request.get_full_path()}
    else:
        fields = {"next": _page_of_the_form(request), "again": "1"}
    return redirect(f"{reverse('stepup')}?{urlencode(fields)}")


def problem(status: int, code: str, detail: str) -> JsonResponse:
    """Write problem details (RFC 9457) outside the API."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _page_of_the_form(request: HttpRequest) -> str:
    came_from = onward.own(request, request.headers.get("Referer", ""), "")
    parts = urlsplit(came_from)
    return parts._replace(scheme="", netloc="").geturl() if came_from else "/"
