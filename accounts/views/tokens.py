"""The pages for tokens of one's own programs."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actor, rights
from accounts.access import tokens
from accounts.authority.verbs import SCOPES
from accounts.models import Token, User
from accounts.refusal import Refusal
from accounts.views import pages


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Show one's tokens that are in force; revoke one."""
    assert isinstance(request.user, User)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            _revoke(request, request.user)
            messages.success(request, _("The token is revoked: nothing can use it any more."))
            return redirect("tokens")
        except Refusal as refusal:
            refused = refusal
    return _list(request, request.user, refused)


def _list(request: HttpRequest, user: User, refusal: Refusal | None = None) -> HttpResponse:
    shown = [
        {"token": token, "scopes": [title for name, title in SCOPES.items() if name in token.scopes]}
        for token in tokens.in_force(user)[: tokens.MOST]
    ]
    context: dict[str, Any] = {"tokens": shown, "may_make": rights.allowed(actor.of_request(request), "token.create")}
    if refusal is None:
        return pages.show(request, "settings/tokens.html", context)
    return pages.show(request, "settings/tokens.html", context | pages.explain(refusal), status=pages.status(refusal))


def _revoke(request: HttpRequest, user: User) -> None:
    text = request.POST.get("token", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    found = Token.objects.filter(user=user, pk=number).first()
    if found is None:
        raise Refusal("not_found", _("You have no such token."))
    tokens.revoke(actor.of_request(request), found)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show the form for a token, or make one and show it: this once. Both ask for the factors again."""
    assert isinstance(request.user, User)
    asking = actor.of_request(request)
    try:
        rights.require(asking, "token.create")
    except Refusal as refusal:
        if refusal.code == "step_up":
            raise
        return _list(request, request.user, refusal)
    chosen = request.POST.getlist("scopes") if request.method == "POST" else ["read"]
    context = {
        "name": request.POST.get("name", "")[: tokens.NAME_LENGTH + 1],
        "days": request.POST.get("days", str(tokens.DEFAULT_DAYS))[:10],
        "longest_days": tokens.LONGEST_DAYS,
        "scopes": [{"name": name, "title": title, "is_chosen": name in chosen} for name, title in SCOPES.items()],
    }
    if request.method == "GET":
        return pages.show(request, "settings/token_new.html", context)
    try:
        lifetime = _lifetime(str(context["days"]))
        token = tokens.issue(asking, request.user, name=str(context["name"]), scopes=chosen, lifetime=lifetime)
    except Refusal as refusal:
        faults = context | pages.explain(refusal)
        return pages.show(request, "settings/token_new.html", faults, status=pages.status(refusal))
    return pages.show(request, "settings/token_made.html", context | {"token": token}, status=201)


def _lifetime(days: str) -> timedelta | None:
    """Read a number of days; None for none that can be read."""
    days = days.strip()
    return timedelta(days=int(days)) if days.isascii() and days.isdigit() and len(days) < 6 else None
