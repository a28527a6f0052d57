"""The queue of reports, and the page of one: what was said, as far as the report goes, and what was done about it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin import asking
from accounts.admin.asking import Asking
from accounts.admin.default_filter import DefaultFilter
from accounts.admin.listing import Listing
from accounts.admin.muting import TIMES
from accounts.admin.table import Cell, Table, Words, cell, table
from accounts.models import User
from messaging import evidence, reviewing
from messaging.admin import conversations
from messaging.models import Conversation, Report, ReportStep

REASONS: dict[str, Words] = {
    "harassment": _("Harassment"),
    "spam": _("Spam"),
    "confidential": _("Confidential"),
    "illegal": _("Illegal"),
    "other": _("Something else"),
}
OUTCOMES: dict[str, Words] = {
    "dismissed": _("Dismissed"),
    "deleted": _("Deleted"),
    "muted": _("Muted there"),
    "silenced": _("Muted everywhere"),
    "removed": _("Removed"),
    "banned": _("Banned"),
}
_STEPS: dict[str, Words] = {
    "claim": _("Claimed"),
    "release": _("Given back"),
    "take_over": _("Taken over"),
    "tell": _("Moderators told by mail"),
    "decide": _("Decided"),
}
_KINDS: dict[str, Words] = {"channel": _("Channels"), "group": _("Groups"), "direct": _("Direct")}


class StateFilter(DefaultFilter):
    """What waits, what one has, what is decided."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        self.asker = asking.of(request).actor.id
        return [("open", _("Open")), ("mine", _("Mine")), ("decided", _("Decided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report] | None:
        """Narrow the list."""
        match self.chosen():
            case "open":
                return queryset.filter(decided_at=None)
            case "mine":
                return queryset.filter(decided_at=None, holder_id=self.asker or 0)
            case "decided":
                return queryset.filter(decided_at__isnull=False)
        return None


class _FieldFilter(SimpleListFilter):
    """Narrows by the value of a column."""

    choices_of: dict[str, Words]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        return list(self.choices_of.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report] | None:
        """Narrow the list."""
        chosen = self.value()
        return queryset.filter(**{str(self.parameter_name): chosen}) if chosen in self.choices_of else None


class ReasonFilter(_FieldFilter):
    """By why it was reported."""

    title = _("Reason")
    parameter_name = "reason"
    choices_of = REASONS


class KindFilter(_FieldFilter):
    """By where it was said."""

    title = _("Kind")
    parameter_name = "kind"
    choices_of = _KINDS


class Reports(Listing):
    """Reports of messages, the oldest first."""

    verbs = (reviewing.VERB,)
    title = _("Reports")
    intro = _("What members report. Whoever opens a report reads the message and five on either side: it is noted.")
    page_template = "admin/report.html"
    list_display = ("why", "about", "where", "when", "state")
    list_filter = (StateFilter, ReasonFilter, KindFilter)
    ordering = ("at", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        """Give those that this moderator gets."""
        return reviewing.reviewable(asking.of(request).actor)

    def prepare(self, request: HttpRequest, found: list[Any]) -> None:
        """Look up whom and what the rows of a page name."""
        name_all(found)

    @admin.display(description=_("Reason"))
    def why(self, row: Report) -> Cell:
        """Say why, and which one it is."""
        return Cell(REASONS[row.reason], note=f"№ {row.pk}")

    @admin.display(description=_("Said by"))
    def about(self, row: Any) -> Cell:
        """Name the author."""
        return _person(row.author)

    @admin.display(description=_("Where"))
    def where(self, row: Any) -> Cell:
        """Say where it was said."""
        return Cell(row.shown_name, note=row.shown_kind)

    @admin.display(description=_("Reported"), ordering="at")
    def when(self, row: Report) -> Any:
        """Say when."""
        return row.at

    @admin.display(description=_("State"))
    def state(self, row: Any) -> Cell:
        """Say how it stands."""
        if row.decided_at is not None:
            return Cell(OUTCOMES[row.outcome], tone="quiet" if row.outcome == "dismissed" else "good")
        if row.holder is not None:
            return Cell(_("Claimed"), note=f"@{row.holder.username}")
        return Cell(_("Open"), tone="alert")

    def page_context(self, request: HttpRequest, found: Any) -> dict[str, Any]:
        """Look at what was said, which is noted first, and show it."""
        asks = asking.of(request)
        look = evidence.look(asks.actor, found)
        name_all([found])
        objection = reviewing.objection(asks.actor, found)
        return {
            "title": title(found),
            "trail_of_pages": [(self.list_url, self.title)],
            "facts": self._facts(found, asks),
            "deeds": [] if objection or found.decided_at else _deeds(found, asks),
            "objection": objection if not found.decided_at else "",
            "look": look,
            "steps": _steps(found),
            "others": Report.objects.filter(conversation_id=found.conversation_id, seq=found.seq).count() - 1,
        }

    def _facts(self, found: Any, asks: Asking) -> list[tuple[Words, Cell]]:
        def linked(user: User | None) -> Cell:
            to_page = user is not None and asks.may("person.list")
            url = reverse("admin:accounts_user_change", args=[user.pk]) if user is not None and to_page else ""
            return _person(user)._replace(url=url)

        return [
            (_("State"), self.state(found)),
            (_("Reason"), Cell(REASONS[found.reason])),
            (_("Said by"), linked(found.author)),
            (_("Where"), self.where(found)),
            (_("Reported by"), linked(found.reporter)),
            (_("Reported"), cell(found.at)),
        ]


def title(report: Report) -> Words:
    """Name a report."""
    return _("Report № %s") % report.pk


def name_all(found: list[Any]) -> None:
    """Give each report its people (`author`, `reporter`, `holder`) and where it was said, as it is shown."""
    ids = {id for row in found for id in (row.author_id, row.reporter_id, row.holder_id) if id is not None}
    people = User.objects.defer("password").in_bulk(ids)
    places = Conversation.objects.defer("topic", "purpose").in_bulk({row.conversation_id for row in found})
    conversations.name_all(list(places.values()))
    for row in found:
        row.author, row.reporter = people.get(row.author_id), people.get(row.reporter_id)
        row.holder = people.get(row.holder_id) if row.holder_id else None
        place: Any = places[row.conversation_id]
        row.shown_name, row.shown_kind = place.shown_name, conversations.kind(place)


def _person(user: User | None) -> Cell:
    return Cell(user.name, note=f"@{user.username}") if user is not None else Cell("–")


def _deeds(found: Report, asks: Asking) -> list[dict[str, Any]]:
    names: list[tuple[Words, str, bool]]
    if found.holder_id is None:
        names = [(_("Claim"), "report_claim", True)]
    elif found.holder_id == asks.actor.id:
        names = [(_("Decide…"), "report_decide", True), (_("Give back"), "report_release", False)]
    else:
        names = [(_("Take over…"), "report_take_over", False)]
    return [
        {"title": title, "url": reverse(f"admin:{name}", args=[found.pk]), "is_main": is_main}
        for title, name, is_main in names
    ]


def _steps(found: Report) -> Table:
    steps = list(ReportStep.objects.filter(report=found).order_by("id"))
    names = User.objects.filter(pk__in={each.by_id for each in steps if each.by_id}).in_bulk()
    rows = [(_STEPS[each.kind], _person(names.get(each.by_id or 0)), each.at, _said(each)) for each in steps]
    return table([_("What"), _("By"), _("When"), _("Why")], rows, _("Nobody has done anything about it yet."))


def _said(each: ReportStep) -> Cell:
    """Say what came of a step, and why."""
    parts = [str(OUTCOMES[each.outcome])] if each.outcome else []
    parts += [str(dict(TIMES).get(each.for_s, _("%s seconds") % each.for_s))] if each.for_s else []
    parts += [str(_("message deleted"))] if each.is_deleted and each.outcome != "deleted" else []
    return Cell(each.note, note=", ".join(parts))
