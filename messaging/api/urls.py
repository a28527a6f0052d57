"""Addresses below `/api/v1/`."""

from typing import ClassVar

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from messaging.api import channels, conversations, groups, me, messages, moderation, receipts, reports, threads, users


class Schema(SpectacularJSONAPIView):
    """What there is to call."""

    verbs: ClassVar[dict[str, str]] = {"GET": "conversation.read"}


urlpatterns = [
    path("me", me.Me.as_view()),
    path("me/state", me.State.as_view()),
    path("me/reports", reports.Mine.as_view()),
    path("users", users.Users.as_view()),
    path("conversations", conversations.Conversations.as_view()),
    path("conversations/<int:conversation>", conversations.Conversation.as_view()),
    path("conversations/<int:conversation>/messages", messages.Messages.as_view()),
    path("conversations/<int:conversation>/messages/<int:seq>/versions", messages.Versions.as_view()),
    path("conversations/<int:conversation>/messages/<int:seq>/reports", reports.Reports.as_view()),
    path("conversations/<int:conversation>/events", messages.Events.as_view()),
    path("conversations/<int:conversation>/receipts", receipts.Receipts.as_view()),
    path("conversations/<int:conversation>/members", conversations.Members.as_view()),
    path("conversations/<int:conversation>/members/<int:user>", conversations.Membership.as_view()),
    path("threads", threads.Threads.as_view()),
    path("conversations/<int:conversation>/join", channels.Join.as_view()),
    path("conversations/<int:conversation>/pins", messages.Pins.as_view()),
    path("conversations/<int:conversation>/mutes", moderation.Mutes.as_view()),
    path("conversations/<int:conversation>/mutes/<int:user>", moderation.Mute.as_view()),
    path("conversations/<int:conversation>/bans", moderation.Bans.as_view()),
    path("conversations/<int:conversation>/bans/<int:user>", moderation.Ban.as_view()),
    path("groups", groups.Groups.as_view()),
    path("groups/<int:group>/members", groups.GroupMembers.as_view()),
    path("channels", channels.Channels.as_view()),
    path("schema/", Schema.as_view(), name="schema"),
]
