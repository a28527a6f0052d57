"""Frames from the server."""

from typing import Literal
from uuid import UUID

import msgspec

from messaging.protocol.commands import FrameBase
from messaging.protocol.events import Event

Code = Literal[
    "malformed",
    "unknown_type",
    "not_found",
    "forbidden",
    "muted",
    "slow_mode",
    "rate_limited",
    "too_large",
    "archived",
    "held",
    "unavailable",
]


class Condition(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How somebody is, in their own words; after `until` (RFC 3339) nothing."""

    emoji: str = ""
    text: str = ""
    until: str | None = None


class Person(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Somebody, as others see them. `status` comes with `GET /users?ids=`."""

    id: int
    username: str
    name: str
    is_bot: bool = False
    status: Condition | None = None


class Conversation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A conversation as one of its members sees it. `users` are the others of a direct one or an unnamed group."""

    id: int
    kind: Literal["channel", "group", "direct", "personal"]
    name: str
    seq: int
    read: int
    delivered: int
    unread: int
    mentions: int
    role: Literal["owner", "moderator", "member"]
    is_private: bool
    topic: str = ""
    is_archived: bool = False
    users: list[Person] = []
    purpose: str = ""
    is_read_only: bool = False
    slow_s: int = 0
    disappears_s: int = 0
    history: Literal["start", "joining"] | int = "start"
    edits_s: int | None = None
    muted_until: str | None = None
    broad_mentions: bool = False


class Welcome(FrameBase, tag="welcome", kw_only=True):
    """The answer to `hello`: who one is, and what one is in, latest first; and one's own log, once there is one."""

    user: Person
    heartbeat: int
    conversations: list[Conversation]
    personal: Conversation | None = None
    #: The user groups that one is in.
    groups: list[int] = []


class Ack(FrameBase, tag="ack", kw_only=True, omit_defaults=True):
    """The command is committed, numbered, never to be lost."""

    id: UUID
    conversation: int
    seq: int
    at: str
    duplicate: bool = False


class Error(FrameBase, tag="error", kw_only=True, omit_defaults=True):
    """The frame was not carried out: why, for a program and for a person, and when to try again."""

    id: str | None = None
    code: Code
    detail: str
    retry_after: float | None = None


class EventFrame(FrameBase, tag="event", kw_only=True):
    """One event, live. On the wire its fields stand beside `type`; see `codec.event_payload`."""

    event: Event


class Events(FrameBase, tag="events", kw_only=True, omit_defaults=True):
    """A stretch of a log. `more`: ask again with `sync`; `gap`: drop what is cached, load history."""

    conversation: int
    from_: int = msgspec.field(name="from")
    events: list[Event]
    more: bool = False
    gap: bool = False


class ConversationFrame(FrameBase, tag="conversation", kw_only=True):
    """One is in a conversation that is new, or no longer in one; or it changed."""

    conversation: Conversation
    change: Literal["added", "renamed", "archived", "removed"]


class ReceiptEntry(msgspec.Struct, kw_only=True):
    """How far somebody has received and read, since when."""

    user: int
    delivered: int
    read: int
    at: str


class Receipt(FrameBase, tag="receipt", kw_only=True):
    """News of who has read what."""

    conversation: int
    receipts: list[ReceiptEntry]


class Whereabout(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where somebody is: offline or away since `last_seen`. Without `status` it is not known, and nothing is shown.

    `says`: how they say that they are. Beside a `status` its absence means that they say nothing; without one, that it
    isn't told here.
    """

    user: int
    status: Literal["online", "away", "offline"] | None = None
    last_seen: str | None = None
    says: Condition | None = None


class Presence(FrameBase, tag="presence", kw_only=True):
    """News of where people are."""

    users: list[Whereabout]


class Typing(FrameBase, tag="typing", kw_only=True):
    """Who is writing something now, but for oneself: all of them, or the first twenty."""

    conversation: int
    users: list[int]


class Groups(FrameBase, tag="groups", kw_only=True):
    """The user groups that one is in, since that has changed."""

    groups: list[int]


class Pong(FrameBase, tag="pong", kw_only=True, omit_defaults=True):
    """The answer to `ping`."""

    n: int | None = None


ServerFrame = (
    Welcome | Ack | Error | EventFrame | Events | ConversationFrame | Receipt | Presence | Typing | Groups | Pong
)
