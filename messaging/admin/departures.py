"""Deactivating an account: what happens to its channels, tokens and files is said and asked."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.urls import URLPattern
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.admin.person_deeds import AboutPerson
from accounts.admin.table import Words
from accounts.models import Token, User
from messaging import departures, ownership
from messaging.departures import Left
from messaging.ownership import Owned, Rest, Will

NOBODY, ANY_MEMBER = "nobody", "member"
_UNDECIDED = ("", _("Choose…"))
_NOBODY = (NOBODY, _("Nobody: it goes on without an owner"))
#: Bots that are named.
_MOST_BOTS = 10


class WillForm(forms.Form):
    """For each channel that would be without an owner, who owns it next; beyond the first ones, for all together."""

    def __init__(self, *args: Any, owned: list[Owned], further: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in owned:
            name = one.name or _("Group %s") % one.id
            heirs = [(str(id), f"{called} (@{username})") for id, username, called in one.heirs]
            self.fields[f"heir_{one.id}"] = forms.ChoiceField(
                label=_("Who owns %s next?") % name,
                choices=[_UNDECIDED, _NOBODY, *heirs],
                help_text=_("One of its members."),
            )
        if further > 0:
            self._ask_about_the_rest(further)

    def _ask_about_the_rest(self, further: int) -> None:
        self.fields["rest_heir"] = forms.CharField(
            label=_("Who owns the other %s channels and groups next?") % intcomma(further),
            required=False,
            max_length=64,
            help_text=_("A username. That person owns those next in which they are a member: nobody is put into one."),
        )
        self.fields["rest_else"] = forms.ChoiceField(
            label=_("And those in which nobody is named, or the one who is named is no member?"),
            widget=forms.RadioSelect,
            choices=[
                (ANY_MEMBER, _("In each a moderator, or else the member whose account is the oldest")),
                (NOBODY, _("Nobody: they go on without an owner")),
            ],
        )

    def clean_rest_heir(self) -> int | None:
        """Find who it is."""
        username = str(self.cleaned_data["rest_heir"]).strip().lstrip("@")
        if not username:
            return None
        found = User.objects.filter(username__iexact=username, is_active=True, is_guest=False).first()
        if found is None or found.kind != User.Kind.PERSON:
            raise forms.ValidationError(_("There is no active member of this username: guests and bots own nothing."))
        return int(found.pk)

    def clean(self) -> dict[str, Any]:
        """Give what was decided, as a will."""
        heirs = {
            int(name.removeprefix("heir_")): None if heir == NOBODY else int(heir)
            for name, heir in self.cleaned_data.items()
            if name.startswith("heir_")
        }
        chosen = self.cleaned_data.get("rest_else")
        rest = Rest(self.cleaned_data.get("rest_heir"), chosen == ANY_MEMBER) if chosen else None
        return {"will": Will(heirs, rest)}


class _Leaving(AboutPerson):
    """A deed by which somebody leaves everything."""

    verb = "person.deactivate"

    @cached_property
    def owned(self) -> list[Owned]:
        """List what is asked about one by one."""
        return ownership.owned_alone(self.target)

    @cached_property
    def counts(self) -> tuple[int, int]:
        """Count what the person alone owns: with members who could own it next, and without."""
        return ownership.count_owned_alone(self.target)

    def form(self, data: Any = None, files: Any = None) -> WillForm:
        """Ask about what would be without an owner."""
        return WillForm(data, owned=self.owned, further=self.counts[0] - len(self.owned))

    def about_channels(self) -> list[Words]:
        """Say how many would be without an owner, and how that is asked about."""
        with_heirs, without = self.counts
        said: list[Words] = []
        if with_heirs > len(self.owned):
            numbers = {"all": intcomma(with_heirs), "some": len(self.owned)}
            said.append(
                _(
                    "Nobody else owns %(all)s of them. You are asked about the first %(some)s one by one, and about "
                    "all the others together, at the end."
                )
                % numbers
            )
        if without:
            one = "Nobody else is in %s of them who could own it: it goes on without an owner."
            many = "Nobody else is in %s of them who could own them: they go on without an owner."
            said.append(ngettext(one, many, without) % intcomma(without))
        return said


class Deactivate(_Leaving):
    """Close an account for good."""

    title = _("Deactivate the account")
    button = _("Deactivate for good")
    is_final = True

    def asked_verb(self) -> str:
        """Name the verb: a bot's account is another's business."""
        return "bot.manage" if self.target.kind == User.Kind.BOT else self.verb

    def consequences(self) -> list[Words]:
        """Say what happens."""
        facts = {"name": self.target.name, "username": self.target.username}
        count = departures.still_in(self.target)
        leaves = ngettext(
            "The account leaves %s channel or group. What it said, and its files, stay where they are.",
            "The account leaves %s channels and groups. What it said, and its files, stay where they are.",
            count,
        )
        return [
            _(
                "%(name)s (@%(username)s) can never sign in again. This can't be undone: to shut somebody out for a "
                "time, suspend the account."
            )
            % facts,
            _("Every session ends, every token is revoked (%s now), and every role is ended.") % self._tokens(),
            *self._about_bots(),
            leaves % intcomma(count),
            *self.about_channels(),
        ]

    def _tokens(self) -> int:
        return Token.objects.filter(user=self.target, revoked_at=None).count()

    def _about_bots(self) -> list[Words]:
        made = User.objects.filter(kind=User.Kind.BOT, is_active=True, invited_by=self.target).order_by("username")
        names = [f"@{username}" for username in made.values_list("username", flat=True)[: _MOST_BOTS + 1]]
        if not names:
            return []
        shown = ", ".join(names[:_MOST_BOTS]) + (" …" if len(names) > _MOST_BOTS else "")
        return [_("Bots that the account made go on, with their tokens: %s. Each is deactivated by itself.") % shown]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Do it."""
        return _told(departures.deactivate(actor, self.target, given["will"]), _("The account is deactivated."))


class Leave(_Leaving):
    """Go on with leaving conversations, where that was broken off."""

    title = _("Leave the remaining conversations")
    button = _("Leave them")

    def targets(self) -> QuerySet[Any]:
        """Give the accounts that are closed."""
        return User.objects.filter(deactivated_at__isnull=False)

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("The account is still in %s channels and groups. Leaving them goes on where it stopped.")
            % intcomma(departures.still_in(self.target)),
            *self.about_channels(),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Go on."""
        return _told(departures.leave_all(actor, self.target, given["will"]), "")


def _told(found: Left, done: Words) -> Words:
    said = [str(done)] if done else []
    said.append(ngettext("%s conversation left.", "%s conversations left.", found.left) % intcomma(found.left))
    if found.staying:
        said.append(_("In %s it stays until you say who owns them next.") % intcomma(found.staying))
    return " ".join(said)


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Deactivate.at(site, "people/<int:pk>/deactivate/", "person_deactivate"),
        Leave.at(site, "people/<int:pk>/leave/", "person_leave"),
    ]
