"""`/conversations/ID/messages/SEQ/reports` and `/me/reports`: what the moderators should look at."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import reporting
from messaging.api import describe
from messaging.api.conversations import person_id, standing_or_refuse
from messaging.api.wire import cursor, limit, read, read_cursor
from messaging.database import rows
from messaging.protocol import moderation
from messaging.protocol.commands import Seq


class Reports(APIView):
    """Reports of a message."""

    verbs = {"POST": "message.report"}

    @extend_schema(**describe.creates(moderation.NewReport, moderation.Report, "Report a message to the moderators"))
    def post(self, request: Request, conversation: int, seq: int) -> Response:
        """Report it: 201, or 200 with the report that one has made of it already."""
        standing_or_refuse(request, conversation)
        given = read(request, moderation.NewReport)
        made, is_new = reporting.report(conversation, seq, by=person_id(request), given=given)
        return Response(made, status=201 if is_new else 200)


class Mine(APIView):
    """What one has reported."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.lists(moderation.ReportsPage, "What I have reported, the latest first"))
    def get(self, request: Request) -> Response:
        """List it, with what became of it."""
        size = limit(request)
        (before,) = read_cursor(request, tuple[Seq]) or (None,)
        found = reporting.mine(rows, person_id(request), before=before, limit=size + 1)
        following = cursor(found[size - 1].id) if len(found) > size else None
        return Response(moderation.ReportsPage(reports=found[:size], cursor=following))
