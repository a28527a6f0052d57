"""What a person's page shows: facts, roles, tokens, accounts that are linked, and what the trail has."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import browsers, sessions
from accounts.admin.asking import Asking
from accounts.admin.table import Cell, Table, Words, cell, table
from accounts.authority.verbs import SCOPES
from accounts.factors import owned
from accounts.models import Grant, Token, User
from accounts.people import person_links
from audit.models import Entry

#: How much of each list a person's page shows.
SHOWN = 20


class Section(NamedTuple):
    """A part of the page."""

    title: Words
    table: Table
    note: Words = ""


class Door(NamedTuple):
    """A deed that can be done about somebody: title, the address' name, and whether it can't be undone."""

    title: Words
    name: str
    is_final: bool = False


def state(user: User) -> Cell:
    """Say whether somebody may come in."""
    if user.deactivated_at:
        return Cell(_("Deactivated"), tone="quiet")
    if not user.is_active:
        return Cell(_("Suspended"), tone="alert")
    if user.imported_at:
        return Cell(_("Not invited yet"), tone="quiet")
    return Cell(_("Active"), tone="good")


def kind(user: User) -> Words:
    """Say what somebody is without a role."""
    if user.kind == User.Kind.BOT:
        return _("Bot")
    return _("Guest") if user.is_guest else _("Member")


def facts(user: User) -> list[tuple[Words, Cell]]:
    """Give what is known of an account."""
    verified = user.email_verified_at
    found: list[tuple[Words, Cell]] = [
        (_("State"), state(user)),
        (_("Username"), Cell(f"@{user.username}")),
        (_("E-mail"), Cell(user.email or "–", note="" if verified or not user.email else _("not verified"))),
        (_("Kind"), Cell(kind(user))),
        (_("Joined"), cell(user.created_at)),
        (_("Last here"), cell(user.last_active_at or _("never"))),
    ]
    if user.invited_by:
        url = reverse("admin:accounts_user_change", args=[user.invited_by_id])
        found.append((_("Invited by"), Cell(user.invited_by.name, url=url)))
    if user.suspended_at and not user.is_active:
        found.append((_("Suspended"), cell(user.suspended_at)))
    if user.deactivated_at:
        found.append((_("Deactivated"), cell(user.deactivated_at)))
    if user.is_factor_exempt:
        found.append((_("Second factor"), Cell(_("Not asked for by a role"))))
    return found


def sections(user: User, asks: Asking) -> list[Section]:
    """Give the lists of a person's page."""
    return [
        Section(_("Roles"), _roles(user, asks)),
        Section(_("Second factors"), _factors(user)),
        Section(_("Sessions"), _sessions(user)),
        Section(_("Tokens"), _tokens(user, asks)),
        Section(_("Linked accounts"), _links(user, asks), _("One person's accounts. Their rights stay apart.")),
        Section(_("On the trail"), _trail(user)),
    ]


def deeds(user: User, asks: Asking) -> Iterator[Door]:
    """Give the deeds that are open about somebody."""
    if user.deactivated_at:
        if asks.may("person.deactivate"):
            yield Door(_("Leave the remaining conversations"), "admin:person_leave")
        return
    is_bot, is_self = user.kind == User.Kind.BOT, asks.actor.id == user.pk
    if is_bot and user.is_active and user.invited_by_id == asks.actor.id and asks.may("bot.manage"):
        yield Door(_("Make a token"), "admin:bot_token")
    yield from _person_deeds(user, asks)
    if not is_self and asks.may("person.suspend"):
        if user.is_active:
            yield Door(_("Suspend"), "admin:person_suspend")
        else:
            yield Door(_("Let in again"), "admin:person_restore")
    if not is_self and asks.may("bot.manage" if is_bot else "person.deactivate"):
        yield Door(_("Deactivate…"), "admin:person_deactivate", is_final=True)


def _person_deeds(user: User, asks: Asking) -> Iterator[Door]:
    if user.kind == User.Kind.PERSON and asks.actor.id != user.pk and asks.may("factor.reset"):
        yield Door(_("Reset the second factor"), "admin:person_factors")
    if user.kind == User.Kind.PERSON and asks.may("session.end"):
        yield Door(_("Sign out everywhere"), "admin:person_signout")
    if asks.may("person.change"):
        yield Door(_("Change name or username"), "admin:person_change")
    if user.kind == User.Kind.PERSON and asks.actor.id != user.pk and asks.may("person.email"):
        yield Door(_("Change the e-mail address"), "admin:person_email")
    is_member = user.is_active and user.kind == User.Kind.PERSON and not user.is_guest
    if is_member and asks.actor.id != user.pk and asks.may("role.grant", "owner.grant", "officer.propose"):
        yield Door(_("Give a role"), "admin:person_role")
    if user.kind == User.Kind.PERSON and asks.may("person.link"):
        yield Door(_("Link another account"), "admin:person_link")


def _roles(user: User, asks: Asking) -> Table:
    held = Grant.objects.filter(user=user).select_related("granted_by", "ended_by").order_by("-granted_at")[:SHOWN]
    rows = [
        (
            grant.role,
            grant.granted_by.name if grant.granted_by else _("from the shell"),
            grant.effective_at,
            grant.ended_at or Cell(_("in force"), tone="good"),
            Cell(_("End it"), url=reverse("admin:role_end", args=[grant.pk]))
            if not grant.ended_at and asks.may("role.grant", "owner.grant", "officer.propose")
            else "",
        )
        for grant in held
    ]
    return table([_("Role"), _("Given by"), _("From"), _("Until"), ""], rows, _("No roles beside being here."))


def _factors(user: User) -> Table:
    """Say of which kinds somebody's factors are, and nothing that would help to show one."""
    has = owned.of(user)
    rows: list[tuple[Any, Any, Any]] = [
        *((_("Authenticator app"), app.created_at, app.last_used_at or _("never")) for app in has.apps),
        *((_("Passkey"), key.created_at, key.last_used_at or _("never")) for key in has.passkeys),
        *([(_("Recovery codes: %s left") % has.codes_left, "", "")] if has.codes_left else []),
    ]
    return table([_("Kind"), _("Set up"), _("Last used")], rows, _("No second factor."))


def _sessions(user: User) -> Table:
    rows = [
        (
            browsers.describe(session.device),
            session.place or session.address,
            session.created_at,
            session.last_used_at,
        )
        for session in sessions.of_user(user)[:SHOWN]
    ]
    return table([_("Device"), _("Place"), _("Signed in"), _("Last used")], rows, _("Signed in nowhere."))


def _tokens(user: User, asks: Asking) -> Table:
    found = Token.objects.filter(user=user, revoked_at=None).order_by("-created_at")[:SHOWN]
    rows = [
        (
            token.name or f"№ {token.pk}",
            ", ".join(str(SCOPES.get(scope, scope)) for scope in token.scopes),
            token.created_at,
            token.last_used_at or _("never"),
            token.expires_at or _("never"),
            Cell(_("Revoke"), url=reverse("admin:token_revoke", args=[token.pk])) if asks.may("token.revoke") else "",
        )
        for token in found
    ]
    return table([_("Token"), _("May"), _("Made"), _("Last used"), _("Expires"), ""], rows, _("No tokens."))


def _links(user: User, asks: Asking) -> Table:
    rows = [
        (
            Cell(other.name, url=reverse("admin:accounts_user_change", args=[other.pk]), note=f"@{other.username}"),
            state(other),
            link.reason,
            Cell(_("Take the link away"), url=reverse("admin:person_unlink", args=[link.pk]))
            if asks.may("person.link")
            else "",
        )
        for link, other in person_links.of(user)
    ]
    return table([_("Account"), _("State"), _("How it is known"), ""], rows, _("No other account."))


def _trail(user: User) -> Table:
    """Show what was done to the account; what is a case's is not there."""
    found = Entry.objects.filter(target=f"user:{user.pk}", category__in=["account", "administration"])
    entries = list(found.order_by("-id")[:SHOWN])
    actors = User.objects.in_bulk([entry.actor_id for entry in entries if entry.actor_id])
    rows = [
        (
            entry.verb,
            entry.at,
            f"@{actors[entry.actor_id].username}" if entry.actor_id in actors else _("nobody of this workspace"),
        )
        for entry in entries
    ]
    return table([_("Deed"), _("When"), _("By")], rows, _("Nothing yet."))
