"""The administration: Django's admin, opened by rights and not by flags, with our pages in our order."""

from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts import workspace
from accounts.admin import (
    approvals,
    asking,
    barriers,
    lifecycle,
    muting,
    person_deeds,
    recertification,
    roles,
    settings,
    trail,
)
from accounts.admin.approvals import Approvals
from accounts.admin.barriers import Segments
from accounts.admin.listing import Listing
from accounts.admin.people import People
from accounts.admin.recertification import Recertifications
from accounts.admin.roles import Grants, Roles
from accounts.admin.table import Words
from accounts.admin.verifications import Checkpoints, Verifications
from accounts.models import Approval, Grant, Invitation, PersonImport, Recertification, Role, Segment, User
from audit.models import Checkpoint, Verification
from chatproject import client
from chatproject.dashboard import page
from messaging.admin import (
    conflicts,
    departures,
    invitations,
    memberships,
    owners,
    person_import,
    report_deeds,
    user_groups,
)
from messaging.admin.conversations import Conversations
from messaging.admin.invitations import Invitations
from messaging.admin.person_import import Imports
from messaging.admin.reports import Reports
from messaging.admin.user_groups import UserGroups
from messaging.models import Conversation, Report, UserGroup


class Everybody(People):
    """People, whose pages list their conversations too."""

    lists = (*People.lists[:-1], memberships.LIST, People.lists[-1])


class Place(NamedTuple):
    """A line of the navigation: its title, its address' name, the verbs of which any shows it; a list's filter."""

    title: Words
    name: str
    verbs: tuple[str, ...]
    query: str = ""

    def line(self, request: HttpRequest) -> dict[str, Any]:
        """Give a template what it shows, and whether one is there."""
        url, narrowed = reverse(self.name), request.GET.get("kind") == "bot"
        is_there = request.path == url if self.name == "admin:index" else request.path.startswith(url)
        is_current = is_there and narrowed == bool(self.query) if "people" in url else is_there
        return {"title": self.title, "url": url + self.query, "is_current": is_current}


NAVIGATION = (
    Place(_("Dashboard"), "admin:index", ("admin.open",)),
    Place(_("People"), "admin:accounts_user_changelist", People.verbs),
    Place(_("Roles"), "admin:accounts_grant_changelist", Grants.verbs),
    Place(_("Waiting for approval"), "admin:accounts_approval_changelist", Approvals.verbs),
    Place(_("Invitations"), "admin:accounts_invitation_changelist", Invitations.verbs),
    Place(_("Conversations"), "admin:messaging_conversation_changelist", Conversations.verbs),
    Place(_("User groups"), "admin:messaging_usergroup_changelist", UserGroups.verbs),
    Place(_("Bots"), "admin:accounts_user_changelist", ("bot.manage",), "?kind=bot"),
    Place(_("Barriers"), "admin:accounts_segment_changelist", Segments.verbs),
    Place(_("Reports"), "admin:messaging_report_changelist", Reports.verbs),
    Place(muting.TITLE, "admin:muted", (muting.VERB,)),
    Place(_("Settings"), "admin:settings", ("settings.change",)),
    Place(_("Trail"), "admin:trail", trail.VERBS),
)
#: The lists, each below its address.
LISTS: tuple[tuple[str, Any, type[Listing]], ...] = (
    ("people/", User, Everybody),
    ("people/imports/", PersonImport, Imports),
    ("invitations/", Invitation, Invitations),
    ("conversations/", Conversation, Conversations),
    ("groups/", UserGroup, UserGroups),
    ("reports/", Report, Reports),
    ("barriers/", Segment, Segments),
    ("trail/verifications/", Verification, Verifications),
    ("trail/checkpoints/", Checkpoint, Checkpoints),
    ("roles/own/", Role, Roles),
    ("roles/quarters/", Recertification, Recertifications),
    ("roles/", Grant, Grants),
    ("approvals/", Approval, Approvals),
)
#: The pages that do something: an app's list of its deeds.
DEEDS: tuple[Any, ...] = (
    person_deeds,
    lifecycle,
    muting,
    departures,
    owners,
    roles,
    recertification,
    approvals,
    settings,
    trail,
    barriers,
    conflicts,
    person_import,
    invitations,
    user_groups,
    report_deeds,
)


class Administration(AdminSite):
    """The site. Nobody is above the rights: what is open to somebody follows from the table of verbs."""

    final_catch_all_view = False
    enable_nav_sidebar = False
    empty_value_display = ""

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether any of the administration is open to who asks."""
        return asking.of(request).is_let_in

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a page: to somebody unknown the sign-in page, to somebody else's business a refusal."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("signin"))
            if not self.has_permission(request):
                raise PermissionDenied
            answer: HttpResponse = view(request, *args, **kwargs)
            return answer

        return guarded if cacheable else never_cache(guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Give what every page shows."""
        asks = asking.of(request)
        return {
            "workspace": workspace.display_name(),
            "admin_css": client.entry("src/styles/admin.css")["css"],
            "navigation": [place.line(request) for place in NAVIGATION if asks.may(*place.verbs)],
            "asks": asks,
            "is_popup": False,
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the dashboard; somebody who administers nothing goes to what is open."""
        shared = self.each_context(request)
        if not asking.of(request).may("admin.open"):
            return HttpResponseRedirect(shared["navigation"][0]["url"])
        context = shared | page.context(asking.of(request)) | {"title": _("Dashboard")}
        return TemplateResponse(request, "admin/index.html", context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Give our addresses; Django's own (popups, autocompletion, password change) are not there."""
        found: list[URLPattern | URLResolver] = [path("", self.admin_view(self.index), name="index")]
        for deeds in DEEDS:
            found += deeds.urls(self)
        for prefix, model, listing in LISTS:
            self.register(model, listing)
            found.append(path(prefix, include(self._registry[model].get_urls())))
        return found


site = Administration()
