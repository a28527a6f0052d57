"""One's password: changing it, and a new one where it was forgotten."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actor
from accounts.access import password_rules, passwords, resets, sessions
from accounts.factors import owned, stepup
from accounts.mail import outbox
from accounts.models import User
from accounts.refusal import Refusal
from accounts.views import pages, sheets


@never_cache
@login_required
@sensitive_post_parameters("old_password", "password")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Show the form, or change the password: other sessions end, this one goes on."""
    user, me = cast("User", request.user), actor.of_request(request)
    if owned.has_any(user):
        stepup.require(me)  # the password alone will not do
    context = {"hint": password_rules.hint(), "asks_old": user.has_usable_password() and not me.has_stepped_up}
    if request.method == "GET":
        return pages.show(request, "settings/password.html", context)
    try:
        key = request.session.session_key
        passwords.change(me, request.POST.get("old_password", ""), request.POST.get("password", ""), keep=key)
    except Refusal as refusal:
        faults = pages.explain(refusal)
        return pages.show(request, "settings/password.html", context | faults, status=pages.status(refusal))
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    sessions.rotate(request, user)
    messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
    return HttpResponseRedirect(request.path)


@never_cache
@require_http_methods(["GET", "POST"])
def ask_reset(request: HttpRequest) -> HttpResponse:
    """Show the form that asks for the address, or have a link mailed there."""
    email = request.POST.get("email", "").strip()
    if request.method == "GET":
        return sheets.show(request, "reset.html")
    try:
        resets.ask(actor.of_request(request), email, outbox.site(request))
    except Refusal as refusal:
        return sheets.show(request, "reset.html", refusal=refusal, email=email)
    return sheets.say(
        request,
        _("Look into your mailbox"),
        _("If %s is the address of an account here, a link is on its way to it. It is good for one hour.") % email,
        _("Nothing there? Look into the folder for spam, or ask whoever administers this workspace."),
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form for a new password, or set it. Nobody is signed in by this."""
    try:
        user = resets.find(token)
    except Refusal as refusal:
        return sheets.turn_away(request, refusal)
    context: dict[str, Any] = {"hint": password_rules.hint(), "username": user.username}
    if request.method == "GET":
        return sheets.show(request, "reset_password.html", **context)
    try:
        resets.reset(actor.of_request(request), token, request.POST.get("password", ""))
    except Refusal as refusal:
        if refusal.code == "not_found":
            return sheets.turn_away(request, refusal)
        return sheets.show(request, "reset_password.html", refusal=refusal, **context)
    return sheets.say(
        request,
        _("Your password is changed"),
        _("Whatever was signed in with the old one is signed out. Sign in with the new one."),
    )
