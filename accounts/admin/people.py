"""People: the list, and the page of a person with what can be done about it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin import asking, person_page
from accounts.admin.listing import Listing
from accounts.admin.people_filters import FactorFilter, KindFilter, RoleFilter, StateFilter
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
        return person_page.state(user)

    @admin.display(description=_("Kind"))
    def standing(self, user: User) -> Words:
        """Say what the person is without a role."""
        return person_page.kind(user)

    @admin.display(description=_("Roles"))
    def roles(self, user: Any) -> str:
        """List the roles held."""
        return ", ".join(held.role for held in user.in_force)

    @admin.display(description=_("Joined"), ordering="created_at")
    def since(self, user: User) -> Any:
        """Say since when."""
        return user.created_at

    def page_context(self, request: HttpRequest, found: User) -> dict[str, Any]:
        """Give the sections of a person's page, and the deeds that are open."""
        asks = asking.of(request)
        return {
            "title": found.name,
            "trail_of_pages": [(self.list_url, self.title)],
            "facts": person_page.facts(found),
            "sections": person_page.sections(found, asks),
            "deeds": [
                {"title": title, "url": reverse(name, args=[found.pk]), "is_final": is_final}
                for title, name, is_final in person_page.deeds(found, asks)
            ],
        }
