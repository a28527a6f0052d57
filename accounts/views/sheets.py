"""Pages outside the workspace, each a sheet: sign-in, sign-up, invitations, links from mails."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import workspace
from accounts.refusal import Refusal
from accounts.views import pages


def show(request: HttpRequest, template: str, *, refusal: Refusal | None = None, **context: Any) -> HttpResponse:
    """Answer with a sheet; with a refusal at its field, and the status that goes with it."""
    shared: dict[str, Any] = {"workspace": workspace.display_name()}
    if refusal is not None:
        shared |= pages.explain(refusal) | {"is_refused": True}
    return render(request, template, shared | context, status=pages.status(refusal) if refusal else 200)


def say(request: HttpRequest, heading: str | Promise, *words: str | Promise) -> HttpResponse:
    """Answer with a few sentences, and the way to the sign-in page."""
    return show(request, "said.html", heading=heading, words=words)


def turn_away(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say why a link opens nothing."""
    context = {"heading": _("This link opens nothing"), "words": [refusal.detail]}
    return render(request, "said.html", context | {"workspace": workspace.display_name()}, status=pages.status(refusal))
