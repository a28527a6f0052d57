"""`/invite/TOKEN`: coming in by an invitation. It belongs to no layer below: accounts open, messaging adds to rooms."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actor
from accounts.access import password_rules, signin
from accounts.mail import outbox
from accounts.models import Invitation
from accounts.people import invitations
from accounts.refusal import Refusal
from accounts.views import sheets
from accounts.views.signup import details
from messaging import arrivals


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites, with the form for one's name and password; or make the account and sign in."""
    given, email = details(request), request.POST.get("email", "")
    try:
        invitation = invitations.find(token)
        if request.method == "GET":
            return _ask(request, invitation)
        user = arrivals.accept(actor.of_request(request), token, given, site=outbox.site(request), email=email)
    except Refusal as refusal:
        if refusal.code == "not_found":
            return sheets.turn_away(request, refusal)
        return _ask(request, invitation, refusal, username=given.username, name=given.name, given_email=email)
    return signin.complete(request, user, by="invitation")


def _ask(request: HttpRequest, invitation: Invitation, refusal: Refusal | None = None, **given: str) -> HttpResponse:
    known = invitation.user
    shown = {"username": known.username, "name": known.name} if known else {}
    context = shown | given | {"email": invitation.email, "hint": password_rules.hint()}
    return sheets.show(
        request, "arrive.html", refusal=refusal, inviter=invitation.invited_by, role=invitation.role, **context
    )
