"""The page of one's second factors, and what is done there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as show_factor

from accounts import actor
from accounts.access import sessions
from accounts.factors import (
    authenticator,
    challenge,
    demand,
    owned,
    passkeys,
    recovery,
    relying_party,
    second,
    stepup,
    visitor,
)
from accounts.factors import totp as codes_of_apps
from accounts.models import User
from accounts.refusal import Refusal
from accounts.views import pages


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@never_cache
@login_required
@require_GET
def factors(request: HttpRequest) -> HttpResponse:
    """Show what one has."""
    return _show(request)


def _show(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    user = _me(request)
    has = owned.of(user)
    context = {
        "has": has,
        "few": recovery.FEW,
        "is_asked": demand.is_asked_of(user),
        "has_name": relying_party.of_request(request) is not None,
    }
    explained = pages.explain(refusal) if refusal else {}
    return pages.show(request, "settings/factors.html", context | explained, status=400 if refusal else 200)


@never_cache
@login_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Show the secret for an authenticator app; POST begins anew."""
    asking = actor.of_request(request)
    if request.method == "POST":
        authenticator.begin(asking, _me(request))
        return redirect("factor-app")
    stepup.require(asking)
    return _show_app(request)


@never_cache
@login_required
@sensitive_post_parameters("code")
@require_POST
def confirm_app(request: HttpRequest) -> HttpResponse:
    """Let an app count, as it shows the right code."""
    user, had = _me(request), owned.has_any(_me(request))
    try:
        device = authenticator.confirm(
            actor.of_request(request), user, request.POST.get("code", ""), request.POST.get("name", "")
        )
    except Refusal as refusal:
        if refusal.code == "step_up":
            raise
        return _show_app(request, refusal)
    show_factor(request, device)
    return _after_adding(request, had)


def _show_app(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    device = authenticator.begun(_me(request))
    if device is None:
        return redirect("factors")
    secret = codes_of_apps.text(device.secret)
    context = {
        "qr": authenticator.qr(device),
        "secret": [secret[at : at + 4] for at in range(0, len(secret), 4)],
        "name": request.POST.get("name", ""),
    }
    explained = pages.explain(refusal) if refusal else {}
    return pages.show(request, "settings/factor_app.html", context | explained, status=400 if refusal else 200)


@never_cache
@login_required
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Keep a passkey that the browser has made."""
    had = owned.has_any(_me(request))
    try:
        made = passkeys.add(request, _me(request), request.POST.get("passkey", ""), request.POST.get("name", ""))
    except Refusal as refusal:
        if refusal.code == "step_up":
            raise
        return _show(request, refusal)
    show_factor(request, made)
    return _after_adding(request, had)


def _after_adding(request: HttpRequest, had: bool) -> HttpResponse:
    """Go back to the list; with the first factor come recovery codes, which are shown now and never again.

    What was opened before by the password alone ends with it, apart from this session.
    """
    if had:
        messages.success(request, _("Your new factor counts from now on."))
        return redirect("factors")
    asking = actor.of_request(request)
    made = recovery.renew(asking, _me(request))
    sessions.cut(asking, _me(request), keep=request.session.session_key)
    return _show_codes(request, made, is_first=True)


@never_cache
@login_required
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them, once."""
    if not owned.has_any(_me(request)):
        return redirect("factors")
    return _show_codes(request, recovery.renew(actor.of_request(request), _me(request)), is_first=False)


def _show_codes(request: HttpRequest, made: list[str], *, is_first: bool) -> HttpResponse:
    return pages.show(request, "settings/recovery_codes.html", {"codes": made, "is_first": is_first})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Ask whether a factor is to go, and take it away."""
    has = owned.of(_me(request))
    found = has.find(kind, pk)
    if found is None:
        messages.info(request, _("That factor is not there any more."))
        return redirect("factors")
    if request.method == "GET":
        stepup.require(actor.of_request(request))
        context = {"device": found, "kind": kind, "is_last": has.total == 1}
        return pages.show(request, "settings/factor_remove.html", context)
    try:
        name = owned.remove(actor.of_request(request), _me(request), kind, pk)
    except Refusal as refusal:
        if refusal.code == "step_up":
            raise
        return _show(request, refusal)
    messages.success(request, _("“%s” is removed.") % name)
    return redirect("factors")


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Give a browser what it needs to make or to show a passkey, for one purpose (JSON)."""
    purpose = request.POST.get("purpose", "")
    pending = second.pending(request) if purpose == "second" else None
    options = None
    if purpose == "signin":
        return _visitor_options(request)
    if purpose == "second" and pending is not None:
        options = passkeys.request_options(request, "second", pending.user)
    elif purpose == "stepup" and isinstance(request.user, User):
        options = passkeys.request_options(request, "stepup", request.user)
    elif purpose == "add" and isinstance(request.user, User):
        options = passkeys.creation_options(request, request.user)
    if options is None:
        raise Refusal("forbidden", _("This took too long. Sign in again."))
    return JsonResponse({"options": options, "lasts_s": challenge.LASTS_S})


def _visitor_options(request: HttpRequest) -> HttpResponse:
    options, made = passkeys.visitor_options(request)
    response = JsonResponse({"options": options, "lasts_s": challenge.LASTS_S})
    visitor.give(response, made)
    return response
