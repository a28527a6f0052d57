"""`/conversations/ID/receipts`: how far something that was said has got."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging.api import describe
from messaging.api.conversations import person_id
from messaging.api.problems import refused
from messaging.api.wire import whole_number
from messaging.database import rows
from messaging.protocol import bodies, limits
from messaging.seen_by import seen_by


class Receipts(APIView):
    """Who has received and read an event."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(
        **describe.shows(
            bodies.SeenBy,
            "How many have received and read an event; in a small conversation, who and when",
            [describe.whole("seq", "Of this event; the last one by default.")],
        )
    )
    def get(self, request: Request, conversation: int) -> Response:
        """Show it."""
        seq = whole_number(request, "seq")
        found = None
        if conversation <= limits.LARGEST_INTEGER:
            found = seen_by(rows, person_id(request), conversation, seq)
        if found is None:
            raise refused("not_found")
        return Response(found)
