"""What a person's page shows beside facts: its lists, of each the first lines, and the deeds that are open."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Count, Window
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import Asking
from accounts.admin.person_lists import PersonList
from accounts.admin.table import Table, Words, table
from accounts.factors import owned
from accounts.models import User

#: How much of each list a person's page shows.
SHOWN = 20


class Section(NamedTuple):
    """A part of the page; where there is more than it shows, how many there are and where."""

    title: Words
    table: Table
    note: Words = ""
    total: int = 0
    url: str = ""


class Door(NamedTuple):
    """A deed that can be done about somebody: title, the address' name, and whether it can't be undone."""

    title: Words
    name: str
    is_final: bool = False


def sections(user: User, asks: Asking, lists: Iterable[PersonList]) -> list[Section]:
    """Give the lists of a person's page."""
    found = [_section(one, user, asks) for one in lists if one.is_open(asks)]
    return [*found[:1], Section(_("Second factors"), _factors(user)), *found[1:]]


def _section(one: PersonList, user: User, asks: Asking) -> Section:
    found = list(one.rows(user).annotate(total=Window(Count("*")))[:SHOWN])
    total = found[0].total if found else 0
    url = reverse("admin:person_list", args=[user.pk, one.name]) if total > SHOWN else ""
    return Section(one.title, one.table(found, user, asks), one.note, total, url)


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
    if not is_self and asks.may("person.mute"):
        if user.muted_until and user.muted_until > timezone.now():
            yield Door(_("Let write again"), "admin:person_unmute")
        elif user.is_active:
            yield Door(_("Mute in the whole workspace"), "admin:person_mute")
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


def _factors(user: User) -> Table:
    """Say of which kinds somebody's factors are, and nothing that would help to show one."""
    has = owned.of(user)
    rows: list[tuple[Any, Any, Any]] = [
        *((_("Authenticator app"), app.created_at, app.last_used_at or _("never")) for app in has.apps),
        *((_("Passkey"), key.created_at, key.last_used_at or _("never")) for key in has.passkeys),
        *([(_("Recovery codes: %s left") % has.codes_left, "", "")] if has.codes_left else []),
    ]
    return table([_("Kind"), _("Set up"), _("Last used")], rows, _("No second factor."))
