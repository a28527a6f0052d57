"""Every address, in one place."""

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path
from django.views import defaults

from chatproject import client, invite
from chatproject.admin_site import site
from messaging.api import problems

urlpatterns: list[URLPattern | URLResolver] = [
    path("", client.shell),
    path("c/<int:conversation>", client.shell),
    path("c/<int:conversation>/<int:seq>", client.shell),
    path("admin/", site.urls),
    path("invite/<str:token>", invite.invite),
    path("", include("accounts.urls")),
    path("api/v1/", include("messaging.api.urls")),
]


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Say that there is nothing here: to a program as problem details, to a person as a page."""
    return problems.plain(404, "not_found") if _is_api(request) else defaults.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponseBase:
    """Say that something broke."""
    return problems.plain(500, "internal") if _is_api(request) else defaults.server_error(request)
