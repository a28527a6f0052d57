"""`/conversations/ID/messages` and `…/events`: history, the raw log, and saying something by POST."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import crowds, history, inbound, log, versions
from messaging.api import describe
from messaging.api.conversations import person_id, standing_or_refuse
from messaging.api.problems import refused
from messaging.api.wire import cursor, limit, read, read_cursor, whole_number
from messaging.database import rows
from messaging.protocol import bodies, commands, frames, limits
from messaging.protocol.codec import Refused
from messaging.protocol.commands import Seq

_PLACES = [
    describe.whole("before", "Only messages before this seq; the latest by default."),
    describe.whole("after", "Only messages after this seq."),
    describe.whole("around", "Messages before, at and after this seq."),
    describe.whole("thread", "Only the thread of this root, the root included."),
    describe.whole("limit", "At most 200; 50 by default."),
]


class Messages(APIView):
    """What was said in a conversation."""

    verbs = {"GET": "conversation.read", "POST": "message.post"}

    @extend_schema(**describe.shows(bodies.MessagesPage, "History, with later events applied", _PLACES))
    def get(self, request: Request, conversation: int) -> Response:
        """Show a page, in seq order, as of `head`."""
        places = {name: whole_number(request, name) for name in ("before", "after", "around", "thread")}
        if sum(places[name] is not None for name in ("before", "after", "around")) > 1:
            raise Refused("malformed", "Give one of `before`, `after` and `around`.")
        page = None
        if conversation <= limits.LARGEST_INTEGER:
            page = history.page(rows, person_id(request), conversation, limit=limit(request), **places)
        if page is None:
            raise refused("not_found")
        return Response(page)

    @extend_schema(**describe.creates(bodies.NewMessage, bodies.Acknowledged, "Say something"))
    def post(self, request: Request, conversation: int) -> Response:
        """Say something, as `send` does: 201 with the ack, 200 for a duplicate."""
        if conversation > limits.LARGEST_INTEGER:
            raise refused("not_found")
        new = read(request, bodies.NewMessage)
        frame = commands.Send(
            id=new.id,
            conversation=conversation,
            body=new.body,
            thread=new.thread,
            also=new.also,
            attachments=new.attachments,
            said_at=new.said_at,
        )
        if crowds.HERE.is_crowded(conversation):
            standing_or_refuse(request, conversation)
            raise refused("rate_limited", crowds.DETAIL, crowds.RETRY_AFTER_S)
        command = inbound.command(frame, person_id(request))
        with transaction.atomic():
            (verdict,) = log.append_in([command])
        answer = inbound.answer(command, verdict)
        if isinstance(answer, frames.Error):
            raise refused(answer.code, answer.detail, answer.retry_after)
        return Response(answer, status=200 if verdict.is_duplicate else 201)


class Pins(APIView):
    """What is pinned to a conversation."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.lists(bodies.PinsPage, "Pinned messages, the latest message first"))
    def get(self, request: Request, conversation: int) -> Response:
        """List them."""
        standing_or_refuse(request, conversation)
        size = limit(request)
        (before,) = read_cursor(request, tuple[Seq]) or (None,)
        found, following = history.pins(rows, person_id(request), conversation, before=before, limit=size)
        return Response(bodies.PinsPage(messages=found, cursor=None if following is None else cursor(following)))


class Versions(APIView):
    """What a message said before it was edited."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.lists(bodies.VersionsPage, "What a message said, first to last"))
    def get(self, request: Request, conversation: int, seq: int) -> Response:
        """List it, the present words included."""
        standing_or_refuse(request, conversation)
        versions.check_shown()
        size = limit(request)
        (after,) = read_cursor(request, tuple[Seq]) or (0,)
        at = min(seq, limits.LARGEST_INTEGER)
        found = versions.page(rows, person_id(request), conversation, at, after=after, limit=size + 1)
        if not found and not after:
            raise refused("not_found")
        following = cursor(found[size - 1].seq) if len(found) > size else None
        return Response(bodies.VersionsPage(versions=found[:size], cursor=following))


class Events(APIView):
    """The raw log."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(
        **describe.shows(
            bodies.EventsPage,
            "The raw log, for sync without a socket",
            [describe.whole("after", "Only events after this seq."), _PLACES[-1]],
        )
    )
    def get(self, request: Request, conversation: int) -> Response:
        """Show a page of it."""
        standing_or_refuse(request, conversation)
        found, more = history.since(
            rows, person_id(request), conversation, whole_number(request, "after") or 0, limit(request)
        )
        return Response(bodies.EventsPage(events=found, more=more))
