"""Conversations in which a barrier's two sides sit together."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.admin import asking
from accounts.admin.table import Cell, Words, table
from messaging import conflicts
from messaging.conflicts import Conflict
from messaging.database import rows

PAGE = 50


@require_GET
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """List what was there before the wall, for somebody to mend."""
    asking.require(request, "barrier.change")
    found = conflicts.page(rows, after=_after(request.GET.get("after", "")), limit=PAGE + 1)
    headings: list[Words] = [_("Conversation"), _("One"), _("Other")]
    context: dict[str, Any] = {
        "title": _("Conflicts"),
        "trail_of_pages": [(reverse("admin:accounts_segment_changelist"), _("Barriers"))],
        "table": table(headings, [_row(one) for one in found[:PAGE]], _("No two sides sit together.")),
        "more": _cursor(found[PAGE - 1]) if len(found) > PAGE else "",
    }
    return TemplateResponse(request, "admin/conflicts.html", site.each_context(request) | context)


def _row(one: Conflict) -> list[Cell]:
    name = one.name or f"{one.kind} {one.conversation}"
    return [
        Cell(name, url=reverse("admin:messaging_conversation_change", args=[one.conversation])),
        Cell(f"@{one.one_username}", url=reverse("admin:accounts_user_change", args=[one.one])),
        Cell(f"@{one.other_username}", url=reverse("admin:accounts_user_change", args=[one.other])),
    ]


def _cursor(one: Conflict) -> str:
    return f"{one.conversation}-{one.one}-{one.other}"


def _after(cursor: str) -> tuple[int, int, int]:
    parts = cursor.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return (0, 0, 0)
    conversation, one, other = map(int, parts)
    return conversation, one, other


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the address."""
    return [path("barriers/conflicts/", site.admin_view(page), {"site": site}, name="barrier_conflicts")]
