"""Bodies of the HTTP calls."""

from typing import Any, Literal
from uuid import UUID

import msgspec

from messaging.protocol.commands import Id
from messaging.protocol.events import Event, Message
from messaging.protocol.frames import Conversation, Person


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


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details, with the protocol's `code`."""

    type: str = msgspec.field()
    title: str = msgspec.field()
    status: int = msgspec.field()
    detail: str = msgspec.field()
    code: str = msgspec.field()
    retry_after: float | None = None
