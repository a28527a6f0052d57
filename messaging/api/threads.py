"""`/threads`: those that one follows, or some of a conversation."""

from datetime import datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import threads
from messaging.api import describe
from messaging.api.conversations import person_id, standing_or_refuse
from messaging.api.wire import cursor, limit, read_cursor, whole_number
from messaging.database import rows
from messaging.protocol import bodies
from messaging.protocol.codec import Refused

#: Roots asked for at once.
ROOTS = 200

_SOME = [
    describe.whole("conversation", "With `roots`: threads of this conversation, followed or not."),
    OpenApiParameter("roots", OpenApiTypes.STR, description="Seqs of roots, separated by commas: at most 200."),
]


class Threads(APIView):
    """Threads."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.lists(bodies.ThreadsPage, "The threads that I follow, latest first", _SOME))
    def get(self, request: Request) -> Response:
        """List them."""
        if "roots" in request.query_params:
            return Response(bodies.ThreadsPage(threads=_some(request), cursor=None))
        before = read_cursor(request, tuple[datetime, int, int])
        found, place = threads.followed(rows, person_id(request), before=before, limit=limit(request))
        return Response(bodies.ThreadsPage(threads=found, cursor=None if place is None else cursor(*place)))


def _some(request: Request) -> list[bodies.Thread]:
    conversation = whole_number(request, "conversation", least=1)
    roots = request.query_params["roots"].split(",")
    if (
        conversation is None
        or len(roots) > ROOTS
        or not all(r.isascii() and r.isdigit() and len(r) < 17 for r in roots)
    ):
        detail = f"`roots` is at most {ROOTS} whole numbers, separated by commas, and `conversation` says of what."
        raise Refused("malformed", detail)
    standing_or_refuse(request, conversation)
    return threads.some(rows, person_id(request), conversation, [int(root) for root in roots])
