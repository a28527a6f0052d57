"""Conversations as the administration sees them: facts and members. What was said is nowhere here."""

from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin import asking
from accounts.admin.default_filter import DefaultFilter
from accounts.admin.listing import Listing
from accounts.admin.table import Cell, Table, Words, cell, table
from accounts.models import User
from messaging import ownership
from messaging.models import Conversation, Head, Membership

#: Members on a page.
MEMBERS = 100

_COUNTS = """
select conversation_id, count(*) from membership
where conversation_id = any(%s::bigint[]) and upper_inf(spans) group by 1
"""
_MEMBERS = """
select u.id, u.name, u.username, m.role, u.is_active, u.is_active and u.kind = 'person' and not u.is_guest
from membership m join "user" u on u.id = m.person_id
where m.conversation_id = %(conversation)s and upper_inf(m.spans)
order by array_position(array['owner', 'moderator', 'member'], m.role::text), lower(u.username)
limit %(limit)s offset %(offset)s
"""
#: An estimate that reads no row of the log: its share of the table's pages, by the number of events.
_SIZE = """
select case when t.reltuples > 0 then (pg_relation_size(t.oid) / t.reltuples * %(events)s)::bigint end
from pg_class t where t.oid = 'event'::regclass
"""


class KindFilter(DefaultFilter):
    """Channels, groups, direct ones."""

    title = _("Kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        return [("channel", _("Channels")), ("group", _("Groups")), ("direct", _("Direct"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation] | None:
        """Narrow the list."""
        chosen = self.chosen()
        return queryset.filter(kind=chosen) if chosen in Conversation.Kind.values else None


class ArchivedFilter(DefaultFilter):
    """In use, or archived."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        return [("open", _("In use")), ("archived", _("Archived"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation] | None:
        """Narrow the list."""
        match self.chosen():
            case "open":
                return queryset.filter(archived_at=None)
            case "archived":
                return queryset.filter(archived_at__isnull=False)
        return None


class OwnerFilter(admin.SimpleListFilter):
    """Those that nobody owns."""

    title = _("Owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        return [("none", _("None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation] | None:
        """Narrow the list."""
        if self.value() != "none":
            return None
        owners = Membership.objects.filter(conversation_id=OuterRef("pk"), role="owner").extra(
            where=["upper_inf(spans)"]
        )
        people = User.objects.filter(pk=OuterRef("person_id"), deactivated_at=None)
        return queryset.filter(~Exists(owners.filter(Exists(people)))).exclude(kind="direct")


class Conversations(Listing):
    """Every conversation but people's own logs."""

    verbs = ("conversation.list",)
    title = _("Conversations")
    intro = _("Facts and members. Nobody reads here what was said: that takes a case, and an officer.")
    page_template = "admin/conversation.html"
    list_display = ("called", "sort", "members", "messages", "last", "state")
    list_filter = (KindFilter, ArchivedFilter, OwnerFilter)
    search_fields = ("name",)
    search_help_text = _("Name of the channel")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Give the conversations with how far their logs reach; topics stay where they are."""
        head = Head.objects.filter(conversation=OuterRef("pk"))
        found: QuerySet[Conversation] = super().get_queryset(request)
        found = found.exclude(kind=Conversation.Kind.PERSONAL).filter(shown_at__isnull=False)
        found = found.defer("topic", "purpose")
        return found.annotate(
            n=Subquery(head.values("n")), seq=Subquery(head.values("seq")), at=Subquery(head.values("at"))
        )

    def prepare(self, request: HttpRequest, found: list[Any]) -> None:
        """Look up what the rows of a page need."""
        name_all(found)
        counts = _counts([row.pk for row in found])
        for row in found:
            row.member_count = counts.get(row.pk, 0)

    @admin.display(description=_("Conversation"), ordering="name")
    def called(self, row: Any) -> Cell:
        """Name it."""
        return Cell(row.shown_name)

    @admin.display(description=_("Kind"))
    def sort(self, row: Conversation) -> Words:
        """Say what it is."""
        return kind(row)

    @admin.display(description=_("Members"))
    def members(self, row: Any) -> str:
        """Count them."""
        return f"{row.member_count:,}"

    @admin.display(description=_("Messages"))
    def messages(self, row: Any) -> str:
        """Count them."""
        return f"{row.n or 0:,}"

    @admin.display(description=_("Last activity"), ordering="at")
    def last(self, row: Any) -> Any:
        """Say when something last happened."""
        return row.at

    @admin.display(description=_("State"))
    def state(self, row: Conversation) -> Cell:
        """Say whether it is in use."""
        return state(row)

    def page_context(self, request: HttpRequest, found: Any) -> dict[str, Any]:
        """Show the facts and a page of the members."""
        self.prepare(request, [found])
        page = _page(request)
        is_ownerless = ownership.is_ownerless(found.pk)
        facts: list[tuple[Words, Cell]] = [
            (_("Kind"), Cell(kind(found))),
            (_("State"), self.state(found)),
            (_("Members"), Cell(f"{found.member_count:,}")),
            (_("Messages"), Cell(f"{found.n or 0:,}")),
            (_("Size, about"), Cell(_size(found.seq or 0))),
            (_("Made"), cell(found.created_at)),
            (_("Last activity"), cell(found.at)),
        ]
        if is_ownerless:
            facts.insert(2, (_("Owner"), Cell(_("None"), tone="alert", note=_("Make a member the owner, below."))))
        return {
            "title": found.shown_name,
            "trail_of_pages": [(self.list_url, self.title)],
            "facts": facts,
            "table": _members(
                found.pk, page, is_to_name=is_ownerless and asking.of(request).may("conversation.hand_over")
            ),
            "number": page,
            "earlier": page - 1,
            "later": page + 1 if page * MEMBERS < found.member_count else 0,
        }


def _page(request: HttpRequest) -> int:
    given = request.GET.get("p", "")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 6 else 1


def kind(row: Conversation) -> Words:
    """Say what a conversation is."""
    match row.kind:
        case Conversation.Kind.CHANNEL:
            return _("Private channel") if row.is_private else _("Public channel")
        case Conversation.Kind.GROUP:
            return _("Group")
    return _("Direct")


def state(row: Conversation) -> Cell:
    """Say whether a conversation is in use."""
    return Cell(_("Archived"), tone="quiet") if row.archived_at else Cell(_("In use"), tone="good")


def name_all(rows: list[Any]) -> None:
    """Give each conversation the name that it is shown by, `shown_name`."""
    names = _names([row for row in rows if row.direct_key])
    for row in rows:
        row.shown_name = _name(row, names)


def _names(rows: list[Any]) -> dict[int, str]:
    people = {int(id) for row in rows for id in row.direct_key.split(":")}
    return dict(User.objects.filter(pk__in=people).values_list("pk", "name"))


def _name(row: Any, names: dict[int, str]) -> str:
    if row.direct_key:
        pair = dict.fromkeys(int(id) for id in row.direct_key.split(":"))
        return _("Direct: %s") % ", ".join(names.get(id, "?") for id in pair)
    return str(row.name) or _("Group %s") % row.pk


def _counts(ids: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [ids])
        return dict(cursor.fetchall())


def _members(conversation: int, page: int, *, is_to_name: bool) -> Table:
    params = {"conversation": conversation, "limit": MEMBERS, "offset": (page - 1) * MEMBERS}
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, params)
        found = cursor.fetchall()
    headings: list[Words] = [_("Member"), _("Role here"), _("State"), *([""] if is_to_name else [])]
    rows = [
        (
            Cell(name, url=reverse("admin:accounts_user_change", args=[id]), note=f"@{username}"),
            role,
            Cell(_("Active"), tone="good") if is_active else Cell(_("Not active"), tone="quiet"),
            *([_to_name(conversation, id) if may_own else Cell()] if is_to_name else []),
        )
        for id, name, username, role, is_active, may_own in found
    ]
    return table(headings, rows, _("Nobody is in it."))


def _to_name(conversation: int, member: int) -> Cell:
    return Cell(_("Make the owner…"), url=reverse("admin:conversation_owner", args=[conversation, member]))


def _size(events: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_SIZE, {"events": events})
        found = cursor.fetchone()
    return str(filesizeformat(found[0])) if found and found[0] is not None else "–"
