"""The conversations that somebody is in, as a list of the person's page: facts, never what was said."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import Asking
from accounts.admin.person_lists import PersonList
from accounts.admin.table import Cell
from accounts.models import User
from messaging.admin import conversations
from messaging.models import Conversation, Membership


def _conversations(user: User) -> QuerySet[Conversation]:
    mine = Membership.objects.filter(conversation_id=OuterRef("pk"), person_id=user.pk).extra(
        where=["upper_inf(spans)"]
    )
    shown = Conversation.objects.filter(Exists(mine), shown_at__isnull=False).exclude(kind=Conversation.Kind.PERSONAL)
    return shown.defer("topic", "purpose").annotate(role=Subquery(mine.values("role"))).order_by("-pk")


def _lines(found: list[Any], user: User, asks: Asking) -> list[Sequence[Any]]:
    conversations.name_all(found)
    return [
        (
            Cell(row.shown_name, url=reverse("admin:messaging_conversation_change", args=[row.pk])),
            conversations.kind(row),
            row.role,
            conversations.state(row),
        )
        for row in found
    ]


LIST = PersonList(
    "conversations",
    _("Conversations"),
    (_("Conversation"), _("Kind"), _("Role here"), _("State")),
    _("In no conversation."),
    _conversations,
    _lines,
    verb="conversation.list",
)
