"""Showing again that it is you."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actor, workspace
from accounts.access import refused, sessions
from accounts.factors import codes, owned, passkeys, relying_party, stepup
from accounts.models import User
from accounts.refusal import Refusal
from accounts.views import onward, pages
from audit import trail


@never_cache
@login_required
@sensitive_post_parameters("code", "passkey", "password")
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Ask for a factor, or for the password of who has none; then lead back."""
    assert isinstance(request.user, User)
    has = owned.of(request.user)
    if request.method == "GET":
        return _ask(request, has)
    try:
        kind = _shown(request, request.user, has)
    except (codes.Wrong, passkeys.NotShown, stepup.WrongPassword) as wrong:
        refused.record(request, request.user, wrong.field, "step_up")
        if not stepup.is_spent(request.session):
            return _ask(request, has, wrong, status=401)
        sessions.sign_out(request, request.user)
        return redirect(settings.LOGIN_URL)
    except Refusal as refusal:
        return _ask(request, has, refusal, status=429 if refusal.code == "rate_limited" else 400)
    stepup.mark(request.session)
    asking = actor.of_request(request)
    trail.record(
        actor=asking.id,
        verb="session.step_up",
        target=f"user:{asking.id}",
        after={"method": kind},
        origin=asking.origin,
    )
    if "again" in request.POST:
        messages.info(request, _("Thank you. Now do it again: nothing was done before."))
    return redirect(onward.asked_for(request, settings.LOGIN_REDIRECT_URL))


def _shown(request: HttpRequest, user: User, has: owned.Owned) -> str:
    """Check what was given, and say what it was. Raises Refusal."""
    if "passkey" in request.POST:
        passkeys.take(request, "stepup", request.POST["passkey"], user)
        return "passkey"
    if has.total:
        codes.take(user, request.POST.get("code", ""), with_recovery=False)
        return "app"
    stepup.check_password(request, user, request.POST.get("password", ""))
    return "password"


def _ask(request: HttpRequest, has: owned.Owned, refusal: Refusal | None = None, *, status: int = 200) -> HttpResponse:
    context = {
        "workspace": workspace.display_name(),
        "next": onward.asked_for(request, settings.LOGIN_REDIRECT_URL),
        "again": "again" in request.POST or "again" in request.GET,
        "has_app": bool(has.apps),
        "has_passkey": bool(has.passkeys),
        "has_name": relying_party.of_request(request) is not None,
        "has_password": not has.total,
    }
    return render(request, "stepup.html", context | (pages.explain(refusal) if refusal else {}), status=status)
