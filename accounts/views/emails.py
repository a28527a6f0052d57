"""One's e-mail address: verifying it, and changing it."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actor
from accounts.factors import owned, stepup
from accounts.mail import outbox
from accounts.models import User
from accounts.people import verification
from accounts.refusal import Refusal
from accounts.views import pages, sheets


@never_cache
@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Show the address, or mail a link: to a new one, or to the present one to verify it."""
    me, user = actor.of_request(request), cast("User", request.user)
    if owned.has_any(user):
        stepup.require(me)  # the password alone will not do
    context = {"asks_password": not me.has_stepped_up, "email": request.POST.get("email", "")}
    if request.method == "GET":
        return pages.show(request, "settings/email.html", context)
    try:
        if "verify" in request.POST:
            verification.ask(me, outbox.site(request))
            to = user.email
        else:
            to = verification.ask_change(
                me, request.POST.get("email", ""), request.POST.get("password", ""), outbox.site(request)
            )
    except Refusal as refusal:
        faults = pages.explain(refusal)
        return pages.show(request, "settings/email.html", context | faults, status=pages.status(refusal))
    messages.success(request, _("A link is on its way to %s. Follow it within 24 hours.") % to)
    return HttpResponseRedirect(request.path)


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether the address is one's own (programs that read mails follow links), or take it for verified."""
    try:
        email = verification.find(token)
        if request.method == "GET":
            return sheets.show(request, "verify.html", email=email)
        verification.confirm(actor.of_request(request), token)
    except Refusal as refusal:
        return sheets.turn_away(request, refusal)
    return sheets.say(request, _("Your address is verified"), _("%s is your address here.") % email)
