"""`/settings/workspace/`: what everybody may know about how the workspace is run, and by whom."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import grants, workspace
from accounts.roles import TITLES
from accounts.views import pages


@require_GET
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """Show who holds which role, who is about to, and the notice of monitoring."""
    now = timezone.now()
    held = grants.in_force(TITLES)
    roles = [
        {
            "name": name.capitalize(),
            "purpose": title.partition(": ")[2],
            "holders": [{"grant": each, "is_ahead": each.effective_at > now} for each in held if each.role == name],
        }
        for name, title in TITLES.items()
    ]
    return pages.show(request, "settings/workspace.html", {"roles": roles, "notice": workspace.value("notice")})
