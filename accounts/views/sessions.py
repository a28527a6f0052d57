"""The page that lists where one is signed in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actor
from accounts.access import sessions
from accounts.models import DeviceSession, User
from accounts.refusal import Refusal
from accounts.views import pages


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """Show where one is signed in; sign out one device, or all others."""
    assert isinstance(request.user, User)
    error: dict[str, str] = {}
    if request.method == "POST":
        try:
            messages.success(request, _sign_out(request, request.user))
            return redirect("sessions")
        except Refusal as refusal:
            error = pages.explain(refusal)
    current = request.session.session_key
    listed = [sessions.describe(session, current) for session in sessions.of_user(request.user)]
    listed.sort(key=lambda session: not session["is_current"])
    context = {"sessions": listed, "others": len(listed) - 1} | error
    return pages.show(request, "settings/sessions.html", context, status=400 if error else 200)


def _sign_out(request: HttpRequest, user: User) -> str:
    """Do what the form says, and say what was done."""
    asking = actor.of_request(request)
    if request.POST.get("subject") == "others":
        sessions.end_all(asking, user, keep=request.session.session_key)
        return _("All other devices are signed out.")
    subject = request.POST.get("subject", "").replace("\x00", "")[:64]
    found = DeviceSession.objects.filter(user=user, subject=subject).first()
    if found is None:
        raise Refusal("not_found", _("That device is signed out already."))
    sessions.end(asking, found)
    return _("The device is signed out.")
