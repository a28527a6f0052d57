"""By what the list of people is narrowed."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.table import Words
from accounts.authority.roles import TITLES
from accounts.models import AuthenticatorApp, Grant, Passkey, Role, User

Choices = list[tuple[str, Words]]


def has_factor(user: str = "pk") -> Q:
    """Ask of a row whether its person has a second factor; `user` is where the row has the person's id."""
    theirs = {"user": OuterRef(user), "confirmed": True}
    return Q(Exists(AuthenticatorApp.objects.filter(**theirs))) | Q(Exists(Passkey.objects.filter(**theirs)))


class StateFilter(admin.SimpleListFilter):
    """Active, suspended, deactivated, imported."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Give the choices."""
        return [
            ("active", _("Active")),
            ("imported", _("Not invited yet")),
            ("suspended", _("Suspended")),
            ("deactivated", _("Deactivated")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User] | None:
        """Narrow the list."""
        match self.value():
            case "active":
                return queryset.filter(is_active=True, imported_at=None)
            case "imported":
                return queryset.filter(is_active=True, imported_at__isnull=False)
            case "suspended":
                return queryset.filter(is_active=False, deactivated_at=None)
            case "deactivated":
                return queryset.filter(deactivated_at__isnull=False)
        return None


class KindFilter(admin.SimpleListFilter):
    """Members, guests and bots."""

    title = _("Kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Give the choices."""
        return [("member", _("Members")), ("guest", _("Guests")), ("bot", _("Bots"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User] | None:
        """Narrow the list."""
        match self.value():
            case "member":
                return queryset.filter(kind=User.Kind.PERSON, is_guest=False)
            case "guest":
                return queryset.filter(kind=User.Kind.PERSON, is_guest=True)
            case "bot":
                return queryset.filter(kind=User.Kind.BOT)
        return None


class FactorFilter(admin.SimpleListFilter):
    """Who has a second factor."""

    title = _("Second factor")
    parameter_name = "factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Give the choices."""
        return [("yes", _("Has one")), ("no", _("Has none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User] | None:
        """Narrow the list."""
        match self.value():
            case "yes":
                return queryset.filter(has_factor())
            case "no":
                return queryset.exclude(has_factor()).filter(kind=User.Kind.PERSON)
        return None


class RoleFilter(admin.SimpleListFilter):
    """Who holds a role."""

    title = _("Role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Give the choices: the roles that ship, and the workspace's own."""
        shipped: Choices = [(name, title.partition(":")[0]) for name, title in TITLES.items()]
        own: Choices = list(Role.objects.order_by("title").values_list("name", "title")[:50])
        return shipped + own

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User] | None:
        """Narrow the list."""
        if self.value() is None:
            return None
        return queryset.filter(Exists(Grant.objects.filter(user=OuterRef("pk"), role=self.value(), ended_at=None)))
