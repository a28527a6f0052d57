"""What is done about one person: names, roles, links."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.access import sessions
from accounts.actor import Actor
from accounts.admin.deed import Deed
from accounts.admin.table import Words
from accounts.factors import reset
from accounts.models import PersonLink, User
from accounts.people import email_change, person_links, renaming


class AboutPerson(Deed):
    """A deed about one person, reached from the person's page."""

    target: User

    def targets(self) -> QuerySet[Any]:
        """Give everybody who is not gone for good."""
        return User.objects.filter(deactivated_at=None)

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [
            (reverse("admin:accounts_user_changelist"), _("People")),
            (reverse("admin:accounts_user_change", args=[self.target.pk]), self.target.name),
        ]


class NameForm(forms.Form):
    """What somebody is called."""

    name = forms.CharField(label=_("Name"), max_length=renaming.NAME_LENGTH)
    username = forms.CharField(
        label=_("Username"),
        max_length=64,
        help_text=_("What others mention and sign-in asks for. The person is known by number, so nothing is lost."),
    )


class Rename(AboutPerson):
    """Another name or username."""

    verb = "person.change"
    title = _("Change name or username")
    button = _("Change")
    form_class = NameForm

    def initial(self) -> dict[str, Any]:
        """Begin with what is there."""
        return {"name": self.target.name, "username": self.target.username}

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Rename."""
        renaming.rename(actor, self.target, name=given["name"], username=given["username"])
        return _("Changed.")


class EmailForm(forms.Form):
    """Another address, and why."""

    email = forms.CharField(label=_("New e-mail address"), max_length=254, widget=forms.EmailInput)
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea({"rows": 3}))


class Email(AboutPerson):
    """Ask for another e-mail address."""

    verb = "person.email"
    title = _("Change the e-mail address")
    button = _("Ask for it")
    form_class = EmailForm

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("Another administrator has to approve it."),
            _("Then both addresses are told, every session of the person ends, and the new address is to be verified."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Ask."""
        email_change.ask(actor, self.target, given["email"], given["reason"])
        return _("Asked for: it now waits for somebody else to approve it.")


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea({"rows": 3}))


class ResetFactors(AboutPerson):
    """Ask for somebody's second factors to be taken away."""

    verb = "factor.reset"
    title = _("Reset the second factor")
    button = _("Ask for it")
    form_class = ReasonForm

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("Another administrator has to approve it. Make sure that it is the person who asks: call back."),
            _("Then every factor and recovery code is gone, every session ends, and the person is told."),
            _("The password stays. A role that wants a second factor goes on wanting one."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Ask."""
        reset.ask(actor, self.target, given["reason"])
        return _("Asked for: it now waits for somebody else to approve it.")


class SignOut(AboutPerson):
    """End every session."""

    verb = "session.end"
    title = _("Sign out everywhere")
    button = _("Sign out")
    is_final = True

    def consequences(self) -> list[Words]:
        """Say what happens."""
        facts = {"name": self.target.name, "username": self.target.username}
        return [
            _("%(name)s (@%(username)s) is signed out on every device, at once.") % facts,
            _("Tokens stay: programs go on."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """End them."""
        count = sessions.end_all(actor, self.target)
        return ngettext("%s session ended.", "%s sessions ended.", count) % count


class LinkForm(forms.Form):
    """The other account."""

    username = forms.CharField(label=_("Username of the other account"), max_length=64)
    reason = forms.CharField(
        label=_("How it is known that both are one person's"), max_length=500, widget=forms.Textarea({"rows": 3})
    )


class Link(AboutPerson):
    """Two accounts of one person."""

    verb = "person.link"
    title = _("Link another account")
    button = _("Link the accounts")
    form_class = LinkForm

    def consequences(self) -> list[Words]:
        """Say what it does, and what it doesn't."""
        return [
            _("Both accounts' pages show that they are one person's."),
            _("Nothing else changes: rights, memberships and what was said stay with each account."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Link."""
        person_links.link(actor, self.target, given["username"], given["reason"])
        return _("The accounts are linked.")


class Unlink(Deed):
    """Take a link away."""

    verb = "person.link"
    title = _("Take the link away")
    button = _("Take the link away")
    target: PersonLink

    def targets(self) -> QuerySet[Any]:
        """Give every link."""
        return PersonLink.objects.select_related("one", "other")

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [
            (reverse("admin:accounts_user_changelist"), _("People")),
            (reverse("admin:accounts_user_change", args=[self.target.one_id]), self.target.one.name),
        ]

    def consequences(self) -> list[Words]:
        """Say what it does."""
        names = {"one": self.target.one.username, "other": self.target.other.username}
        return [_("@%(one)s and @%(other)s are no longer shown as one person's.") % names]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Take it away."""
        person_links.unlink(actor, self.target)
        return _("The link is gone.")


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Rename.at(site, "people/<int:pk>/name/", "person_change"),
        Email.at(site, "people/<int:pk>/email/", "person_email"),
        ResetFactors.at(site, "people/<int:pk>/factors/", "person_factors"),
        SignOut.at(site, "people/<int:pk>/signout/", "person_signout"),
        Link.at(site, "people/<int:pk>/link/", "person_link"),
        Unlink.at(site, "people/links/<int:pk>/end/", "person_unlink"),
    ]
