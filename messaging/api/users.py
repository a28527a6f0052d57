"""`/users`: who others are."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actor, rights
from accounts.refusal import Refusal
from messaging import people
from messaging.api import describe
from messaging.api.conversations import person_id
from messaging.api.wire import cursor, limit, read_cursor
from messaging.database import rows
from messaging.protocol import bodies
from messaging.protocol.codec import Refused

_FIND = [
    OpenApiParameter("ids", OpenApiTypes.STR, description="Ids, separated by commas: at most 200."),
    OpenApiParameter("q", OpenApiTypes.STR, description="The start of a username or of a word of a name."),
]


def read_ids(request: Request) -> list[int]:
    """Read `ids`. Raises Refused for what is no list of at most 200 ids."""
    ids = request.query_params["ids"].split(",")
    if len(ids) > 200 or not all(id.isascii() and id.isdigit() and len(id) < 17 for id in ids):
        raise Refused("malformed", "`ids` is at most 200 whole numbers, separated by commas.")
    return [int(id) for id in ids]


class Users(APIView):
    """People."""

    verbs = {"GET": "conversation.read"}

    @extend_schema(**describe.lists(bodies.UsersPage, "People, by id or by the start of a name", _FIND))
    def get(self, request: Request) -> Response:
        """Look people up: by id whom one shares a conversation with, and everybody where one has the directory."""
        asking = actor.of_request(request)
        if "ids" in request.query_params:
            found = people.by_id(
                rows,
                read_ids(request),
                seen_by=person_id(request),
                in_directory=rights.allowed(asking, "directory.read"),
            )
            return Response(bodies.UsersPage(users=found, cursor=None))
        try:
            rights.check(asking, "directory.read")
        except Refusal as refusal:
            raise Refused("forbidden", refusal.detail) from None
        size = limit(request)
        after = read_cursor(request, tuple[str]) or ("",)
        start = request.query_params.get("q", "")[:64]
        found = (
            []
            if "\x00" in start  # nobody's name has one, and the database takes none
            else people.search(rows, start, seen_by=person_id(request), after=after[0], limit=size + 1)
        )
        page = bodies.UsersPage(
            users=found[:size], cursor=cursor(found[size - 1].username) if len(found) > size else None
        )
        return Response(page)
