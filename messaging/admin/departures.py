"""Deactivating an account: what happens to its channels, tokens and files is said and asked."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin.person_deeds import AboutPerson
from accounts.admin.table import Words
from accounts.models import User
from messaging import departures
from messaging.departures import Owned

_NOBODY = ("", _("Nobody: it goes on without an owner"))


class HeirsForm(forms.Form):
    """For each channel that would be without an owner, who owns it next."""

    def __init__(self, *args: Any, owned: list[Owned], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in owned:
            name = one.name or _("Group %s") % one.id
            self.fields[f"heir_{one.id}"] = forms.ChoiceField(
                label=_("Who owns %s next?") % name,
                required=False,
                choices=[_NOBODY, *((str(id), f"{called} (@{username})") for id, username, called in one.heirs)],
                help_text=_("One of its members."),
            )


class Deactivate(AboutPerson):
    """Close an account for good."""

    verb = "person.deactivate"
    title = _("Deactivate the account")
    button = _("Deactivate for good")
    is_final = True

    def asked_verb(self) -> str:
        """Name the verb: a bot's account is another's business."""
        return "bot.manage" if self.target.kind == User.Kind.BOT else self.verb

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Ask about each channel that would be without an owner."""
        return HeirsForm(data, owned=departures.owned_alone(self.target))

    def consequences(self) -> list[Words]:
        """Say what happens."""
        facts = {"name": self.target.name, "username": self.target.username}
        return [
            _(
                "%(name)s (@%(username)s) can never sign in again. This can't be undone: to shut somebody out for a "
                "time, suspend the account."
            )
            % facts,
            _("Every session ends, every token is revoked, and every role is ended."),
            _("The account leaves its channels and groups. What it said, and its files, stay where they are."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Do it."""
        heirs = {int(name.removeprefix("heir_")): int(heir) for name, heir in given.items() if heir}
        departures.deactivate(actor, self.target, heirs)
        return _("The account is deactivated.")


class Leave(AboutPerson):
    """Go on with leaving conversations, where that was broken off."""

    verb = "person.deactivate"
    title = _("Leave the remaining conversations")
    button = _("Leave them")

    def targets(self) -> QuerySet[Any]:
        """Give the accounts that are closed."""
        return User.objects.filter(deactivated_at__isnull=False)

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("The account is still in %s channels and groups. Leaving them goes on where it stopped.")
            % departures.still_in(self.target)
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Go on."""
        count = departures.leave_all(actor, self.target)
        return _("%s conversations left.") % count


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Deactivate.at(site, "people/<int:pk>/deactivate/", "person_deactivate"),
        Leave.at(site, "people/<int:pk>/leave/", "person_leave"),
    ]
