"""`/notice/`: the notice of monitoring, and accepting it."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actor
from accounts.access import notice
from accounts.views import sheets


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the notice in force, or accept it and go on; another than was shown is shown anew."""
    onward = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        onward = settings.LOGIN_REDIRECT_URL
    text = notice.text()
    is_accepted = request.method == "POST" and notice.accept(
        actor.of_request(request), request.POST.get("version", ""), request.session
    )
    if is_accepted or not text:
        return HttpResponseRedirect(onward)
    return sheets.show(
        request,
        "notice.html",
        notice=text,
        version=notice.version(text),
        changed_at=notice.changed_at(),
        is_changed=request.method == "POST",
        next=onward,
    )
