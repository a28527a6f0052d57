"""Naming an owner for a conversation that has none: one of its members."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Exists, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.admin.deed import Deed
from accounts.admin.table import Words
from accounts.models import User
from messaging import ownership
from messaging.models import Conversation, Membership


class NameOwner(Deed):
    """Make a member the owner."""

    verb = "conversation.hand_over"
    title = _("Name an owner")
    button = _("Make the owner")
    target: Conversation

    @cached_property
    def member(self) -> User:
        """Find who it is: somebody who is in it, or nobody."""
        id = self.kwargs["member"]
        is_in = Membership.objects.filter(conversation_id=self.target.pk, person_id=id).extra(
            where=["upper_inf(spans)"]
        )
        return get_object_or_404(User.objects.filter(Exists(is_in)), pk=id)

    def targets(self) -> QuerySet[Any]:
        """Give the channels and groups."""
        return Conversation.objects.filter(kind__in=["channel", "group"], shown_at__isnull=False)

    def places(self) -> list[tuple[str, Words]]:
        """Give the pages above."""
        name = self.target.name or _("Group %s") % self.target.pk
        return [
            (reverse("admin:messaging_conversation_changelist"), _("Conversations")),
            (reverse("admin:messaging_conversation_change", args=[self.target.pk]), name),
        ]

    def consequences(self) -> list[Words]:
        """Say what happens."""
        return [
            _("%(name)s (@%(username)s) owns this conversation then: adds and removes people, and gives roles in it.")
            % {"name": self.member.name, "username": self.member.username},
            _("Everybody in it sees that you did this. You don't come into it, and read nothing of it."),
        ]

    def do(self, actor: Actor, given: dict[str, Any]) -> Words:
        """Do it."""
        ownership.name_owner(actor, self.target.pk, self.member.pk)
        return _("%s is the owner now.") % self.member.name


def urls(site: AdminSite) -> list[URLPattern]:
    """Give the address."""
    return [NameOwner.at(site, "conversations/<int:pk>/owner/<int:member>/", "conversation_owner")]
