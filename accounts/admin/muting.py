"""Who says nothing in the whole workspace for now: the list, muting somebody, and letting somebody write again."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.actor import Actor
from accounts.admin import asking
from accounts.admin.deed import Deed
from accounts.admin.paging import page_of
from accounts.admin.person_deeds import AboutPerson
from accounts.admin.table import Cell, Words, table
from accounts.models import User
from accounts.people import muting
from accounts.refusal import Refusal

VERB = "person.mute"
TITLE = _("Muted people")
#: For how long somebody can be muted (seconds).
TIMES: list[tuple[int, Words]] = [
    (3600, _("1 hour")),
    (86400, _("1 day")),
    (3 * 86400, _("3 days")),
    (7 * 86400, _("1 week")),
    (30 * 86400, _("30 days")),
]


@require_GET
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """List who is muted in the whole workspace."""
    asking.require(request, VERB)
    found = page_of(request, muting.muted().defer("password"))
    headings: list[Words] = [_("Person"), _("Muted until"), ""]
    rows = [
        (
            Cell(user.name, note=f"@{user.username}"),
            user.muted_until,
            Cell(_("Let write again…"), url=reverse("admin:person_unmute", args=[user.pk])),
        )
        for user in found
    ]
    context = {
        "title": TITLE,
        "note": _("They read on, and write in no conversation until then, whatever their role there."),
        "doors": [(_("Mute somebody"), reverse("admin:mute"))],
        "page": found,
        "table": table(headings, rows, _("Nobody is muted in the whole workspace.")),
    }
    return TemplateResponse(request, "admin/person_list.html", site.each_context(request) | context)


def why() -> forms.CharField:
    """Make the field that asks for a reason."""
    return forms.CharField(
        label=_("Why"),
        max_length=muting.REASON_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Goes on the trail."),
    )


class TimeForm(forms.Form):
    """For how long, and why."""

    for_s = forms.TypedChoiceField(label=_("For"), choices=TIMES, coerce=int, initial=86400)
    reason = why()


class MuteForm(TimeForm):
    """Whom as well."""

    username = forms.CharField(label=_("Username"), max_length=64)
    field_order = ["username"]


class _Muting(Deed):
    """Mute somebody in the whole workspace."""

    verb = VERB
    title = _("Mute in the whole workspace")
    button = _("Mute")

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("The person writes, edits and reacts nowhere until the time is over, and reads on."),
            _("That holds for owners and moderators of conversations too. Whoever tries is told how long it lasts."),
        ]


class Mute(_Muting):
    """Mute somebody who is named."""

    form_class = MuteForm

    def places(self) -> list[tuple[str, Words]]:
        """Give the page above."""
        return [(reverse("admin:muted"), TITLE)]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Mute."""
        user = User.objects.filter(username__iexact=given["username"].strip().removeprefix("@")).first()
        if user is None:
            raise Refusal("malformed", _("There is nobody of this username."), field="username")
        muting.mute(actor, user, for_s=given["for_s"], reason=given["reason"])
        return _("%s is muted.") % user.name


class MutePerson(_Muting, AboutPerson):
    """Mute the person of a page."""

    form_class = TimeForm

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Mute."""
        muting.mute(actor, self.target, for_s=given["for_s"], reason=given["reason"])
        return _("%s is muted.") % self.target.name


class ReasonForm(forms.Form):
    """Why."""

    reason = why()


class Unmute(AboutPerson):
    """Let somebody write again."""

    verb = VERB
    title = _("Let write again")
    button = _("Let write again")
    form_class = ReasonForm

    def targets(self) -> QuerySet[Any]:
        """Give who is muted."""
        return muting.muted()

    def places(self) -> list[tuple[str, Words]]:
        """Give the page above."""
        return [(reverse("admin:muted"), TITLE)]

    def consequences(self) -> list[Words]:
        """Say what happens."""
        facts = {"name": self.target.name, "username": self.target.username}
        return [
            _("%(name)s (@%(username)s) writes again at once, but for conversations that have muted the person.")
            % facts
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Lift it."""
        muting.unmute(actor, self.target, reason=given["reason"])
        return _("%s can write again.") % self.target.name


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        path("muted/", site.admin_view(page), {"site": site}, name="muted"),
        Mute.at(site, "muted/mute/", "mute"),
        MutePerson.at(site, "people/<int:pk>/mute/", "person_mute"),
        Unmute.at(site, "people/<int:pk>/unmute/", "person_unmute"),
    ]
