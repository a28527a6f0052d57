"""Barriers: segments of people, the walls between them, and changes, which are asked for."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin.deed import Deed
from accounts.admin.listing import Listing
from accounts.admin.paging import page_of
from accounts.admin.table import Cell, Words, table
from accounts.authority import barriers
from accounts.models import Barrier, Segment, SegmentMember, User

_ASKED = _("Asked for: it now waits for somebody else to approve it.")


def _places() -> list[tuple[str, Words]]:
    return [(reverse("admin:accounts_segment_changelist"), _("Barriers"))]


class Segments(Listing):
    """Groups of people on one side of a barrier."""

    verbs = ("barrier.change",)
    title = _("Barriers")
    intro = _("People in two segments with a barrier between them can't be in one conversation, nor see each other.")
    doors: ClassVar = (
        (_("Raise or lift a barrier"), "admin:barrier_change", "barrier.change"),
        (_("Make a segment"), "admin:segment_make", "barrier.change"),
        (_("Conflicts"), "admin:barrier_conflicts", "barrier.change"),
    )
    page_template = "admin/segment.html"
    list_display = ("called", "size", "walls")
    search_fields = ("name",)
    search_help_text = _("Name of the segment")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        """Give the segments, each with its number of people."""
        found: QuerySet[Segment] = super().get_queryset(request)
        return found.annotate(people=Count("segmentmember"))

    def prepare(self, request: HttpRequest, found: list[Any]) -> None:
        """Look up the walls of all rows at once."""
        ids = [row.pk for row in found]
        names: dict[int, list[str]] = {id: [] for id in ids}
        for wall in Barrier.objects.filter(Q(one__in=ids) | Q(other__in=ids)).select_related("one", "other"):
            for here, there in ((wall.one, wall.other), (wall.other, wall.one)):
                if here.pk in names:
                    names[here.pk].append(there.name)
        for row in found:
            row.walled_from = names[row.pk]

    @admin.display(description=_("Segment"), ordering="name")
    def called(self, row: Segment) -> str:
        """Name it."""
        return row.name

    @admin.display(description=_("People"))
    def size(self, row: Any) -> str:
        """Count them."""
        return f"{row.people:,}"

    @admin.display(description=_("Barriers to"))
    def walls(self, row: Any) -> str:
        """Name the segments behind its walls."""
        return ", ".join(row.walled_from)

    def page_context(self, request: HttpRequest, found: Any) -> dict[str, Any]:
        """List the members and the walls."""
        self.prepare(request, [found])
        members = SegmentMember.objects.filter(segment=found).select_related("user").order_by("user__username", "pk")
        page = page_of(request, members)
        rows = [
            (
                Cell(
                    member.user.name,
                    url=reverse("admin:accounts_user_change", args=[member.user_id]),
                    note=f"@{member.user.username}",
                ),
                member.since,
            )
            for member in page
        ]
        return {
            "title": found.name,
            "page": page,
            "trail_of_pages": _places(),
            "facts": [
                (_("People"), Cell(f"{found.people:,}")),
                (_("Barriers to"), Cell(", ".join(found.walled_from) or _("none"))),
            ],
            "table": table([_("Person"), _("Since")], rows, _("Nobody is in it yet.")),
        }


class SegmentForm(forms.Form):
    """A segment's name."""

    name = forms.CharField(label=_("Name"), max_length=64, help_text=_("Such as Deal team Falcon."))


class MakeSegment(Deed):
    """Make a segment."""

    verb = "barrier.change"
    title = _("Make a segment")
    button = _("Make the segment")
    form_class = SegmentForm

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return _places()

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Make it."""
        barriers.segment(actor, given["name"])
        return _("The segment is there, with nobody in it yet.")


class WallForm(forms.Form):
    """Two segments, and what is to be between them."""

    one = forms.ModelChoiceField(Segment.objects.order_by("name"), label=_("Between"))
    other = forms.ModelChoiceField(Segment.objects.order_by("name"), label=_("And"))
    change = forms.ChoiceField(
        label=_("Change"), widget=forms.RadioSelect, choices=[("raise", _("Raise a barrier")), ("lift", _("Lift it"))]
    )
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea({"rows": 3}))


class ChangeWall(Deed):
    """Ask for a barrier to be raised or lifted."""

    verb = "barrier.change"
    title = _("Raise or lift a barrier")
    button = _("Ask for it")
    form_class = WallForm

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return _places()

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("Somebody else has to approve it. Then it counts at once, everywhere."),
            _("Conversations in which both sides sit already are listed as conflicts; nobody is taken out of them."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Ask."""
        is_raised = given["change"] == "raise"
        barriers.ask_barrier(actor, given["one"], given["other"], is_raised=is_raised, reason=given["reason"])
        return _ASKED


class MembersForm(forms.Form):
    """Who comes in, and who goes."""

    people = forms.CharField(
        label=_("Usernames"), widget=forms.Textarea({"rows": 5}), max_length=80_000, help_text=_("One a line.")
    )
    change = forms.ChoiceField(
        label=_("Change"),
        widget=forms.RadioSelect,
        choices=[("add", _("Put them in")), ("remove", _("Take them out"))],
    )
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea({"rows": 3}))

    def clean_people(self) -> list[int]:
        """Find who they are."""
        lines = self.cleaned_data["people"].replace(",", "\n").splitlines()
        names = list(dict.fromkeys(line.strip().lstrip("@").lower() for line in lines if line.strip()))
        people = User.objects.annotate(lowered=Lower("username")).filter(lowered__in=names)
        found = dict(people.values_list("lowered", "pk"))
        missing = [name for name in names if name not in found]
        if missing:
            raise forms.ValidationError(_("There is nobody of the username %s.") % missing[0])
        return list(found.values())


class ChangeMembers(Deed):
    """Ask for people to be put into a segment or taken out."""

    verb = "barrier.change"
    title = _("Change who is in it")
    button = _("Ask for it")
    form_class = MembersForm
    target: Segment

    def targets(self) -> QuerySet[Any]:
        """Give the segments."""
        return Segment.objects.all()

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        page = reverse("admin:accounts_segment_change", args=[self.target.pk])
        return [*_places(), (page, self.target.name)]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Ask."""
        change = {given["change"]: given["people"]}
        barriers.ask_members(actor, self.target, reason=given["reason"], **change)
        return _ASKED


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        MakeSegment.at(site, "barriers/make/", "segment_make"),
        ChangeWall.at(site, "barriers/change/", "barrier_change"),
        ChangeMembers.at(site, "barriers/<int:pk>/members/", "segment_members"),
    ]
