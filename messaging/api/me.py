"""`/me` and `/me/state`: who one is, and what is one's own."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import people, personal
from messaging.api import describe
from messaging.api.conversations import person_id
from messaging.api.wire import cursor, limit, read_cursor
from messaging.database import rows
from messaging.protocol import bodies
from messaging.protocol.codec import Refused

_KIND = OpenApiParameter("kind", OpenApiTypes.STR, description=f"One of {', '.join(personal.KINDS)}; all by default.")


class Me(APIView):
    """Whoever asks."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.shows(bodies.Me, "Who I am"))
    def get(self, request: Request) -> Response:
        """Show who one is."""
        mine = person_id(request)
        found = people.by_id(rows, [mine], seen_by=mine)[0]
        shown = bodies.Me(
            id=found.id,
            username=found.username,
            name=found.name,
            is_bot=found.is_bot,
            personal=personal.find(rows, mine),
        )
        return Response(shown)


class State(APIView):
    """What is one's own."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.lists(bodies.StatePage, "What is my own: drafts, saved, follows, levels …", [_KIND]))
    def get(self, request: Request) -> Response:
        """Show a page of it, by kind and key."""
        kind = request.query_params.get("kind")
        if kind is not None and kind not in personal.KINDS:
            raise Refused("malformed", f"`kind` is one of {', '.join(personal.KINDS)}.")
        size = limit(request)
        after = read_cursor(request, tuple[str, str]) or ("", "")
        if any("\x00" in part for part in after):
            raise Refused("malformed", "`cursor` is what the page before gave, unchanged.")
        seq, found = personal.page(rows, person_id(request), kind=kind, after=after, limit=size + 1)
        more = found[size - 1] if len(found) > size else None
        page = bodies.StatePage(
            state=found[:size], seq=seq, cursor=None if more is None else cursor(more.kind, more.key)
        )
        return Response(page)
