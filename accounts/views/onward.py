"""Where a page leads on to: an address of ours that was asked for."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def asked_for(request: HttpRequest, otherwise: str) -> str:
    """Give the page that `next` names, where it is one of ours."""
    return own(request, request.POST.get("next") or request.GET.get("next") or "", otherwise)


def own(request: HttpRequest, target: str, otherwise: str) -> str:
    """Give an address back where it is one of ours."""
    is_own = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if is_own else otherwise
