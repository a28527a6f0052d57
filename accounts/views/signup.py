"""Signing up oneself, by a link to an address at an allowed domain."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actor
from accounts.access import password_rules, signin
from accounts.mail import outbox
from accounts.models import User
from accounts.people import signup
from accounts.people.arrival import Details
from accounts.refusal import Refusal
from accounts.views import sheets


def details(request: HttpRequest) -> Details:
    """Read what somebody who arrives says about oneself."""
    return Details(*(request.POST.get(field, "") for field in Details._fields))


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form that asks for the address, or have a link mailed there; 404 where nobody may sign up."""
    if not signup.domains():
        raise Http404
    email, domains = request.POST.get("email", "").strip(), ", ".join(signup.domains())
    if request.method == "GET":
        return sheets.show(request, "signup.html", domains=domains)
    try:
        signup.ask(actor.of_request(request), email, outbox.site(request))
    except Refusal as refusal:
        return sheets.show(request, "signup.html", refusal=refusal, email=email, domains=domains)
    return sheets.say(
        request,
        _("Look into your mailbox"),
        _("A link is on its way to %s. Follow it within 24 hours.") % email,
        _("Nothing there? Look into the folder for spam, or ask whoever administers this workspace."),
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest, token: str, arrive: Callable[..., User] = signup.sign_up) -> HttpResponse:
    """Show the form for one's name and password, or make the account and sign in. `arrive` makes it."""
    given = details(request)
    try:
        email = signup.find(token)
        if request.method == "GET":
            return sheets.show(request, "arrive.html", email=email, hint=password_rules.hint(), is_signup=True)
        user = arrive(actor.of_request(request), token, given)
    except Refusal as refusal:
        if refusal.code != "malformed" or refusal.field == "email":
            return sheets.turn_away(request, refusal)
        again = {"username": given.username, "name": given.name}
        return sheets.show(
            request, "arrive.html", refusal=refusal, email=email, hint=password_rules.hint(), is_signup=True, **again
        )
    return signin.complete(request, user, by="signup")
