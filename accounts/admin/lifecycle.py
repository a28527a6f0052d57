"""Shutting people out and letting them in; tokens taken away; bots and their tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import tokens
from accounts.actor import Actor
from accounts.admin.deed import Deed
from accounts.admin.person_deeds import AboutPerson
from accounts.admin.table import Words
from accounts.authority.verbs import SCOPES
from accounts.models import Token, User
from accounts.people import bots, lifecycle

#: How long a bot's token lasts at most (days).
LONGEST_DAYS = 3650


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=lifecycle.REASON_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Goes on the trail."),
    )


class Suspend(AboutPerson):
    """Shut somebody out for a time."""

    verb = "person.suspend"
    title = _("Suspend the account")
    button = _("Suspend")
    form_class = ReasonForm

    def consequences(self) -> list[Words]:
        """Say what happens."""
        facts = {"name": self.target.name, "username": self.target.username}
        return [
            _("%(name)s (@%(username)s) is signed out everywhere and can't come in, until let in again.") % facts,
            _("Roles, tokens and memberships stay, and open nothing meanwhile."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Suspend."""
        lifecycle.suspend(actor, self.target, given["reason"])
        return _("The account is suspended.")


class Restore(AboutPerson):
    """Let somebody in again."""

    verb = "person.suspend"
    title = _("Let in again")
    button = _("Let in again")

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [_("%s can sign in again, with the roles and tokens of before.") % self.target.name]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Restore."""
        lifecycle.restore(actor, self.target)
        return _("The account is open again.")


class RevokeToken(Deed):
    """Take a token away."""

    verb = "token.revoke"
    title = _("Revoke the token")
    button = _("Revoke it")
    is_final = True
    target: Token

    def targets(self) -> QuerySet[Any]:
        """Give the tokens that are good."""
        return Token.objects.filter(revoked_at=None).select_related("user")

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        user = self.target.user
        return [
            (reverse("admin:accounts_user_changelist"), _("People")),
            (reverse("admin:accounts_user_change", args=[user.pk]), user.name),
        ]

    def consequences(self) -> list[Words]:
        """Say what happens."""
        name = self.target.name or f"№ {self.target.pk}"
        return [_("Programs that use the token %s are cut off at once. It can't be made good again.") % name]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Revoke it."""
        tokens.revoke(actor, self.target)
        return _("The token is revoked.")


class BotForm(forms.Form):
    """A bot's names."""

    name = forms.CharField(label=_("Name"), max_length=bots.NAME_LENGTH, help_text=_("What others see."))
    username = forms.CharField(label=_("Username"), max_length=64)


class MakeBot(Deed):
    """Make a bot."""

    verb = "bot.manage"
    title = _("Make a bot")
    button = _("Make the bot")
    form_class = BotForm

    made: User | None = None

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [(reverse("admin:accounts_user_changelist") + "?kind=bot", _("Bots"))]

    def consequences(self) -> list[Words]:
        """Say what it is."""
        return [
            _("A bot signs in nowhere and holds no role: it comes by its tokens, into conversations it is added to.")
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Make it."""
        self.made = bots.make(actor, given["username"], given["name"])
        return _("The bot is there. Make a token for it.")

    def next_url(self) -> str:
        """Show the bot."""
        assert self.made is not None
        return reverse("admin:accounts_user_change", args=[self.made.pk])


class TokenForm(forms.Form):
    """A token's name, what it may do, and for how long."""

    name = forms.CharField(label=_("Name"), max_length=64, help_text=_("Where it is used."))
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Lasts (days)"), min_value=1, max_value=LONGEST_DAYS, initial=365)


class MakeBotToken(AboutPerson):
    """Make a token for a bot."""

    verb = "bot.manage"
    title = _("Make a token")
    button = _("Make the token")
    form_class = TokenForm

    def targets(self) -> QuerySet[Any]:
        """Give the bots."""
        return User.objects.filter(kind=User.Kind.BOT, is_active=True)

    def do(self, actor: Actor, given: dict[str, Any]) -> Any:
        """Make it, and show it this once."""
        lifetime = timedelta(days=given["days"])
        token = bots.new_token(actor, self.target, name=given["name"], scopes=given["scopes"], lifetime=lifetime)
        return self.answer("admin/once.html", {"title": _("The token"), "secret": token, "back_url": self.back_url()})


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Suspend.at(site, "people/<int:pk>/suspend/", "person_suspend"),
        Restore.at(site, "people/<int:pk>/restore/", "person_restore"),
        RevokeToken.at(site, "people/tokens/<int:pk>/revoke/", "token_revoke"),
        MakeBot.at(site, "people/bots/make/", "bot_make"),
        MakeBotToken.at(site, "people/<int:pk>/token/", "bot_token"),
    ]
