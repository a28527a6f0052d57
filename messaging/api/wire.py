"""HTTP bodies as msgspec structs: how they are read, rendered and described."""

import base64
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from messaging.protocol import bodies, frames, limits, moderation
from messaging.protocol.codec import Refused

_encode = msgspec.json.Encoder().encode

T = TypeVar("T")


class MsgspecRenderer(BaseRenderer):
    """Renders structs (and plain values) as JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Encode the response's data; nothing for no data."""
        return b"" if data is None else _encode(data)


def read(request: Request, struct: type[T]) -> T:
    """Decode a request's body. Raises Refused (`malformed`) with what is wrong."""
    try:
        return msgspec.json.decode(request.body, type=struct)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused("malformed", f"The body can't be read: {error}.") from None


def whole_number(request: Request, name: str, *, least: int = 0, most: int = limits.LARGEST_INTEGER) -> int | None:
    """Read a parameter that is a whole number; what is over `most` counts as `most`. Raises Refused otherwise."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 17) or int(text) < least:
        raise Refused("malformed", f"`{name}` is a whole number from {least}.")
    return min(int(text), most)


def limit(request: Request, default: int = 50) -> int:
    """Read `limit`: how many entries a page has, at most 200."""
    return whole_number(request, "limit", least=1, most=200) or default


def cursor(*parts: Any) -> str:
    """Make the opaque cursor of a list's next page."""
    return base64.urlsafe_b64encode(_encode(parts)).decode().rstrip("=")


def read_cursor(request: Request, shape: type[T]) -> T | None:
    """Read `cursor`; None for the first page. Raises Refused for one that this list did not give."""
    text = request.query_params.get("cursor")
    if not text:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=shape)
    except (msgspec.MsgspecError, ValueError):
        raise Refused("malformed", "`cursor` is what the page before gave, unchanged.") from None


_DESCRIBED: tuple[type[msgspec.Struct], ...] = (
    bodies.MessagesPage,
    bodies.EventsPage,
    bodies.MembersPage,
    bodies.ConversationsPage,
    bodies.UsersPage,
    bodies.ConversationDetails,
    bodies.SeenBy,
    bodies.NewConversation,
    bodies.NewMessage,
    bodies.NewMember,
    bodies.ConversationChange,
    bodies.ChannelsPage,
    moderation.MutesPage,
    moderation.Muted,
    moderation.NewMute,
    moderation.BansPage,
    moderation.Banned,
    moderation.NewBan,
    moderation.NewReport,
    moderation.Report,
    moderation.ReportsPage,
    bodies.PinsPage,
    bodies.VersionsPage,
    bodies.Problem,
    bodies.Acknowledged,
    bodies.Member,
    bodies.Me,
    bodies.ThreadsPage,
    bodies.StatePage,
    bodies.UserGroupsPage,
    bodies.Said,
    bodies.Answered,
    bodies.Polled,
    frames.Person,
)


def _components() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Make a reference for each struct, and what they refer to; of one name there are an event, a command, a frame."""
    made = msgspec.json.schema_components(_DESCRIBED, ref_template="#/components/schemas/{name}")
    named = re.sub(rb"messaging\.protocol\.(event|command|frame)s\.(\w+)", _spoken, _encode(made))
    references, components = msgspec.json.decode(named)
    return references, components


def _spoken(found: re.Match[bytes]) -> bytes:
    return found[2] + found[1].capitalize()


_references, COMPONENTS = _components()
_SCHEMAS = dict(zip(_DESCRIBED, _references, strict=True))
#: On the wire an event's fields stand beside the frame's `type`.
_framed = COMPONENTS["EventFrame"]["properties"]
COMPONENTS["EventFrame"] = {
    "title": "EventFrame",
    "allOf": [{"type": "object", "properties": {"type": _framed["type"]}, "required": ["type"]}, _framed["event"]],
}


def schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Give a struct's JSON Schema for OpenAPI: a reference into COMPONENTS."""
    return _SCHEMAS[struct]


def add_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Put the structs' schemas into the OpenAPI document (a hook of drf-spectacular)."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    return result
