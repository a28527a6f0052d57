"""`/groups`: the user groups that a message can mention."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actor, rights
from accounts.refusal import Refusal
from messaging import user_groups
from messaging.api import describe
from messaging.api.conversations import person_id
from messaging.api.users import read_ids
from messaging.api.wire import cursor, limit, read_cursor
from messaging.database import rows
from messaging.protocol import bodies, limits
from messaging.protocol.codec import Refused

_FIND = [
    OpenApiParameter("ids", OpenApiTypes.STR, description="Ids, separated by commas: at most 200."),
    OpenApiParameter("q", OpenApiTypes.STR, description="The start of a handle or of a name."),
]


class Groups(APIView):
    """User groups."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.lists(bodies.UserGroupsPage, "User groups, by id or by the start of a handle", _FIND))
    def get(self, request: Request) -> Response:
        """Look groups up: by id those that stand in what one reads, and everything where one has the directory."""
        asking, mine = actor.of_request(request), person_id(request)
        if "ids" in request.query_params:
            in_directory = rights.allowed(asking, "directory.read")
            found = user_groups.by_id(rows, read_ids(request), seen_by=mine, in_directory=in_directory)
            return Response(bodies.UserGroupsPage(groups=found, cursor=None))
        _check_directory(request)
        size = limit(request)
        after = read_cursor(request, tuple[str]) or ("",)
        start = request.query_params.get("q", "")[:64].replace("\x00", "")
        found = user_groups.page(rows, mine, start, after=after[0].replace("\x00", ""), limit=size + 1)
        last = found[size - 1] if len(found) > size else None
        page = bodies.UserGroupsPage(groups=found[:size], cursor=None if last is None else cursor(last.handle))
        return Response(page)


class GroupMembers(APIView):
    """Who is in a user group."""

    verbs = {"GET": "directory.read"}

    @extend_schema(**describe.lists(bodies.UsersPage, "Who is in a user group, by username"))
    def get(self, request: Request, group: int) -> Response:
        """List them, but for who stands behind a barrier."""
        size = limit(request)
        after = read_cursor(request, tuple[str]) or ("",)
        found = None
        if group <= limits.LARGEST_INTEGER:
            found = user_groups.members(
                rows, group, seen_by=person_id(request), after=after[0].replace("\x00", ""), limit=size + 1
            )
        if found is None:
            raise Refused("not_found", "There is no such group, or it is closed.")
        last = found[size - 1] if len(found) > size else None
        page = bodies.UsersPage(users=found[:size], cursor=None if last is None else cursor(last.username))
        return Response(page)


def _check_directory(request: Request) -> None:
    try:
        rights.check(actor.of_request(request), "directory.read")
    except Refusal as refusal:
        raise Refused("forbidden", refusal.detail) from None
