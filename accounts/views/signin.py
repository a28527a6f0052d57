"""The sign-in page and signing out."""

import math

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import demo, workspace
from accounts.access import backoff, sessions
from accounts.access.signin import complete
from accounts.models import User
from accounts.people import signup

_REFUSED = "That username or e-mail and password don't match an account here. Check both and try again."


def _too_soon(wait_s: int) -> str:
    """Say how long to wait. It is the same for a name that nobody has."""
    if wait_s < 60:
        wait = ngettext("%s second", "%s seconds", wait_s) % wait_s
    else:
        minutes = math.ceil(wait_s / 60)
        wait = ngettext("%s minute", "%s minutes", minutes) % minutes
    return gettext("There were too many wrong passwords. This one was not looked at: wait %s and try again.") % wait


def _next(request: HttpRequest) -> str:
    """Say where to go after signing in: the page that was asked for, where it is one of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if safe else settings.LOGIN_REDIRECT_URL


@never_cache
@ensure_csrf_cookie
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """Show the sign-in form, or sign in and go on."""
    error, wait_s = "", 0
    username = request.POST.get("username", "").strip()
    if request.method == "POST":
        user = authenticate(request, username=username, password=request.POST.get("password", ""))
        if isinstance(user, User):
            return complete(request, user, by="password", onward=_next(request))
        wait_s = backoff.wait_s(request)
        error = _too_soon(wait_s) if wait_s else _REFUSED
    elif request.user.is_authenticated:
        return HttpResponseRedirect(_next(request))
    context = {
        "error": error,
        "username": username,
        "next": _next(request),
        "workspace": workspace.display_name(),
        "may_sign_up": bool(signup.domains()),
        "demo": demo.is_demo(),
    }
    response = render(request, "signin.html", context, status=429 if wait_s else 401 if error else 200)
    if wait_s:
        response["Retry-After"] = str(wait_s)
    return response


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session here and cut its sockets everywhere."""
    if isinstance(request.user, User):
        sessions.sign_out(request, request.user)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)
