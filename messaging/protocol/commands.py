"""Frames from the client."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from messaging.protocol import limits

Id = Annotated[int, msgspec.Meta(ge=1, le=limits.LARGEST_INTEGER)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=limits.LARGEST_INTEGER)]
Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
#: An id as the key of a map, which JSON knows as text only.
IdKey = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,15}\Z")]
Cursors = Annotated[dict[IdKey, Seq], msgspec.Meta(max_length=limits.CURSORS)]


class FrameBase(msgspec.Struct, tag_field="type", kw_only=True):
    """One object with a `type`."""


class Send(FrameBase, tag="send", kw_only=True):
    """Say something. `said_at` (RFC 3339) where it was written offline."""

    id: UUID
    conversation: Id
    body: str
    thread: Id | None = None
    attachments: list[Id] = []
    said_at: str | None = None


class Edit(FrameBase, tag="edit", kw_only=True):
    """Give one's own message other words."""

    id: UUID
    conversation: Id
    seq: Id
    body: str


class Delete(FrameBase, tag="delete", kw_only=True):
    """Delete a message for everyone."""

    id: UUID
    conversation: Id
    seq: Id


class React(FrameBase, tag="react", kw_only=True):
    """Put an emoji to a message, or take it back."""

    id: UUID
    conversation: Id
    seq: Id
    emoji: Emoji
    on: bool


class Hello(FrameBase, tag="hello", kw_only=True):
    """Open the conversation between client and server: the first frame of a socket."""

    cursors: Cursors = {}
    device: Annotated[str, msgspec.Meta(max_length=128)] | None = None


class Sync(FrameBase, tag="sync", kw_only=True):
    """Ask for what came after these cursors."""

    cursors: Cursors


class Read(FrameBase, tag="read", kw_only=True):
    """Tell how far one has read."""

    conversation: Id
    seq: Seq


class Delivered(FrameBase, tag="delivered", kw_only=True):
    """Tell how far this device has received."""

    conversation: Id
    seq: Seq


class Watch(FrameBase, tag="watch", kw_only=True):
    """Tell what is on the screen now: news of these, and of no others, from now on."""

    conversations: Annotated[list[Id], msgspec.Meta(max_length=limits.WATCHED_CONVERSATIONS)] = []


class Typing(FrameBase, tag="typing", kw_only=True):
    """Tell that one is writing something: every few seconds, while one is."""

    conversation: Id


class Ping(FrameBase, tag="ping", kw_only=True):
    """Show that one is there."""

    n: Seq | None = None


LogCommand = Send | Edit | Delete | React
Frame = LogCommand | Hello | Sync | Read | Delivered | Watch | Typing | Ping

#: The `type` of every frame that a client may send.
TYPES = frozenset(
    str(struct.__struct_config__.tag)
    for struct in (Send, Edit, Delete, React, Hello, Sync, Read, Delivered, Watch, Typing, Ping)
)


class Envelope(msgspec.Struct):
    """What is read of a frame that is not of its type: enough to answer it."""

    type: Any = None
    id: Any = None
