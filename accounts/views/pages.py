"""What the settings pages share: their list, and an answer within it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import workspace
from accounts.admin import asking
from accounts.factors import demand
from accounts.models import User
from accounts.refusal import Refusal

#: The pages in their order: the name of the address, and the title.
PAGES: tuple[tuple[str, str | Promise], ...] = (
    ("password", _("Password")),
    ("email", _("E-mail address")),
    ("factors", _("Second factors")),
    ("sessions", _("Devices")),
    ("tokens", _("Tokens")),
    ("workspace", _("This workspace")),
)


def first(_request: HttpRequest) -> HttpResponse:
    """Lead to the first of the pages."""
    return redirect(PAGES[0][0])


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Answer with a page of the settings."""
    pages = [
        {"url": reverse(name), "title": title, "is_current": request.path.startswith(reverse(name))}
        for name, title in PAGES
    ]
    due_at = demand.due_at(request.user) if isinstance(request.user, User) else None
    shared: dict[str, Any] = {"settings_pages": pages, "workspace": workspace.display_name(), "factor_due_at": due_at}
    shared["may_administer"] = asking.of(request).is_let_in
    shared["is_about_factors"] = request.path.startswith(reverse("factors"))
    shared["is_factor_overdue"] = due_at is not None and due_at <= timezone.now()
    return render(request, template, shared | context, status=status)


def status(refusal: Refusal) -> int:
    """Give the status of a page that shows a refusal."""
    codes = {"not_found": 404, "rate_limited": 429, "forbidden": 403, "step_up": 403, "unavailable": 503}
    return codes.get(refusal.code, 400)


def explain(refusal: Refusal) -> dict[str, str]:
    """Give a refusal to a template: `error` for the whole, or `<field>_error` at the field."""
    return {f"{refusal.field}_error" if refusal.field else "error": refusal.detail or str(_("That can't be done."))}
