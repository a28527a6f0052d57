"""Who holds which role: the list, giving and ending, and roles of the workspace's own."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin import asking
from accounts.admin.deed import Deed
from accounts.admin.default_filter import DefaultFilter
from accounts.admin.listing import Listing
from accounts.admin.person_deeds import AboutPerson
from accounts.admin.table import Cell, Words
from accounts.authority import grants, roles
from accounts.authority.verbs import VERBS
from accounts.models import Approval, Grant, Role

_SHIPPED = [(name, title) for name, title in roles.TITLES.items()]


class StateFilter(DefaultFilter):
    """In force, coming, ended."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        return [("open", _("In force or coming")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> QuerySet[Grant] | None:
        """Narrow the list."""
        match self.chosen():
            case "open":
                return queryset.filter(ended_at=None)
            case "ended":
                return queryset.filter(ended_at__isnull=False)
        return None


class Grants(Listing):
    """Who holds which role."""

    verbs = ("role.grant", "owner.grant", "role.attest", "trail.read")
    title = _("Roles")
    intro = _("A role is given on the page of the person who is to hold it.")
    doors: ClassVar = (
        (_("Roles of your own"), "admin:accounts_role_changelist", "admin.open"),
        (_("Recertification"), "admin:accounts_recertification_changelist", "role.attest"),
    )
    has_main_door = False
    list_display = ("person", "role", "state", "giver", "since", "until")
    list_filter = (StateFilter,)
    search_fields = ("user__username", "user__name", "role")
    search_help_text = _("Person or role")
    ordering = ("-granted_at", "-id")
    list_select_related = ("user", "granted_by")

    def prepare(self, request: HttpRequest, found: list[Any]) -> None:
        """Note what is open to who looks."""
        asks = asking.of(request)
        for grant in found:
            grant.is_linked, grant.may_be_ended = asks.may("person.list"), asks.may("role.grant")

    @admin.display(description=_("Person"), ordering="user__username")
    def person(self, grant: Any) -> Cell:
        """Name the holder."""
        url = reverse("admin:accounts_user_change", args=[grant.user_id]) if grant.is_linked else ""
        return Cell(grant.user.name, url=url, note=f"@{grant.user.username}")

    @admin.display(description=_("Role"), ordering="role")
    def role(self, grant: Grant) -> str:
        """Name the role."""
        return grant.role

    @admin.display(description=_("State"))
    def state(self, grant: Grant) -> Cell:
        """Say whether it is in force."""
        if grant.ended_at:
            return Cell(_("Ended"), tone="quiet")
        return Cell(_("Coming")) if grant.is_ahead else Cell(_("In force"), tone="good")

    @admin.display(description=_("Given by"))
    def giver(self, grant: Grant) -> Words:
        """Name who gave it."""
        return grant.granted_by.name if grant.granted_by else _("from the shell")

    @admin.display(description=_("From"), ordering="effective_at")
    def since(self, grant: Grant) -> Any:
        """Say since when."""
        return grant.effective_at

    @admin.display(description=_("Until"), ordering="ended_at")
    def until(self, grant: Any) -> Any:
        """Say until when, or offer to end it."""
        if grant.ended_at or not grant.may_be_ended:
            return grant.ended_at
        return Cell(_("End it"), url=reverse("admin:role_end", args=[grant.pk]))


class Roles(Listing):
    """Roles of the workspace's own."""

    verbs = ("admin.open",)
    title = _("Roles of your own")
    intro = _("Some verbs under a name. What ships (owner, administrator and so on) never changes.")
    doors: ClassVar = ((_("Define a role"), "admin:role_define", "role.define"),)
    list_display = ("called", "allows", "holders", "removal")
    ordering = ("title", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        """Give the roles, each with the number of holders."""
        held = Grant.objects.filter(role=OuterRef("name"), ended_at=None).order_by().values("role")
        counted = Subquery(held.annotate(held=Count("pk")).values("held"))
        found: QuerySet[Role] = super().get_queryset(request)
        return found.annotate(held=Coalesce(counted, 0))

    @admin.display(description=_("Role"))
    def called(self, role: Role) -> Cell:
        """Name it."""
        return Cell(role.title, note=role.name)

    @admin.display(description=_("Lets its holders"))
    def allows(self, role: Role) -> str:
        """List its verbs."""
        return "; ".join(VERBS[verb].title for verb in role.verbs if verb in VERBS)

    @admin.display(description=_("Held by"))
    def holders(self, role: Any) -> str:
        """Count who holds it."""
        return str(role.held)

    @admin.display(description="")
    def removal(self, role: Role) -> Cell:
        """Offer to delete it."""
        return Cell(_("Delete"), url=reverse("admin:role_remove", args=[role.pk]))


class GiveForm(forms.Form):
    """A role, and why."""

    role = forms.ChoiceField(label=_("Role"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Needed for owners and officers: whoever approves it reads this."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Role.objects.order_by("title").values_list("name", "title")
        self.fields["role"].choices = [*_SHIPPED, *own]  # type: ignore[attr-defined]


class Give(AboutPerson):
    """Give a role to somebody."""

    verb = "role.grant"
    title = _("Give a role")
    button = _("Give the role")
    form_class = GiveForm

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("The person may do from then on what the role lets, and gets a new session."),
            _("An owner is approved by a second owner; an officer by a sitting officer, and comes in a day later."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Give it, or ask for it."""
        made = grants.grant(actor, self.target, given["role"], reason=given["reason"])
        if isinstance(made, Approval):
            return _("Asked for: it now waits for somebody else to approve it.")
        return _("The role is given.")


class End(Deed):
    """End a grant."""

    verb = "role.grant"
    title = _("End the role")
    button = _("End the role")
    is_final = True
    target: Grant

    def targets(self) -> QuerySet[Any]:
        """Give what is in force or coming."""
        return Grant.objects.filter(ended_at=None).select_related("user")

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [
            (reverse("admin:accounts_grant_changelist"), _("Roles")),
            (reverse("admin:accounts_user_change", args=[self.target.user_id]), self.target.user.name),
        ]

    def consequences(self) -> list[Words]:
        """Say what happens."""
        facts = {"name": self.target.user.name, "username": self.target.user.username, "role": self.target.role}
        return [
            _("%(name)s (@%(username)s) is no longer %(role)s, from now on.") % facts,
            _("That it was held, by whom given and until when, stays known."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """End it."""
        grants.end(actor, self.target)
        return _("The role is ended.")


class DefineForm(forms.Form):
    """A role of one's own."""

    title = forms.CharField(label=_("Title"), max_length=64)
    name = forms.SlugField(
        label=_("Name"), max_length=32, help_text=_("A short word for it, such as helpdesk: small letters and hyphens.")
    )
    verbs = forms.MultipleChoiceField(
        label=_("Lets its holders"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Administration and compliance can't be in one role, and oversight goes with neither."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_duty: dict[str, list[tuple[str, str]]] = {}
        for verb in VERBS.values():
            if verb.duty != "talk":
                by_duty.setdefault(verb.duty.capitalize(), []).append((verb.name, verb.title))
        self.fields["verbs"].choices = list(by_duty.items())  # type: ignore[attr-defined]


class Define(Deed):
    """Define a role."""

    verb = "role.define"
    title = _("Define a role")
    button = _("Define the role")
    form_class: ClassVar[type[forms.Form]] = DefineForm

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [
            (reverse("admin:accounts_grant_changelist"), _("Roles")),
            (reverse("admin:accounts_role_changelist"), _("Roles of your own")),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Define it."""
        roles.define(actor, given["name"], given["title"], frozenset(given["verbs"]))
        return _("The role is there: give it on somebody's page.")


class Remove(Define):
    """Delete a role of one's own that nobody holds."""

    title = _("Delete the role")
    button = _("Delete the role")
    form_class = forms.Form
    is_final = True
    target: Role

    def targets(self) -> QuerySet[Any]:
        """Give the roles of one's own."""
        return Role.objects.all()

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [_("The role %s can no longer be given.") % self.target.title, _("It must be held by nobody.")]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Delete it."""
        roles.remove(actor, self.target)
        return _("The role is deleted.")


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Give.at(site, "people/<int:pk>/role/", "person_role"),
        End.at(site, "roles/<int:pk>/end/", "role_end"),
        Define.at(site, "roles/own/define/", "role_define"),
        Remove.at(site, "roles/own/<int:pk>/delete/", "role_remove"),
    ]
