"""Recertification: each quarter's list of who holds what, answered for one by one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin import asking
from accounts.admin.deed import Deed
from accounts.admin.listing import Listing
from accounts.admin.paging import page_of
from accounts.admin.table import Cell, Words, table
from accounts.authority import recertification
from accounts.models import Attestation, Recertification


class Recertifications(Listing):
    """The quarters."""

    verbs = ("role.attest", "trail.read")
    title = _("Recertification")
    intro = _("Each quarter somebody other than its holder answers for every role: is it still needed?")
    page_template = "admin/recertification.html"
    list_display = ("name", "state", "open", "due")
    ordering = ("-quarter",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recertification]:
        """Give the quarters, each with what is open."""
        waits = Count("attestations", filter=Q(attestations__answer="", attestations__grant__ended_at=None))
        found: QuerySet[Recertification] = super().get_queryset(request)
        return found.annotate(waits=waits, asked=Count("attestations"))

    @admin.display(description=_("Quarter"))
    def name(self, quarter: Recertification) -> str:
        """Name it."""
        return quarter.quarter

    @admin.display(description=_("State"))
    def state(self, quarter: Recertification) -> Cell:
        """Say how it stands."""
        if quarter.closed_at:
            return Cell(_("Answered"), tone="good")
        return Cell(_("Overdue"), tone="alert") if quarter.due_at < timezone.now() else Cell(_("Open"))

    @admin.display(description=_("To be answered"))
    def open(self, quarter: Any) -> str:
        """Count what waits."""
        return f"{quarter.waits} / {quarter.asked}"

    @admin.display(description=_("Due"))
    def due(self, quarter: Recertification) -> Any:
        """Say until when."""
        return quarter.due_at

    def page_context(self, request: HttpRequest, found: Recertification) -> dict[str, Any]:
        """List the grants with their answers."""
        asked = Attestation.objects.filter(recertification=found).select_related("grant__user", "attested_by")
        page = page_of(request, asked.order_by("answer", "grant__role", "pk"))
        rows = [_row(one, asking.of(request)) for one in page]
        headings: list[Words] = [_("Person"), _("Role"), _("Given"), _("Answer"), ""]
        places = [(reverse("admin:accounts_grant_changelist"), _("Roles")), (self.list_url, self.title)]
        return {
            "title": found.quarter,
            "trail_of_pages": places,
            "state": self.state(found),
            "page": page,
            "table": table(headings, rows, _("Nobody held a role.")),
        }


def _row(one: Attestation, asks: asking.Asking) -> list[Any]:
    grant = one.grant
    person = Cell(
        grant.user.name,
        url=reverse("admin:accounts_user_change", args=[grant.user_id]) if asks.may("person.list") else "",
        note=f"@{grant.user.username}",
    )
    answer: Cell
    door: Cell | str = ""
    if one.answer:
        by = one.attested_by.name if one.attested_by else ""
        answer = Cell(_("Keep") if one.answer == "keep" else _("End"), note=by)
    elif grant.ended_at:
        answer = Cell(_("Ended meanwhile"), tone="quiet")
    elif grant.user_id == asks.actor.id:
        answer = Cell(_("Somebody else answers for yours"), tone="quiet")
    else:
        answer = Cell(_("Open"))
        if asks.may("role.attest"):
            door = Cell(_("Answer"), url=reverse("admin:attest", args=[one.pk]))
    return [person, grant.role, grant.granted_at, answer, door]


class AttestForm(forms.Form):
    """The answer."""

    answer = forms.ChoiceField(
        label=_("Does the person still need it?"),
        widget=forms.RadioSelect,
        choices=[("keep", _("Yes, keep it")), ("end", _("No, end it now"))],
    )


class Attest(Deed):
    """Answer for a grant."""

    verb = "role.attest"
    title = _("Answer for a role")
    button = _("Answer")
    form_class = AttestForm
    target: Attestation

    def targets(self) -> QuerySet[Any]:
        """Give every grant that was asked about."""
        return Attestation.objects.select_related("grant__user", "recertification")

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        quarter = self.target.recertification
        return [
            (reverse("admin:accounts_recertification_changelist"), _("Recertification")),
            (reverse("admin:accounts_recertification_change", args=[quarter.pk]), quarter.quarter),
        ]

    def consequences(self) -> list[Words]:
        """Say what it is about."""
        grant = self.target.grant
        facts = {"name": grant.user.name, "username": grant.user.username, "role": grant.role}
        return [
            _("%(name)s (@%(username)s) holds %(role)s.") % facts,
            _("Your answer goes on the trail and can't be changed."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Keep the answer."""
        recertification.attest(actor, self.target, given["answer"])
        return _("Answered.")


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [Attest.at(site, "roles/answers/<int:pk>/", "attest")]
