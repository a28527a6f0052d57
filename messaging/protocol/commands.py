"""Frames from the client."""

from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec

from messaging.protocol import limits

Id = Annotated[int, msgspec.Meta(ge=1, le=limits.LARGEST_INTEGER)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=limits.LARGEST_INTEGER)]
ShortText = Annotated[str, msgspec.Meta(max_length=1000)]
Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
#: An id as the key of a map, which JSON knows as text only.
IdKey = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,15}\Z")]
Cursors = Annotated[dict[IdKey, Seq], msgspec.Meta(max_length=limits.CURSORS)]


class FrameBase(msgspec.Struct, tag_field="type", kw_only=True):
    """One object with a `type`."""


class Send(FrameBase, tag="send", kw_only=True):
    """Say something. `said_at` (RFC 3339) where it was written offline; `also`: a reply, shown in the room too."""

    id: UUID
    conversation: Id
    body: str
    thread: Id | None = None
    also: bool = False
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


class Pin(FrameBase, tag="pin", kw_only=True):
    """Pin a message to the conversation, or take it off."""

    id: UUID
    conversation: Id
    seq: Id
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

    users: Annotated[list[Id], msgspec.Meta(max_length=limits.WATCHED_USERS)] = []
    conversations: Annotated[list[Id], msgspec.Meta(max_length=limits.WATCHED_CONVERSATIONS)] = []


class Typing(FrameBase, tag="typing", kw_only=True):
    """Tell that one is writing something: every few seconds, while one is."""

    conversation: Id


class Active(FrameBase, tag="active", kw_only=True):
    """Tell that somebody is at this device: at input, once a minute is enough."""


class Ping(FrameBase, tag="ping", kw_only=True):
    """Show that one is there."""

    n: Seq | None = None


class Draft(FrameBase, tag="draft", kw_only=True):
    """Keep what is being written, for one's other devices; without words there is none any more."""

    id: UUID
    where: Id
    thread: Id | None = None
    body: str


class Save(FrameBase, tag="save", kw_only=True):
    """Put a message aside for later."""

    id: UUID
    where: Id
    message: Id
    on: bool


class Follow(FrameBase, tag="follow", kw_only=True):
    """Follow a thread or leave it alone, whatever one said in it."""

    id: UUID
    where: Id
    root: Id
    on: bool


class Seen(FrameBase, tag="seen", kw_only=True):
    """Tell how far one has read a thread; it only advances."""

    id: UUID
    where: Id
    root: Id
    read: Seq


class Level(FrameBase, tag="level", kw_only=True):
    """Choose how much of a conversation notifies. `until` (RFC 3339): after that all of it again."""

    id: UUID
    where: Id
    level: Literal["all", "mentions", "none"]
    until: str | None = None


class Prefer(FrameBase, tag="prefer", kw_only=True):
    """Set a preference; null takes it back."""

    id: UUID
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
    value: bool | Annotated[int, msgspec.Meta(ge=0, le=limits.LARGEST_INTEGER)] | ShortText | None


class Block(FrameBase, tag="block", kw_only=True):
    """Take no direct messages from somebody."""

    id: UUID
    person: Id
    on: bool


class Status(FrameBase, tag="status", kw_only=True):
    """Say how one is; without emoji and words nothing. `until` (RFC 3339): after that nothing."""

    id: UUID
    emoji: Annotated[str, msgspec.Meta(max_length=64)] = ""
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    until: str | None = None


class Schedule(FrameBase, tag="schedule", kw_only=True):
    """Say something later, at `due_at` (RFC 3339). The same `schedule` again puts other words or another time."""

    id: UUID
    schedule: UUID
    where: Id
    thread: Id | None = None
    also: bool = False
    due_at: str
    body: str


class Unschedule(FrameBase, tag="unschedule", kw_only=True):
    """Take back what is to be said later."""

    id: UUID
    schedule: UUID


LogCommand = Send | Edit | Delete | React | Pin
#: What goes into the person's own log.
PersonalCommand = Draft | Save | Follow | Seen | Level | Prefer | Block | Status | Schedule | Unschedule
#: What a request may hold: a stream or a poll says where it is by its address.
SpokenFrame = LogCommand | PersonalCommand | Sync | Read | Delivered | Watch | Typing | Active | Ping
Frame = SpokenFrame | Hello

#: The `type` of every frame that a client may send.
TYPES = frozenset(
    str(struct.__struct_config__.tag)
    for struct in (
        Send,
        Edit,
        Delete,
        React,
        Pin,
        *get_args(PersonalCommand),
        Hello,
        Sync,
        Read,
        Delivered,
        Watch,
        Typing,
        Active,
        Ping,
    )
)


class Envelope(msgspec.Struct):
    """What is read of a frame that is not of its type: enough to answer it."""

    type: Any = None
    id: Any = None
