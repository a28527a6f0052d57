"""The lists of a person's page: each with its first lines there, and with a page of its own that goes through all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import browsers, sessions
from accounts.admin.asking import Asking
from accounts.admin.person_facts import state
from accounts.admin.table import Cell, Table, Words, table
from accounts.authority.verbs import SCOPES
from accounts.models import DeviceSession, Grant, PersonLink, Token, User
from audit.models import Entry

Line = Sequence[Any]


@dataclass(frozen=True)
class PersonList:
    """A list of what is somebody's: its rows, and how a page of them is shown."""

    #: In the address.
    name: str
    title: Words
    headings: tuple[Words, ...]
    empty: Words
    rows: Callable[[User], QuerySet[Any]]
    lines: Callable[[list[Any], User, Asking], list[Line]]
    note: Words = ""
    #: Who sees it, beside those who see the person; anybody of them where it is empty.
    verb: str = ""

    def is_open(self, asks: Asking) -> bool:
        """Tell whether somebody sees it."""
        return not self.verb or asks.may(self.verb)

    def table(self, found: "list[Any] | Page[Any]", user: User, asks: Asking) -> Table:
        """Show some of its rows."""
        return table(self.headings, self.lines(list(found), user, asks), self.empty)


def _person(user: User) -> Cell:
    return Cell(user.name, url=reverse("admin:accounts_user_change", args=[user.pk]), note=f"@{user.username}")


def _grants(found: list[Grant], user: User, asks: Asking) -> list[Line]:
    may_end = asks.may("role.grant", "owner.grant", "officer.propose")
    return [
        (
            grant.role,
            grant.granted_by.name if grant.granted_by else _("from the shell"),
            grant.effective_at,
            grant.ended_at or Cell(_("in force"), tone="good"),
            Cell(_("End it"), url=reverse("admin:role_end", args=[grant.pk])) if not grant.ended_at and may_end else "",
        )
        for grant in found
    ]


def _sessions(found: list[DeviceSession], user: User, asks: Asking) -> list[Line]:
    return [
        (
            browsers.describe(session.device),
            session.place or session.address,
            session.created_at,
            session.last_used_at,
        )
        for session in found
    ]


def _tokens(found: list[Token], user: User, asks: Asking) -> list[Line]:
    may_revoke = asks.may("token.revoke")
    return [
        (
            token.name or f"№ {token.pk}",
            ", ".join(str(SCOPES.get(scope, scope)) for scope in token.scopes),
            token.created_at,
            token.last_used_at or _("never"),
            token.expires_at or _("never"),
            Cell(_("Revoke"), url=reverse("admin:token_revoke", args=[token.pk])) if may_revoke else "",
        )
        for token in found
    ]


def _links(found: list[PersonLink], user: User, asks: Asking) -> list[Line]:
    others = [(link, link.other if link.one_id == user.pk else link.one) for link in found]
    may_unlink = asks.may("person.link")
    return [
        (
            _person(other),
            state(other),
            link.reason,
            Cell(_("Take the link away"), url=reverse("admin:person_unlink", args=[link.pk])) if may_unlink else "",
        )
        for link, other in others
    ]


def _entries(found: list[Any], user: User, asks: Asking) -> list[Line]:
    """Show what was done to the account; what is a case's is not there."""
    nobody = _("nobody of this workspace")
    return [(entry.verb, entry.at, f"@{entry.actor_username}" if entry.actor_username else nobody) for entry in found]


def _entries_of(user: User) -> QuerySet[Entry]:
    actor = User.objects.filter(pk=OuterRef("actor_id")).values("username")
    found = Entry.objects.filter(target=f"user:{user.pk}", category__in=["account", "administration"])
    return found.annotate(actor_username=Subquery(actor)).order_by("-id")


LISTS = (
    PersonList(
        "roles",
        _("Roles"),
        (_("Role"), _("Given by"), _("From"), _("Until"), ""),
        _("No roles beside being here."),
        lambda user: Grant.objects.filter(user=user).select_related("granted_by").order_by("-granted_at", "-pk"),
        _grants,
    ),
    PersonList(
        "sessions",
        _("Sessions"),
        (_("Device"), _("Place"), _("Signed in"), _("Last used")),
        _("Signed in nowhere."),
        sessions.open_ones,
        _sessions,
    ),
    PersonList(
        "tokens",
        _("Tokens"),
        (_("Token"), _("May"), _("Made"), _("Last used"), _("Expires"), ""),
        _("No tokens."),
        lambda user: Token.objects.filter(user=user, revoked_at=None).order_by("-created_at", "-pk"),
        _tokens,
    ),
    PersonList(
        "links",
        _("Linked accounts"),
        (_("Account"), _("State"), _("How it is known"), ""),
        _("No other account."),
        lambda user: (
            PersonLink.objects.filter(Q(one=user) | Q(other=user)).select_related("one", "other").order_by("pk")
        ),
        _links,
        _("One person's accounts. Their rights stay apart."),
    ),
    PersonList(
        "trail",
        _("On the trail"),
        (_("Deed"), _("When"), _("By")),
        _("Nothing yet."),
        _entries_of,
        _entries,
    ),
)
