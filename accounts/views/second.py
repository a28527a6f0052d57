"""The second step of signing in, and signing in with a passkey alone."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.models import Device

from accounts import actor, workspace
from accounts.access import refused, signin
from accounts.factors import codes, demand, owned, passkeys, recovery, relying_party, second, visitor
from accounts.factors.second import Pending
from accounts.models import RecoveryCodes
from accounts.refusal import Refusal
from accounts.views import onward, pages


@never_cache
@sensitive_post_parameters("code", "passkey")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor, or take it and let the person in."""
    pending = second.pending(request)
    if pending is None:
        return redirect(settings.LOGIN_URL)
    if request.method == "GET":
        return _ask(request, pending)
    try:
        device = _taken(request, pending)
    except (codes.Wrong, passkeys.NotShown) as wrong:
        kind = "passkey" if isinstance(wrong, passkeys.NotShown) else "code"
        refused.record(request, pending.user, kind, getattr(wrong, "outcome", "wrong"))
        if second.count_wrong(request):
            return _ask(request, pending, wrong, status=401)
        second.end(request)
        return _ask(request, pending, is_over=True, status=403)
    except Refusal as refusal:
        return _ask(request, pending, refusal, status=429 if refusal.code == "rate_limited" else 400)
    second.end(request)
    return _let_in(request, pending, device)


def _taken(request: HttpRequest, pending: Pending) -> Device:
    if "passkey" in request.POST:
        return passkeys.take(request, "second", request.POST["passkey"], pending.user)
    return codes.take(pending.user, request.POST.get("code", ""), with_recovery=True)


def _let_in(request: HttpRequest, pending: Pending, device: Device) -> HttpResponse:
    target = pending.onward
    if isinstance(device, RecoveryCodes):
        left = len(device.digests)
        recovery.record_use(actor.of_request(request, pending.user), device)
        if left <= recovery.FEW:
            target = reverse("factors")
    return signin.complete(request, pending.user, by=pending.by, onward=target, device=device)


def _ask(
    request: HttpRequest,
    pending: Pending,
    refusal: Refusal | None = None,
    *,
    is_over: bool = False,
    status: int = 200,
) -> HttpResponse:
    has = owned.of(pending.user)
    context: dict[str, Any] = {
        "workspace": workspace.display_name(),
        "has_app": bool(has.apps),
        "has_passkey": bool(has.passkeys) and relying_party.of_request(request) is not None,
        "has_recovery": has.codes_left > 0,
        "is_over": is_over,
    }
    return render(request, "second.html", context | (pages.explain(refusal) if refusal else {}), status=status)


@never_cache
@sensitive_post_parameters("passkey")
@require_POST
def with_passkey(request: HttpRequest) -> HttpResponse:
    """Let somebody in who shows a passkey and nothing else."""
    response = _with_passkey(request)
    visitor.forget(response)
    return response


def _with_passkey(request: HttpRequest) -> HttpResponse:
    target = onward.asked_for(request, settings.LOGIN_REDIRECT_URL)
    try:
        passkey = passkeys.take_from_visitor(request, request.POST.get("passkey", ""))
    except Refusal as refusal:
        if isinstance(refusal, passkeys.NotShown):
            refused.record(request, refusal.user, "passkey", refusal.outcome)
        context = {"workspace": workspace.display_name(), "error": refusal.detail, "next": target}
        return render(request, "passkey_refused.html", context, status=401)
    return signin.complete(request, passkey.user, by="passkey", onward=target, device=passkey)


@never_cache
@require_http_methods(["GET"])
def due(request: HttpRequest) -> HttpResponse:
    """Say to somebody who has just come in that a second factor is wanted, and by when."""
    target = onward.asked_for(request, settings.LOGIN_REDIRECT_URL)
    due_at = demand.due_at(request.user) if request.user.is_authenticated else None
    if due_at is None:
        return redirect(target)
    if due_at <= timezone.now():
        return redirect("factors")
    return render(request, "factor_due.html", {"workspace": workspace.display_name(), "due_at": due_at, "next": target})
