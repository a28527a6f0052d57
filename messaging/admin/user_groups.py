"""User groups: the list, making one, changing what it is called and who is in it, closing it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin.barriers import MembersForm
from accounts.admin.deed import Deed
from accounts.admin.listing import Listing
from accounts.admin.paging import page_of
from accounts.admin.table import Cell, Words, table
from accounts.models import User
from messaging import user_groups
from messaging.models import UserGroup, UserGroupMember


def _places() -> list[tuple[str, Words]]:
    return [(reverse("admin:messaging_usergroup_changelist"), UserGroups.title)]


class UserGroups(Listing):
    """Groups that a message can mention."""

    verbs = ("user_group.manage",)
    title = _("User groups")
    intro = _("A message that mentions @oncall notifies everybody in that group who is in the conversation.")
    doors: ClassVar = ((_("Make a group"), "admin:user_group_make", "user_group.manage"),)
    page_template = "admin/user_group.html"
    list_display = ("called", "named", "size")
    search_fields = ("handle", "name")
    search_help_text = _("Handle or name")
    ordering = ("handle",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserGroup]:
        """Give the groups that are not closed, each with its number of people."""
        found: QuerySet[UserGroup] = super().get_queryset(request)
        is_in = Q(usergroupmember__until=None, usergroupmember__isnull=False)
        return found.filter(closed_at=None).annotate(people=Count("usergroupmember", filter=is_in))

    @admin.display(description=_("Handle"), ordering="handle")
    def called(self, row: UserGroup) -> str:
        """Give what one types."""
        return f"@{row.handle}"

    @admin.display(description=_("Name"), ordering="name")
    def named(self, row: UserGroup) -> Cell:
        """Name it."""
        return Cell(row.name, note=row.description)

    @admin.display(description=_("People"))
    def size(self, row: Any) -> str:
        """Count them."""
        return f"{row.people:,}"

    def page_context(self, request: HttpRequest, found: Any) -> dict[str, Any]:
        """List who is in it."""
        inside = UserGroupMember.objects.filter(group=found, until=None)
        page = page_of(request, inside.order_by("pk"))
        people = User.objects.in_bulk([one.person_id for one in page])
        rows = [
            (
                Cell(
                    people[one.person_id].name,
                    url=reverse("admin:accounts_user_change", args=[one.person_id]),
                    note=f"@{people[one.person_id].username}",
                ),
                one.since,
            )
            for one in page
        ]
        return {
            "title": f"@{found.handle}",
            "page": page,
            "trail_of_pages": _places(),
            "facts": [
                (_("Name"), Cell(found.name)),
                (_("Description"), Cell(found.description or _("none"))),
                (_("People"), Cell(f"{found.people:,}")),
            ],
            "table": table([_("Person"), _("Since")], rows, _("Nobody is in it yet.")),
        }


class GroupForm(forms.Form):
    """What a group is called."""

    handle = forms.CharField(label=_("Handle"), max_length=33, help_text=_("What one types after @, such as oncall."))
    name = forms.CharField(label=_("Name"), max_length=64, help_text=_("Such as On call this week."))
    description = forms.CharField(label=_("Description"), max_length=250, required=False)


class MakeGroup(Deed):
    """Make a group."""

    verb = "user_group.manage"
    title = _("Make a group")
    button = _("Make the group")
    form_class = GroupForm

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return _places()

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Make it."""
        user_groups.make(actor, given["handle"], given["name"], given["description"])
        return _("The group is there, with nobody in it yet.")


class _OfGroup(Deed):
    """A deed about a group."""

    verb = "user_group.manage"
    target: UserGroup

    def targets(self) -> QuerySet[Any]:
        """Give the groups that are not closed."""
        return UserGroup.objects.filter(closed_at=None)

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        page = reverse("admin:messaging_usergroup_change", args=[self.target.pk])
        return [*_places(), (page, f"@{self.target.handle}")]


class ChangeGroup(_OfGroup):
    """Change what a group is called."""

    title = _("Change its name")
    button = _("Change it")
    form_class = GroupForm

    def initial(self) -> dict[str, Any]:
        """Give what it is called now."""
        return {"handle": self.target.handle, "name": self.target.name, "description": self.target.description}

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Change it."""
        user_groups.change(actor, self.target, given["handle"], given["name"], given["description"])
        return _("It is called so now, also in what was said before.")


class PeopleForm(MembersForm):
    """Who comes in, and who goes."""

    reason = None  # type: ignore[assignment]


class ChangePeople(_OfGroup):
    """Put people into a group or take them out."""

    title = _("Change who is in it")
    button = _("Change it")
    form_class = PeopleForm

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [_("It counts for what is said from now on. Nobody comes into a conversation by it.")]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Change it."""
        change: dict[str, Any] = {given["change"]: given["people"]}
        user_groups.move(actor, self.target, **change)
        return _("They are in it now.") if "add" in change else _("They are not in it any more.")


class CloseGroup(_OfGroup):
    """End a group."""

    title = _("Close the group")
    button = _("Close it")
    is_final = True

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("Nobody is in it any more, and it can't be mentioned. This can't be undone."),
            _("What mentioned it before still shows its handle, which another group may take."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Close it."""
        user_groups.close(actor, self.target)
        return _("The group is closed.")

    def next_url(self) -> str:
        """Lead to the list: the group has no page any more."""
        return _places()[0][0]


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        MakeGroup.at(site, "groups/make/", "user_group_make"),
        ChangeGroup.at(site, "groups/<int:pk>/name/", "user_group_name"),
        ChangePeople.at(site, "groups/<int:pk>/people/", "user_group_people"),
        CloseGroup.at(site, "groups/<int:pk>/close/", "user_group_close"),
    ]
