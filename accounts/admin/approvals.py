"""What waits for a second pair of eyes: the list, a request's page, and what is said to it."""

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin import asking, request_words
from accounts.admin.asking import Asking
from accounts.admin.deed import Deed
from accounts.admin.default_filter import DefaultFilter
from accounts.admin.listing import Listing
from accounts.admin.table import Cell, Words, cell
from accounts.authority import approvals, approvers, deeds
from accounts.authority.verbs import VERBS
from accounts.models import Approval
from accounts.refusal import Refusal


def visible(asks: Asking) -> QuerySet[Approval]:
    """Give the requests that are somebody's business: what one could ask for or approve, and what one has asked for."""
    verbs = [verb.name for verb in VERBS.values() if verb.approved_by and asks.may(verb.name, verb.approved_by)]
    found = Approval.objects.filter(Q(verb__in=verbs) | Q(requester=asks.actor.id))
    return found.select_related("requester", "subject", "decided_by")


def waiting(asks: Asking) -> QuerySet[Approval]:
    """Give the requests that wait, of those that are somebody's business."""
    return visible(asks).filter(state=Approval.State.OPEN, lapses_at__gt=timezone.now())


class StateFilter(DefaultFilter):
    """Waiting, or decided."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        return [("open", _("Waiting")), ("closed", _("Decided or lapsed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Approval]) -> QuerySet[Approval] | None:
        """Narrow the list."""
        waits = Q(state=Approval.State.OPEN, lapses_at__gt=timezone.now())
        match self.chosen():
            case "open":
                return queryset.filter(waits)
            case "closed":
                return queryset.exclude(waits)
        return None


class Approvals(Listing):
    """Requests for four eyes."""

    verbs = ("admin.open", "officer.accept")
    title = _("Waiting for approval")
    intro = _("Some deeds want four eyes: one person asks, and another approves exactly what was asked.")
    page_template = "admin/approval.html"
    list_display = ("what", "about", "who", "when", "state")
    list_filter = (StateFilter,)
    ordering = ("-requested_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        """Give what is this person's business."""
        return visible(asking.of(request))

    @admin.display(description=_("Deed"))
    def what(self, approval: Approval) -> Words:
        """Name the deed."""
        return VERBS[approval.verb].title

    @admin.display(description=_("About"))
    def about(self, approval: Approval) -> Words:
        """Name whom it is about."""
        return approval.subject.name if approval.subject else "–"

    @admin.display(description=_("Asked by"))
    def who(self, approval: Approval) -> Words:
        """Name who asks."""
        return approval.requester.name

    @admin.display(description=_("Asked"), ordering="requested_at")
    def when(self, approval: Approval) -> Any:
        """Say when."""
        return approval.requested_at

    @admin.display(description=_("State"))
    def state(self, approval: Approval) -> Cell:
        """Say how it stands."""
        match approval.state:
            case Approval.State.DONE:
                return Cell(_("Approved"), tone="good")
            case Approval.State.REFUSED:
                return Cell(_("Refused"), tone="alert")
            case Approval.State.WITHDRAWN:
                return Cell(_("Withdrawn"), tone="quiet")
        return Cell(_("Lapsed"), tone="quiet") if approval.lapses_at <= timezone.now() else Cell(_("Waiting"))

    def page_context(self, request: HttpRequest, found: Approval) -> dict[str, Any]:
        """Show exactly what is asked for, and who may say yes."""
        asks = asking.of(request)
        is_open = found.state == Approval.State.OPEN and found.lapses_at > timezone.now()
        return described(found) | {
            "title": VERBS[found.verb].title,
            "trail_of_pages": [(self.list_url, self.title)],
            "facts": self._facts(found),
            "is_open": is_open,
            "is_own": found.requester_id == asks.actor.id,
            "objection": objection(asks, found) if is_open else "",
            "may_refuse": asks.may(str(VERBS[found.verb].approved_by)),
            "approvers": approvers.of(found) if is_open else [],
        }

    def _facts(self, found: Approval) -> list[tuple[Words, Cell]]:
        facts: list[tuple[Words, Cell]] = [
            (_("State"), self.state(found)),
            (_("Asked by"), Cell(found.requester.name, note=f"@{found.requester.username}")),
            (_("Asked"), cell(found.requested_at)),
            (_("Why"), Cell(found.reason)),
        ]
        if found.decided_by:
            facts.append((_("Decided by"), Cell(found.decided_by.name, note=f"@{found.decided_by.username}")))
            facts.append((_("Decided"), cell(found.decided_at)))
        else:
            is_over = found.lapses_at <= timezone.now()
            facts.append((_("Lapsed") if is_over else _("Lapses"), cell(found.lapses_at)))
        return facts


def described(found: Approval) -> dict[str, Any]:
    """Give a request in words and as data, with its digest."""
    return {
        "words": request_words.of(found),
        "data": json.dumps(found.request, indent=2, sort_keys=True, ensure_ascii=False),
        "digest": bytes(found.digest).hex(),
    }


def objection(asks: Asking, found: Approval) -> str:
    """Say why somebody can't be the second pair of eyes; empty for nothing."""
    verb = VERBS[found.verb].approved_by
    assert verb is not None
    if not asks.may(verb):
        return str(_("None of your roles lets you approve this."))
    try:
        approvals.check_independent(asks.actor, found, verb)
    except Refusal as refusal:
        return refusal.detail
    return ""


class SeenForm(forms.Form):
    """The request as it was seen."""

    digest = forms.CharField(widget=forms.HiddenInput, min_length=64, max_length=64)


class Approve(Deed):
    """Approve a request."""

    title = _("Approve")
    button = _("Approve exactly this")
    form_class: ClassVar[type[forms.Form]] = SeenForm
    template_name = "admin/approve.html"
    target: Approval

    def targets(self) -> QuerySet[Any]:
        """Give what is this person's business."""
        return visible(asking.of(self.request))

    def asked_verb(self) -> str:
        """Name the verb that the second person needs."""
        return str(VERBS[self.target.verb].approved_by)

    def initial(self) -> dict[str, Any]:
        """Bind what is shown."""
        return {"digest": bytes(self.target.digest).hex()}

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        page = reverse("admin:accounts_approval_change", args=[self.target.pk])
        return [
            (reverse("admin:accounts_approval_changelist"), _("Waiting for approval")),
            (page, VERBS[self.target.verb].title),
        ]

    def more(self) -> dict[str, Any]:
        """Show exactly what is asked for."""
        return described(self.target)

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Approve it, which does it."""
        try:
            seen = bytes.fromhex(given["digest"])
        except ValueError:
            seen = b""
        deeds.approve(actor, self.target, seen)
        return _("Approved, and done.")


class Refuse(Approve):
    """Refuse a request."""

    title = _("Refuse")
    button = _("Refuse it")
    is_final = True
    form_class = forms.Form

    def initial(self) -> dict[str, Any]:
        """Begin with nothing."""
        return {}

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Refuse it."""
        approvals.refuse(actor, self.target)
        return _("Refused.")


class Withdraw(Refuse):
    """Withdraw what one has asked for."""

    title = _("Withdraw")
    button = _("Withdraw it")

    def targets(self) -> QuerySet[Any]:
        """Give what one has asked for."""
        return super().targets().filter(requester=asking.of(self.request).actor.id)

    def asked_verb(self) -> str:
        """Ask for none: one may always withdraw one's own."""
        return ""

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Withdraw it."""
        approvals.refuse(actor, self.target)
        return _("Withdrawn.")


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Approve.at(site, "approvals/<int:pk>/approve/", "approval_approve"),
        Refuse.at(site, "approvals/<int:pk>/refuse/", "approval_refuse"),
        Withdraw.at(site, "approvals/<int:pk>/withdraw/", "approval_withdraw"),
    ]
