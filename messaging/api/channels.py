"""`/channels` and `/conversations/ID/join`: public channels, found and joined."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import channels
from messaging.api import describe
from messaging.api.conversations import details, person_id
from messaging.api.wire import cursor, limit, read_cursor
from messaging.database import rows
from messaging.protocol import bodies, limits
from messaging.protocol.codec import Refused

_FIND = [OpenApiParameter("q", OpenApiTypes.STR, description="A part of the name.")]


class Channels(APIView):
    """Public channels."""

    verbs = {"GET": "channel.join"}

    @extend_schema(**describe.lists(bodies.ChannelsPage, "Public channels that I am in or may join, by name", _FIND))
    def get(self, request: Request) -> Response:
        """List them: not those that are archived, nor those with somebody behind a barrier."""
        size = limit(request)
        part = request.query_params.get("q", "")[:128].replace("\x00", "")
        after = read_cursor(request, tuple[str, int])
        found = channels.page(rows, person_id(request), part, after=after, limit=size + 1)
        last = found[size - 1] if len(found) > size else None
        page = bodies.ChannelsPage(channels=found[:size], cursor=None if last is None else cursor(last.name, last.id))
        return Response(page)


class Join(APIView):
    """The door of a public channel."""

    verbs = {"POST": "channel.join"}

    @extend_schema(**describe.does(bodies.ConversationDetails, "Join a public channel"))
    def post(self, request: Request, conversation: int) -> Response:
        """Join: 201 with the conversation, or 200 where one was in already. Leaving is removing oneself."""
        if conversation > limits.LARGEST_INTEGER:
            raise Refused("not_found", channels.NOT_THERE)
        is_new = channels.join(conversation, person_id(request))
        return Response(details(person_id(request), conversation), status=201 if is_new else 200)
