"""Every address, in one place."""

import sys

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader
from django.urls import URLPattern, URLResolver, include, path
from django.views import defaults

from accounts.views import signup
from chatproject import client, invite
from chatproject.admin_site import site
from messaging import arrivals
from messaging.api import problems

urlpatterns: list[URLPattern | URLResolver] = [
    path("", client.shell),
    path("c/<int:conversation>", client.shell),
    path("c/<int:conversation>/<int:seq>", client.shell),
    path("admin/", site.urls),
    path("invite/<str:token>", invite.invite),
    path("signup/<str:token>", signup.sign_up, {"arrive": arrivals.sign_up}),
    path("", include("accounts.urls")),
    path("api/v1/", include("messaging.api.urls")),
]


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Say that there is nothing here: to a program as problem details, to a person as a page."""
    return problems.plain(404, "not_found") if _is_api(request) else defaults.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponseBase:
    """Say that something broke; where the database is away, that it is, and that trying again helps."""
    if problems.is_away(sys.exc_info()[1]):
        return problems.unavailable() if _is_api(request) else _away()
    return problems.plain(500, "internal") if _is_api(request) else defaults.server_error(request)


def _away() -> HttpResponse:
    """Make the page without its request: what a page usually shows, it asks the database for."""
    return HttpResponse(loader.render_to_string("503.html"), status=503)
