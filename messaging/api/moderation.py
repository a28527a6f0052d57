"""`/conversations/ID/mutes` and `…/bans`: keeping order in a conversation."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import moderating, people
from messaging.api import describe
from messaging.api.conversations import person_id, standing_or_refuse
from messaging.api.wire import cursor, limit, read, read_cursor
from messaging.database import rows
from messaging.entry import instant
from messaging.protocol import moderation


def _page(request: Request, conversation: int, verb: str, lists: Callable[..., list[Any]]) -> tuple[list[Any], Any]:
    """Read a page by username, for who moderates, with the cursor of the next."""
    moderating.check_moderates(standing_or_refuse(request, conversation), verb)
    size = limit(request)
    after = read_cursor(request, tuple[str]) or ("",)
    found = lists(rows, conversation, after=after[0], limit=size + 1)
    return found[:size], cursor(found[size - 1].user.username) if len(found) > size else None


class Mutes(APIView):
    """Who may not write for now."""

    verbs = {"GET": "conversation.moderate", "POST": "conversation.moderate"}

    @extend_schema(**describe.lists(moderation.MutesPage, "Who is muted here, by username"))
    def get(self, request: Request, conversation: int) -> Response:
        """List them."""
        found, following = _page(request, conversation, "mute", moderating.muted)
        return Response(moderation.MutesPage(mutes=found, cursor=following))

    @extend_schema(**describe.creates(moderation.NewMute, moderation.Muted, "Mute a member for a time"))
    def post(self, request: Request, conversation: int) -> Response:
        """Mute somebody, whoever may: a further time replaces the former one."""
        standing_or_refuse(request, conversation)
        new = read(request, moderation.NewMute)
        until = moderating.mute(conversation, by=person_id(request), member=new.user, for_s=new.for_s)
        shown = people.by_id(rows, [new.user], seen_by=person_id(request))[0]
        return Response(moderation.Muted(user=shown, until=instant(until)), status=201)


class Mute(APIView):
    """One member who may not write."""

    verbs = {"DELETE": "conversation.moderate"}

    @extend_schema(**describe.removes("Let a member write again"))
    def delete(self, request: Request, conversation: int, user: int) -> Response:
        """Let somebody write again."""
        standing_or_refuse(request, conversation)
        moderating.unmute(conversation, by=person_id(request), member=user)
        return Response(status=204)


class Bans(APIView):
    """Who may not come back."""

    verbs = {"GET": "conversation.moderate", "POST": "conversation.moderate"}

    @extend_schema(**describe.lists(moderation.BansPage, "Who is banned from here, by username"))
    def get(self, request: Request, conversation: int) -> Response:
        """List them."""
        found, following = _page(request, conversation, "ban", moderating.banned)
        return Response(moderation.BansPage(bans=found, cursor=following))

    @extend_schema(**describe.creates(moderation.NewBan, moderation.Banned, "Ban somebody, who leaves where a member"))
    def post(self, request: Request, conversation: int) -> Response:
        """Ban somebody: 201, or 200 where that was so already."""
        standing_or_refuse(request, conversation)
        new = read(request, moderation.NewBan)
        is_new = moderating.ban(conversation, by=person_id(request), person=new.user)
        return Response(moderating.ban_of(rows, conversation, new.user), status=201 if is_new else 200)


class Ban(APIView):
    """One ban."""

    verbs = {"DELETE": "conversation.moderate"}

    @extend_schema(**describe.removes("Lift a ban"))
    def delete(self, request: Request, conversation: int, user: int) -> Response:
        """Let somebody come back, by joining anew."""
        standing_or_refuse(request, conversation)
        moderating.unban(conversation, by=person_id(request), person=user)
        return Response(status=204)
