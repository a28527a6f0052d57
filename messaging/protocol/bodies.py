"""Bodies of the HTTP calls."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from messaging.protocol import limits
from messaging.protocol.commands import Id, SpokenFrame
from messaging.protocol.events import Event, Message
from messaging.protocol.frames import Conversation, Person, ServerFrame


class Reaction(msgspec.Struct, kw_only=True):
    """An emoji, and who put it there, in that order."""

    emoji: str
    users: list[int]


class HistoryMessage(Message, tag="message", kw_only=True, omit_defaults=True):
    """A message with edits, reactions and deletions applied."""

    edited_at: str | None = None
    deleted_at: str | None = None
    deleted_by: int | None = None
    reactions: list[Reaction] = []
    replies: int = 0
    last_reply_at: str | None = None
    pinned_at: str | None = None
    pinned_by: int | None = None


class MessagesPage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A page of history as of `head`. `more`: there is more in the direction asked for (`around`: before it)."""

    messages: list[HistoryMessage]
    more: bool = msgspec.field()
    head: int
    more_after: bool | None = None


class EventsPage(msgspec.Struct, kw_only=True):
    """A page of the raw log."""

    events: list[Event]
    more: bool


class Member(msgspec.Struct, kw_only=True):
    """Somebody in a conversation, and as what."""

    user: Person
    role: Literal["owner", "moderator", "member"]


class MembersPage(msgspec.Struct, kw_only=True):
    """A page of members, by name."""

    members: list[Member]
    cursor: str | None


class ConversationsPage(msgspec.Struct, kw_only=True):
    """A page of one's conversations, latest first."""

    conversations: list[Conversation]
    cursor: str | None


class UsersPage(msgspec.Struct, kw_only=True):
    """A page of people, by username."""

    users: list[Person]
    cursor: str | None


class UserGroup(msgspec.Struct, kw_only=True):
    """A user group. `members`: how many of those in it one may know of; null for a guest."""

    id: int
    handle: str
    name: str
    description: str
    members: int | None
    is_member: bool


class UserGroupsPage(msgspec.Struct, kw_only=True):
    """A page of user groups, by handle."""

    groups: list[UserGroup]
    cursor: str | None


class Me(Person, kw_only=True, omit_defaults=True):
    """Who one is, and the conversation that is one's own log, once there is one."""

    personal: int | None = None


class Kept(msgspec.Struct, kw_only=True):
    """What a person's own log amounts to, under a key of its kind."""

    kind: str
    key: str
    seq: int
    value: dict[str, Any]


class StatePage(msgspec.Struct, kw_only=True):
    """A page of what is one's own, as of `seq` of one's own log."""

    state: list[Kept]
    seq: int
    cursor: str | None


class Thread(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A thread as one person has it. `read`: how far; `participants`: the first to reply, in that order."""

    conversation: int
    root: int
    followed: bool = msgspec.field()
    replies: int = msgspec.field()
    last_reply_at: str | None = None
    read: int = msgspec.field()
    unread: int = msgspec.field()
    participants: list[int] = msgspec.field()


class ThreadsPage(msgspec.Struct, kw_only=True):
    """A page of threads, latest first."""

    threads: list[Thread]
    cursor: str | None


class ConversationDetails(Conversation, kw_only=True, omit_defaults=True):
    """A conversation, with how many are in it."""

    members: int = 0


class Reached(msgspec.Struct, kw_only=True, omit_defaults=True):
    """When a message reached somebody's device, and when it was read."""

    user: int
    delivered_at: str | None = None
    read_at: str | None = None


class SeenBy(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How many of those who may see an event (but for its author) have received and read it.

    `receipts` says who and when, in a conversation of at most 200 members.
    """

    seq: int
    members: int
    delivered: int
    read: int
    receipts: list[Reached] | None = None


class NewConversation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to create."""

    kind: Literal["channel", "group", "direct"]
    name: str = ""
    private: bool = True
    members: list[int] = []


class ConversationChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What to change: the fields that are there. `edits_s` null: as long as the workspace lets."""

    name: Annotated[str, msgspec.Meta(max_length=128)] | msgspec.UnsetType = msgspec.UNSET
    topic: Annotated[str, msgspec.Meta(max_length=250)] | msgspec.UnsetType = msgspec.UNSET
    purpose: Annotated[str, msgspec.Meta(max_length=1000)] | msgspec.UnsetType = msgspec.UNSET
    private: bool | msgspec.UnsetType = msgspec.UNSET
    archived: bool | msgspec.UnsetType = msgspec.UNSET
    read_only: bool | msgspec.UnsetType = msgspec.UNSET
    slow_s: Annotated[int, msgspec.Meta(ge=0, le=21_600)] | msgspec.UnsetType = msgspec.UNSET
    disappears_s: Annotated[int, msgspec.Meta(ge=0, le=7_776_000)] | msgspec.UnsetType = msgspec.UNSET
    history: Literal["start", "joining"] | Annotated[int, msgspec.Meta(ge=1, le=3650)] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    edits_s: Annotated[int, msgspec.Meta(ge=0, le=31_536_000)] | msgspec.UnsetType | None = msgspec.UNSET
    broad_mentions: bool | msgspec.UnsetType = msgspec.UNSET


class Channel(msgspec.Struct, kw_only=True):
    """A public channel. `members` counts up to 1,000."""

    id: int
    name: str
    topic: str
    purpose: str
    members: int
    is_member: bool


class ChannelsPage(msgspec.Struct, kw_only=True):
    """A page of public channels, by name."""

    channels: list[Channel]
    cursor: str | None


class Version(msgspec.Struct, kw_only=True):
    """What a message said, by which event, since when."""

    seq: int
    body: str
    at: str


class VersionsPage(msgspec.Struct, kw_only=True):
    """A page of what a message said, first to last."""

    versions: list[Version]
    cursor: str | None


class PinsPage(msgspec.Struct, kw_only=True):
    """A page of what is pinned, latest message first."""

    messages: list[HistoryMessage]
    cursor: str | None


class NewMessage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to say."""

    id: UUID
    body: str
    thread: Id | None = None
    also: bool = False
    attachments: list[Id] = []
    said_at: str | None = None


class NewMember(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom to add, as what."""

    user: int
    role: Literal["owner", "moderator", "member"] = "member"


class Acknowledged(msgspec.Struct, kw_only=True, omit_defaults=True):
    """As the socket's `ack`."""

    id: UUID
    conversation: int
    seq: int
    at: str
    duplicate: bool = False


class Said(msgspec.Struct, kw_only=True):
    """The frames of a request: any but `hello`. `device` names the stream or the polls that it belongs to."""

    device: UUID | None = None

    frames: Annotated[list[SpokenFrame], msgspec.Meta(min_length=1, max_length=limits.FRAMES_PER_REQUEST)]


class Answered(msgspec.Struct, kw_only=True):
    """The frames that answer those of a request."""

    frames: list[ServerFrame]


class Polled(Answered, kw_only=True):
    """What a poll has found, and where it is: the next one takes the cursors back."""

    cursors: str


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details, with the protocol's `code`."""

    type: str = msgspec.field()
    title: str = msgspec.field()
    status: int = msgspec.field()
    detail: str = msgspec.field()
    code: str = msgspec.field()
    retry_after: float | None = None
