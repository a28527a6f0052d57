"""Events as they travel: one struct a kind, told apart by `kind`."""

from typing import Any, Literal, get_args
from uuid import UUID

import msgspec


class EventBase(msgspec.Struct, tag_field="kind", kw_only=True, omit_defaults=True):
    """What every event has. `at` is PostgreSQL's clock at the commit, `said_at` what `source` claims.

    `expires_at`: what was said for a time, and edits of it, are shown until then.
    """

    conversation: int
    seq: int
    id: UUID
    user: int
    at: str
    said_at: str | None = None
    source: str | None = None
    expires_at: str | None = None


class GroupMention(msgspec.Struct, kw_only=True, frozen=True):
    """A user group that a message mentions."""

    group: int


class Message(EventBase, tag="message", kw_only=True, omit_defaults=True):
    """Somebody said something, at the root or in the thread of an earlier message."""

    body: str
    thread: int | None = None
    also: bool = False
    attachments: list[int] = []
    mentions: list[int | GroupMention | Literal["channel", "here"]] = []
    me: bool = False


class Edit(EventBase, tag="edit", kw_only=True, omit_defaults=True):
    """The author gave a message other words."""

    target: int
    body: str


class Delete(EventBase, tag="delete", kw_only=True, omit_defaults=True):
    """A message was deleted for everyone. The record keeps it."""

    target: int


class React(EventBase, tag="react", kw_only=True, omit_defaults=True):
    """Somebody put an emoji to a message, or took it back."""

    target: int
    emoji: str
    on: bool


class Pin(EventBase, tag="pin", kw_only=True, omit_defaults=True):
    """Somebody pinned a message to the conversation, or took it off."""

    target: int
    on: bool


class Join(EventBase, tag="join", kw_only=True, omit_defaults=True):
    """Somebody became a member."""

    member: int
    #: Without a default: msgspec leaves a text out only where it is the very object, so one event had two forms.
    role: str


class Leave(EventBase, tag="leave", kw_only=True, omit_defaults=True):
    """Somebody is a member no more: the last event that this person gets."""

    member: int


class Role(EventBase, tag="role", kw_only=True, omit_defaults=True):
    """A member's role in the conversation changed."""

    member: int
    role: str


class Rename(EventBase, tag="rename", kw_only=True, omit_defaults=True):
    """The conversation got another name."""

    name: str


class Topic(EventBase, tag="topic", kw_only=True, omit_defaults=True):
    """The conversation got another topic."""

    topic: str


class Purpose(EventBase, tag="purpose", kw_only=True, omit_defaults=True):
    """The conversation got another purpose."""

    purpose: str


class Archive(EventBase, tag="archive", kw_only=True, omit_defaults=True):
    """The conversation was archived, or opened again."""

    on: bool


class Private(EventBase, tag="private", kw_only=True, omit_defaults=True):
    """A public channel became one to which people are invited."""

    on: bool


class Rules(EventBase, tag="rules", kw_only=True, omit_defaults=True):
    """Some of the conversation's rules changed: those that are there.

    `slow_s`: the pause between two messages of a member. `disappears_s`: how long what is said from now on is shown.
    `history`: what who joins may read (days, or a word). `edits_s`: how long members may edit and delete.
    `broad_mentions`: members too mention everybody and user groups, however large it is.
    """

    read_only: bool | msgspec.UnsetType = msgspec.UNSET
    slow_s: int | msgspec.UnsetType = msgspec.UNSET
    disappears_s: int | msgspec.UnsetType = msgspec.UNSET
    history: Literal["start", "joining"] | int | msgspec.UnsetType = msgspec.UNSET
    edits_s: int | msgspec.UnsetType | None = msgspec.UNSET
    broad_mentions: bool | msgspec.UnsetType = msgspec.UNSET


class Mute(EventBase, tag="mute", kw_only=True, omit_defaults=True):
    """A member may not write until then; without `until` one may again."""

    member: int
    until: str | None = None


class Ban(EventBase, tag="ban", kw_only=True, omit_defaults=True):
    """Somebody may not come back to the conversation, or may again."""

    member: int
    on: bool


class Draft(EventBase, tag="draft", kw_only=True, omit_defaults=True):
    """What the person is writing somewhere; without words nothing any more."""

    where: int
    thread: int | None = None
    body: str = ""


class Save(EventBase, tag="save", kw_only=True, omit_defaults=True):
    """The person put a message aside, or took it back."""

    where: int
    message: int
    on: bool


class Follow(EventBase, tag="follow", kw_only=True, omit_defaults=True):
    """The person follows a thread, or wants it no more."""

    where: int
    root: int
    on: bool


class Seen(EventBase, tag="seen", kw_only=True, omit_defaults=True):
    """The person has read a thread up to `read`."""

    where: int
    root: int
    read: int


class Level(EventBase, tag="level", kw_only=True, omit_defaults=True):
    """How much of a conversation notifies the person."""

    where: int
    level: Literal["all", "mentions", "none"]
    until: str | None = None


class Prefer(EventBase, tag="prefer", kw_only=True, omit_defaults=True):
    """A preference of the person; without a value what ships counts again."""

    name: str
    value: bool | int | str | None = None


class Block(EventBase, tag="block", kw_only=True, omit_defaults=True):
    """The person takes no direct messages from somebody, or does again."""

    person: int
    on: bool


class Status(EventBase, tag="status", kw_only=True, omit_defaults=True):
    """How the person is."""

    emoji: str = ""
    text: str = ""
    until: str | None = None


class Schedule(EventBase, tag="schedule", kw_only=True, omit_defaults=True):
    """What the person will say at `due_at`."""

    schedule: str
    where: int
    thread: int | None = None
    also: bool = False
    due_at: str
    body: str


class Unschedule(EventBase, tag="unschedule", kw_only=True, omit_defaults=True):
    """It was said, or taken back; or refused, and `why`."""

    schedule: str
    why: str | None = None


#: The kinds of a person's own log.
Personal = Draft | Save | Follow | Seen | Level | Prefer | Block | Status | Schedule | Unschedule
Event = (
    Message
    | Edit
    | Delete
    | React
    | Pin
    | Join
    | Leave
    | Role
    | Rename
    | Topic
    | Purpose
    | Archive
    | Private
    | Rules
    | Mute
    | Ban
    | Personal
)

#: The struct of a kind, by the name that the log stores.
BY_KIND: dict[str, type[Event]] = {str(struct.__struct_config__.tag): struct for struct in get_args(Event)}


def named(mentions: list[Any]) -> list[Any]:
    """Give a payload's mentions as an event has them: user groups as structs."""
    return [GroupMention(**each) if isinstance(each, dict) else each for each in mentions]


def event(
    kind: str,
    common: dict[str, Any],
    target: int | None = None,
    thread: int | None = None,
    body: str | None = None,
    payload: dict[str, Any] | None = None,
) -> Event:
    """Build the event of a kind from the log's columns. Raises KeyError for a kind that this release doesn't know."""
    struct = BY_KIND[kind]
    fields = {**common, **(payload or {})}
    if struct is Message:
        if "mentions" in fields:
            fields["mentions"] = named(fields["mentions"])
        return Message(body=body or "", thread=thread, **fields)
    fields.pop("from", None)  # a join's first visible seq is the server's business
    if target is not None:
        fields["target"] = target
    if struct in (Edit, Draft, Schedule):
        fields["body"] = body or ""
    if struct is Join:
        fields.setdefault("role", "member")
    return struct(**fields)
