"""`/conversations`: one's own, one of them, a new one; and who is in it."""

from datetime import datetime
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import changing, conversations, members, people
from messaging.api import describe
from messaging.api.problems import refused
from messaging.api.wire import cursor, limit, read, read_cursor
from messaging.database import rows
from messaging.protocol import bodies, limits
from messaging.protocol.codec import Refused
from messaging.rights import Standing, check_add, check_remove, check_walls_among, standing

#: More people than this are added one by one.
FIRST_MEMBERS = 1000


def person_id(request: Request) -> int:
    """Give the id of whoever asks."""
    return cast("int", request.user.pk)


def standing_or_refuse(request: Request, conversation: int) -> Standing:
    """Give what whoever asks is in a conversation. Raises Refused: not there, or not open, which is the same."""
    found = standing(rows, conversation, person_id(request)) if conversation <= limits.LARGEST_INTEGER else None
    if found is None:
        raise refused("not_found")
    return found


def _check_new(new: bodies.NewConversation, creator: int) -> None:
    others = {member for member in new.members if member != creator}
    if new.kind == "channel" and not new.name.strip():
        raise Refused("malformed", "A channel needs a name.")
    if len(new.name) > 128 or "\x00" in new.name:
        raise Refused("malformed", "A name has at most 128 characters, none of them NUL.")
    if new.kind == "direct" and (len(others) > 1 or new.name):
        raise Refused("malformed", "A direct conversation is with one other person, and has no name of its own.")
    if new.kind == "group" and not others:
        raise Refused("malformed", "A group needs at least one other person.")
    if len(others) > FIRST_MEMBERS:
        raise Refused("malformed", f"A conversation starts with at most {FIRST_MEMBERS} members; add more afterwards.")
    absent = people.missing(rows, [m for m in others if 0 < m <= limits.LARGEST_INTEGER], seen_by=creator)
    absent += [m for m in others if not 0 < m <= limits.LARGEST_INTEGER]
    if absent:
        raise Refused("malformed", f"There is no active person with the id {absent[0]}.")
    check_walls_among(rows, list(others))


class Conversations(APIView):
    """One's conversations."""

    verbs = {"GET": "conversation.read", "POST": "conversation.create"}

    @extend_schema(
        operation_id="conversations_list", **describe.lists(bodies.ConversationsPage, "My conversations, latest first")
    )
    def get(self, request: Request) -> Response:
        """List them."""
        size = limit(request)
        before = read_cursor(request, tuple[datetime, int])
        found = conversations.summaries(rows, person_id(request), before=before, limit=size + 1)
        more = found[size - 1] if len(found) > size else None
        page = bodies.ConversationsPage(
            conversations=[each.frame() for each in found[:size]],
            cursor=None if more is None else cursor(more.at, more.id),
        )
        return Response(page)

    @extend_schema(**describe.creates(bodies.NewConversation, bodies.ConversationDetails, "Create a conversation"))
    def post(self, request: Request) -> Response:
        """Create one: 201, or 200 with the direct one that exists."""
        new = read(request, bodies.NewConversation)
        creator = person_id(request)
        _check_new(new, creator)
        made, is_new = conversations.create(
            new.kind, creator=creator, name=new.name.strip(), is_private=new.private, members=new.members
        )
        return Response(details(creator, made.pk), status=201 if is_new else 200)


def details(person: int, conversation: int) -> bodies.ConversationDetails:
    """Show a conversation of somebody's. Raises Refused where it is none."""
    found = conversations.summaries(rows, person, only=[conversation])
    if not found:
        raise refused("not_found")
    frame = found[0].frame()
    fields: dict[str, Any] = {name: getattr(frame, name) for name in frame.__struct_fields__}
    return bodies.ConversationDetails(**fields, members=members.count(rows, conversation))


class Conversation(APIView):
    """One conversation."""

    verbs = {"GET": "conversation.read", "PATCH": "conversation.change"}

    @extend_schema(**describe.shows(bodies.ConversationDetails, "A conversation of mine"))
    def get(self, request: Request, conversation: int) -> Response:
        """Show it."""
        standing_or_refuse(request, conversation)
        return Response(details(person_id(request), conversation))

    @extend_schema(**describe.changes(bodies.ConversationChange, bodies.ConversationDetails, "Change a conversation"))
    def patch(self, request: Request, conversation: int) -> Response:
        """Change its name, topic or purpose, its rules, archive it, open it again, make it private: all or nothing."""
        standing_or_refuse(request, conversation)
        asked = read(request, bodies.ConversationChange)
        changing.change(conversation, by=person_id(request), given=changing.fields(asked))
        return Response(details(person_id(request), conversation))


class Members(APIView):
    """Who is in a conversation."""

    verbs = {"GET": "conversation.read", "POST": "member.add"}

    @extend_schema(**describe.lists(bodies.MembersPage, "The members, by username"))
    def get(self, request: Request, conversation: int) -> Response:
        """List them."""
        standing_or_refuse(request, conversation)
        size = limit(request)
        after = read_cursor(request, tuple[str]) or ("",)
        found = members.page(rows, conversation, after=after[0], limit=size + 1)
        is_last = len(found) <= size
        page = bodies.MembersPage(
            members=found[:size], cursor=None if is_last else cursor(found[size - 1].user.username)
        )
        return Response(page)

    @extend_schema(**describe.creates(bodies.NewMember, bodies.Member, "Add a member, or change a member's role"))
    def post(self, request: Request, conversation: int) -> Response:
        """Add somebody. Members add members; owners and moderators give roles."""
        mine = standing_or_refuse(request, conversation)
        new = read(request, bodies.NewMember)
        if not 0 < new.user <= limits.LARGEST_INTEGER or people.missing(rows, [new.user], seen_by=person_id(request)):
            raise Refused("malformed", f"There is no active person with the id {new.user}.")
        theirs = standing(rows, conversation, new.user)
        check_add(mine, theirs, new.role)
        conversations.add_member(conversation, by=person_id(request), standing=mine, member=new.user, role=new.role)
        shown = people.by_id(rows, [new.user], seen_by=person_id(request))[0]
        return Response(bodies.Member(user=shown, role=new.role), status=201 if theirs is None else 200)


class Membership(APIView):
    """One member of a conversation."""

    verbs = {"DELETE": "member.remove"}

    @extend_schema(**describe.removes("Remove a member, or leave"))
    def delete(self, request: Request, conversation: int, user: int) -> Response:
        """Remove somebody, or oneself."""
        mine = standing_or_refuse(request, conversation)
        theirs = standing(rows, conversation, user) if user <= limits.LARGEST_INTEGER else None
        if theirs is None:
            raise refused("not_found", "This person is not a member.")
        check_remove(mine, theirs, is_self=user == person_id(request))
        conversations.remove_member(conversation, by=person_id(request), member=user)
        return Response(status=204)
