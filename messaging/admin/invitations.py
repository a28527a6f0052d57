"""Invitations: the list, making one by e-mail or as a link, and taking one back."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import workspace
from accounts.actor import Actor
from accounts.admin.deed import Deed
from accounts.admin.default_filter import DefaultFilter
from accounts.admin.listing import Listing
from accounts.admin.table import Cell, Words
from accounts.authority.roles import TITLES
from accounts.mail import outbox
from accounts.models import Invitation, Role
from accounts.people import invitations
from messaging import arrivals
from messaging.models import Conversation, Membership

#: Conversations that can be chosen from.
OFFERED = 200


class StateFilter(DefaultFilter):
    """Still good, or not."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Give the choices."""
        return [("open", _("Still good")), ("closed", _("Used, taken back or run out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> QuerySet[Invitation] | None:
        """Narrow the list."""
        is_good = Q(revoked_at=None, expires_at__gt=timezone.now(), came__lt=F("uses"))
        match self.chosen():
            case "open":
                return queryset.filter(is_good)
            case "closed":
                return queryset.exclude(is_good)
        return None


class Invitations(Listing):
    """Ways in for people who have no account yet."""

    verbs = ("person.invite",)
    title = _("Invitations")
    doors: ClassVar = ((_("Invite somebody"), "admin:invite", "person.invite"),)
    list_display = ("whom", "becomes", "inviter", "came_by", "until", "withdrawal")
    list_filter = (StateFilter,)
    search_fields = ("email",)
    search_help_text = _("E-mail")
    ordering = ("-id",)
    list_select_related = ("invited_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        """Give the invitations, each with how many came."""
        found: QuerySet[Invitation] = super().get_queryset(request)
        return found.annotate(came=Count("acceptances"))

    @admin.display(description=_("For"))
    def whom(self, row: Invitation) -> Words:
        """Say for whom."""
        return row.email or _("whoever has the link")

    @admin.display(description=_("Becomes"))
    def becomes(self, row: Invitation) -> str:
        """Say what it makes of somebody."""
        return row.role

    @admin.display(description=_("By"))
    def inviter(self, row: Invitation) -> Words:
        """Name who invites."""
        return row.invited_by.name if row.invited_by else _("the operator")

    @admin.display(description=_("Came"))
    def came_by(self, row: Any) -> str:
        """Count who came."""
        return f"{row.came} / {row.uses}"

    @admin.display(description=_("Until"), ordering="expires_at")
    def until(self, row: Invitation) -> Any:
        """Say until when."""
        return row.expires_at

    @admin.display(description="")
    def withdrawal(self, row: Any) -> Cell:
        """Offer to take it back while it is good."""
        if row.revoked_at:
            return Cell(_("Taken back"), tone="quiet")
        if row.came >= row.uses or row.expires_at <= timezone.now():
            return Cell()
        return Cell(_("Take back"), url=reverse("admin:invitation_revoke", args=[row.pk]))


class InviteForm(forms.Form):
    """Whom to invite, and to what."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput,
        help_text=_("Empty: you get a link to pass on."),
    )
    role = forms.ChoiceField(label=_("Becomes"))
    uses = forms.IntegerField(
        label=_("Lets in (people)"),
        min_value=1,
        max_value=invitations.USES,
        initial=1,
        help_text=_("For a link. An invitation by e-mail is for one person."),
    )
    conversations = forms.MultipleChoiceField(
        label=_("Into these conversations of yours"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [(name, title.partition(":")[0]) for name, title in TITLES.items() if name not in ("owner", "officer")]
        own = list(Role.objects.order_by("title").values_list("name", "title"))
        self.fields["role"].choices = [("member", _("Member")), ("guest", _("Guest")), *given, *own]  # type: ignore[attr-defined]
        self.fields["conversations"].choices = offered  # type: ignore[attr-defined]
        if not offered:
            del self.fields["conversations"]


class Invite(Deed):
    """Invite somebody."""

    verb = "person.invite"
    title = _("Invite somebody")
    button = _("Invite")

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Offer the conversations to which one may add people."""
        return InviteForm(data, offered=_offered(self.actor))

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [(reverse("admin:accounts_invitation_changelist"), _("Invitations"))]

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [_("The invitation is good for %s days, and can be taken back.") % workspace.value("invitation_days")]

    def do(self, actor: Actor, given: dict[str, Any]) -> Any:
        """Invite; a link is shown this once."""
        made = arrivals.invite(
            actor,
            site=outbox.site(self.request),
            email=given["email"],
            role=given["role"],
            uses=given["uses"],
            conversations=[int(id) for id in given.get("conversations", [])],
        )
        if given["email"]:
            return _("A mail with the invitation is on its way to %s.") % given["email"]
        return self.show_once(made.link)

    def show_once(self, link: str) -> HttpResponse:
        """Show the link, which is kept nowhere."""
        return self.answer("admin/once.html", {"title": _("The link"), "secret": link, "back_url": self.back_url()})


def _offered(actor: Actor) -> list[tuple[str, str]]:
    mine = Membership.objects.filter(person_id=actor.id or 0).extra(where=["upper_inf(spans)"])
    found = Conversation.objects.filter(
        pk__in=mine.values("conversation_id"), kind__in=["channel", "group"], archived_at=None, shown_at__isnull=False
    ).exclude(name="")
    return [(str(id), name) for id, name in found.order_by("name").values_list("pk", "name")[:OFFERED]]


class Revoke(Deed):
    """Take an invitation back."""

    verb = "person.invite"
    title = _("Take the invitation back")
    button = _("Take it back")
    is_final = True
    target: Invitation

    def targets(self) -> QuerySet[Any]:
        """Give what is not taken back."""
        return Invitation.objects.filter(revoked_at=None)

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        return [(reverse("admin:accounts_invitation_changelist"), _("Invitations"))]

    def consequences(self) -> list[Words]:
        """Say what happens."""
        whom = self.target.email or _("whoever has the link")
        return [_("Nobody comes in by the invitation for %s any more.") % whom, _("Who came by it stays.")]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Take it back."""
        invitations.revoke(actor, self.target)
        return _("The invitation is taken back.")


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the addresses."""
    return [
        Invite.at(site, "invitations/invite/", "invite"),
        Revoke.at(site, "invitations/<int:pk>/revoke/", "invitation_revoke"),
    ]
