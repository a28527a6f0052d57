"""What verifying the trail found, and its signed checkpoints with their ways off this host."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.listing import Listing
from accounts.admin.table import Cell, Words, cell, table
from audit.models import Checkpoint, Delivery, Verification

#: The verbs of the table that open both lists.
VERBS = ("verification.read", "admin.open")


def _places(listing: Listing) -> list[tuple[str, Words]]:
    return [(reverse("admin:trail"), _("Trail")), (listing.list_url, listing.title)]


class Verifications(Listing):
    """Each look at the whole trail."""

    verbs = VERBS
    title = _("Verifications")
    intro = _("The whole trail is looked at every day, and by manage.py verify whenever somebody wants to know.")
    page_template = "admin/verification.html"
    list_display = ("when", "found", "looked_at", "last")
    ordering = ("-id",)

    @admin.display(description=_("When"))
    def when(self, one: Verification) -> Any:
        """Say when."""
        return one.at

    @admin.display(description=_("Found"))
    def found(self, one: Verification) -> Cell:
        """Say what was found."""
        return Cell(_("Whole"), tone="good") if one.is_ok else Cell(_("Not whole"), tone="alert")

    @admin.display(description=_("Entries"))
    def looked_at(self, one: Verification) -> str:
        """Count what was looked at."""
        return f"{one.entries:,}"

    @admin.display(description=_("Last link"))
    def last(self, one: Verification) -> str:
        """Say how far."""
        return f"{one.seq:,}"

    def page_context(self, request: HttpRequest, found: Verification) -> dict[str, Any]:
        """Show the report."""
        return {"title": _("Verification"), "trail_of_pages": _places(self), "state": self.found(found)}


class Checkpoints(Listing):
    """Signed ends of the trail."""

    verbs = VERBS
    title = _("Checkpoints")
    intro = _("Each says, signed, how the trail ended at a moment. It counts where it has left this host.")
    page_template = "admin/checkpoint.html"
    list_display = ("when", "link", "key", "ways")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Checkpoint]:
        """Give the checkpoints with their deliveries."""
        found: QuerySet[Checkpoint] = super().get_queryset(request)
        return found.prefetch_related(Prefetch("deliveries", Delivery.objects.order_by("destination")))

    @admin.display(description=_("When"))
    def when(self, one: Checkpoint) -> Any:
        """Say when."""
        return one.at

    @admin.display(description=_("Up to link"))
    def link(self, one: Checkpoint) -> str:
        """Say of which link."""
        return f"{one.link_seq:,}"

    @admin.display(description=_("Key"))
    def key(self, one: Checkpoint) -> Cell:
        """Name the key."""
        return Cell(one.fingerprint[:16], is_code=True)

    @admin.display(description=_("Left this host"))
    def ways(self, one: Checkpoint) -> Cell:
        """Say whether it has left."""
        ways = list(one.deliveries.all())
        if not ways:
            return Cell(_("Nowhere"), tone="quiet")
        arrived = sum(way.delivered_at is not None for way in ways)
        return Cell(f"{arrived} / {len(ways)}", tone="good" if arrived == len(ways) else "alert")

    def page_context(self, request: HttpRequest, found: Checkpoint) -> dict[str, Any]:
        """Show the document and where it went."""
        rows = [
            (
                way.destination,
                cell(way.delivered_at) if way.delivered_at else Cell(_("Not yet"), tone="alert", note=way.error),
                str(way.attempts),
            )
            for way in found.deliveries.all()
        ]
        headings: list[Words] = [_("Destination"), _("Arrived"), _("Attempts")]
        return {
            "title": _("Checkpoint of link %s") % f"{found.link_seq:,}",
            "trail_of_pages": _places(self),
            "table": table(headings, rows, _("It stays on this host: PARLEY_CHECKPOINTS_TO names no destination.")),
        }
