"""People: the list, and the page of a person with what can be done about it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin import asking, person_facts, person_lists, person_page
from accounts.admin.listing import Listing
from accounts.admin.paging import page_of
from accounts.admin.people_filters import FactorFilter, KindFilter, RoleFilter, StateFilter
from accounts.admin.person_lists import PersonList
from accounts.admin.table import Cell, Words
from accounts.models import Grant, User

_IN_FORCE = Prefetch("grants", Grant.objects.filter(ended_at=None).order_by("granted_at"), to_attr="in_force")


class People(Listing):
    """Everybody who has an account here, and bots."""

    verbs = ("person.list",)
    title = _("People")
    doors: ClassVar = (
        (_("Invite somebody"), "admin:invite", "person.invite"),
        (_("Make a bot"), "admin:bot_make", "bot.manage"),
        (_("Import from a file"), "admin:person_import", "person.import"),
    )
    #: What a person's page lists.
    lists: ClassVar[tuple[PersonList, ...]] = person_lists.LISTS
    page_template = "admin/person.html"
    list_display = ("person", "address", "state", "standing", "roles", "since")
    list_filter = (StateFilter, RoleFilter, KindFilter, FactorFilter)
    search_fields = ("username", "name", "email")
    search_help_text = _("Username, name or e-mail")
    ordering = (Lower("username"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Give everybody, each with the roles held."""
        found: QuerySet[User] = super().get_queryset(request)
        return found.defer("password").prefetch_related(_IN_FORCE)

    @admin.display(description=_("Person"), ordering=Lower("username"))
    def person(self, user: User) -> Cell:
        """Name the person."""
        return Cell(user.name, note=f"@{user.username}")

    @admin.display(description=_("E-mail"), ordering=Lower("email"))
    def address(self, user: User) -> Cell:
        """Give the address."""
        return Cell(user.email, note="" if user.email_verified_at or not user.email else _("not verified"))

    @admin.display(description=_("State"))
    def state(self, user: User) -> Cell:
        """Say whether the person may come in."""
        return person_facts.state(user)

    @admin.display(description=_("Kind"))
    def standing(self, user: User) -> Words:
        """Say what the person is without a role."""
        return person_facts.kind(user)

    @admin.display(description=_("Roles"))
    def roles(self, user: Any) -> str:
        """List the roles held."""
        return ", ".join(held.role for held in user.in_force)

    @admin.display(description=_("Joined"), ordering="created_at")
    def since(self, user: User) -> Any:
        """Say since when."""
        return user.created_at

    def page_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Give everybody; the roles are a list of the page."""
        return User.objects.defer("password").select_related("invited_by")

    def page_context(self, request: HttpRequest, found: User) -> dict[str, Any]:
        """Give the sections of a person's page, and the deeds that are open."""
        asks = asking.of(request)
        return {
            "title": found.name,
            "trail_of_pages": [(self.list_url, self.title)],
            "facts": person_facts.facts(found),
            "sections": person_page.sections(found, asks, self.lists),
            "deeds": [
                {"title": title, "url": reverse(name, args=[found.pk]), "is_final": is_final}
                for title, name, is_final in person_page.deeds(found, asks)
            ],
        }

    def get_urls(self) -> list[Any]:
        """Give the addresses of the list and its pages, and those of a person's lists."""
        view = self.admin_site.admin_view(self.list_view)
        return [path("<int:pk>/all/<slug:name>/", view, name="person_list"), *super().get_urls()]

    def list_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Show one of a person's lists, page by page."""
        asks = asking.require(request, *self.verbs)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        found = get_object_or_404(User.objects.defer("password"), pk=pk)
        one = next((one for one in self.lists if one.name == name and one.is_open(asks)), None)
        if one is None:
            raise Http404
        page = page_of(request, one.rows(found))
        context = {
            "title": one.title,
            "trail_of_pages": [
                (self.list_url, self.title),
                (reverse("admin:accounts_user_change", args=[found.pk]), found.name),
            ],
            "note": one.note,
            "page": page,
            "table": one.table(page, found, asks),
        }
        return TemplateResponse(request, "admin/person_list.html", self.admin_site.each_context(request) | context)
