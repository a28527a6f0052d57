"""`/settings/workspace/`: what everybody may know about how the workspace is run, and by whom."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts import workspace
from accounts.authority import grants
from accounts.authority.roles import TITLES
from accounts.models import Role
from accounts.views import pages

#: Roles of the workspace's own that are listed.
OWN_ROLES = 100


@require_GET
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """Show who holds which role, who is about to, and the notice of monitoring."""
    own = dict(Role.objects.order_by("title").values_list("name", "title")[:OWN_ROLES])
    held = grants.in_force([*TITLES, *own])
    roles = [
        {
            "name": name.capitalize(),
            "purpose": title.partition(": ")[2],
            "holders": [{"grant": each, "is_ahead": each.is_ahead} for each in held if each.role == name],
        }
        for name, title in TITLES.items()
    ]
    for name, title in own.items():
        holders = [{"grant": each, "is_ahead": each.is_ahead} for each in held if each.role == name]
        if holders:
            roles.append({"name": title, "purpose": "", "holders": holders})
    return pages.show(request, "settings/workspace.html", {"roles": roles, "notice": workspace.value("notice")})
