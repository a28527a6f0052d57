"""What is done with a report: claiming it, giving it back, taking it over, deciding."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin import asking
from accounts.admin.deed import Deed
from accounts.admin.muting import TIMES
from accounts.admin.table import Words
from messaging import deciding, reviewing
from messaging.admin import reports
from messaging.deciding import Decision, Outcome
from messaging.models import Report

_CHOICES: list[tuple[str, Words]] = [
    (Outcome.DISMISSED, _("Dismiss: nothing is done")),
    (Outcome.DELETED, _("Delete the message")),
    (Outcome.MUTED, _("Mute the author in this conversation")),
    (Outcome.SILENCED, _("Mute the author in the whole workspace")),
    (Outcome.REMOVED, _("Remove the author from this conversation")),
    (Outcome.BANNED, _("Ban the author from this conversation")),
]


class AboutReport(Deed):
    """A deed about a report, reached from its page."""

    verb = reviewing.VERB
    target: Report

    def targets(self) -> QuerySet[Any]:
        """Give the reports that are open, of those that this moderator gets."""
        return reviewing.reviewable(asking.of(self.request).actor).filter(decided_at=None)

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [
            (reverse("admin:messaging_report_changelist"), reports.Reports.title),
            (reverse("admin:messaging_report_change", args=[self.target.pk]), reports.title(self.target)),
        ]


class Claim(AboutReport):
    """Take a report."""

    title = _("Claim the report")
    button = _("Claim it")

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [_("Other moderators see that you have it. You decide it, or give it back.")]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Claim it."""
        reviewing.claim(actor, self.target)
        return _("It is yours to decide.")


class Release(AboutReport):
    """Give a report back."""

    title = _("Give the report back")
    button = _("Give it back")

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Give it back."""
        reviewing.release(actor, self.target)
        return _("Somebody else can claim it now.")


class WhyForm(forms.Form):
    """Why."""

    why = forms.CharField(
        label=_("Why"),
        max_length=reviewing.NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Other moderators see it, and it goes on the trail."),
    )


class TakeOver(AboutReport):
    """Take a report from whoever has it."""

    title = _("Take the report over")
    button = _("Take it over")
    form_class = WhyForm

    def consequences(self) -> list[Words]:
        """Say what happens."""
        if self.target.holder_id is None:
            return []
        return [_("%s no longer has it, and you do.") % reviewing.holder(self.target)]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Take it over."""
        reviewing.take_over(actor, self.target, given["why"])
        return _("It is yours to decide.")


class DecisionForm(forms.Form):
    """What is decided, for how long, and why."""

    outcome = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    is_deleted = forms.BooleanField(
        label=_("Delete the message as well"), required=False, help_text=_("The record keeps it.")
    )
    for_s = forms.TypedChoiceField(
        label=_("Mute for"), choices=TIMES, coerce=int, initial=86400, help_text=_("Counts where somebody is muted.")
    )
    note = forms.CharField(
        label=_("Why"),
        max_length=reviewing.NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("For moderators and the trail. Neither the author nor who reported it sees it."),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Words]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        outcome.choices = choices


class Decide(AboutReport):
    """Decide a report."""

    title = _("Decide the report")
    button = _("Decide")
    is_final = True

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Make the form with what can be decided about this one, by this moderator."""
        asks = asking.of(self.request)
        closed = deciding.IN_ROOMS if self.target.kind == "direct" else frozenset()
        choices = [
            (value, words)
            for value, words in _CHOICES
            if value not in closed and (value != Outcome.SILENCED or asks.may("person.mute"))
        ]
        return DecisionForm(data, files, choices=choices)

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("Everybody in the conversation sees what is done there, and that you did it; not that it was reported."),
            _("Whoever has reported this message sees the outcome in a word."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Decide it."""
        decision = Decision(Outcome(given["outcome"]), given["note"], given["is_deleted"], given["for_s"])
        deciding.decide(actor, self.target, decision)
        return _("Decided.")


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Claim.at(site, "reports/<int:pk>/claim/", "report_claim"),
        Release.at(site, "reports/<int:pk>/release/", "report_release"),
        TakeOver.at(site, "reports/<int:pk>/take-over/", "report_take_over"),
        Decide.at(site, "reports/<int:pk>/decide/", "report_decide"),
    ]
