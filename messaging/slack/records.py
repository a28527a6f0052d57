"""What an export's JSON says, as typed records. Fields that Slack leaves out or sets to null are None or empty."""

import json
from typing import Any, TypeVar

import msgspec

from messaging.slack.archive import UnusableExport

R = TypeVar("R")


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Anything read from the export; fields that are not named here are passed over."""


class Profile(Record, frozen=True):
    """How a user or bot is called."""

    real_name: str | None = None
    display_name: str | None = None
    name: str | None = None
    email: str | None = None
    bot_id: str | None = None


class Account(Record, frozen=True):
    """A user or bot of users.json."""

    id: str
    name: str | None = None
    team_id: str | None = None
    deleted: bool | None = None
    real_name: str | None = None
    is_bot: bool | None = None
    profile: Profile | None = None


class Note(Record, frozen=True):
    """A topic or purpose: `last_set` in seconds since 1970."""

    value: str | None = None
    creator: str | None = None
    last_set: int | None = None


class Listed(Record, frozen=True):
    """A conversation of channels.json, groups.json, dms.json or mpims.json; `created` in seconds since 1970."""

    id: str
    name: str | None = None
    created: int | None = None
    creator: str | None = None
    is_archived: bool | None = None
    members: list[str] | None = None
    topic: Note | None = None
    purpose: Note | None = None


class Edited(Record, frozen=True):
    """Who gave a message its last words, and when."""

    user: str | None = None
    ts: str | None = None


class Reaction(Record, frozen=True):
    """An emoji, and who put it there; Slack may name fewer than it counts."""

    name: str
    users: list[str] | None = None
    count: int | None = None


class File(Record, frozen=True):
    """A file, of which an export has only the address."""

    name: str | None = None
    title: str | None = None
    mode: str | None = None
    url_private: str | None = None
    permalink: str | None = None


class Field(Record, frozen=True):
    """A line of an attachment's table."""

    title: str | None = None
    value: str | None = None


class Attachment(Record, frozen=True):
    """What a bot hangs on a message, or the preview of a link (then `from_url` is set)."""

    fallback: str | None = None
    pretext: str | None = None
    title: str | None = None
    title_link: str | None = None
    text: str | None = None
    fields: list[Field] | None = None
    from_url: str | None = None
    image_url: str | None = None
    blocks: Any = None


class Comment(Record, frozen=True):
    """What was said about a file, in old exports."""

    user: str | None = None
    comment: str | None = None


class Message(Record, frozen=True):
    """One record of a day file. `ts`, its time to the microsecond, is its name within the conversation."""

    ts: str | None = None
    subtype: str | None = None
    user: str | None = None
    text: str | None = None
    thread_ts: str | None = None
    #: The author of the thread's root.
    parent_user_id: str | None = None
    edited: Edited | None = None
    reactions: list[Reaction] | None = None
    files: list[File] | None = None
    file: File | None = None
    attachments: list[Attachment] | None = None
    blocks: Any = None
    bot_id: str | None = None
    username: str | None = None
    bot_profile: Profile | None = None
    user_profile: Profile | None = None
    inviter: str | None = None
    topic: str | None = None
    purpose: str | None = None
    name: str | None = None
    comment: Comment | None = None
    deleted_ts: str | None = None
    message: "Message | None" = None
    original: "Message | None" = None
    previous_message: "Message | None" = None

    @property
    def before(self) -> "Message | None":
        """Give the message as it was before an edit or a deletion, where the record is of one and says so."""
        return self.original or self.previous_message


class Unreadable(Record, frozen=True):
    """An element of a day file that is no message; `why` completes "not a message: …"."""

    why: str


_messages = msgspec.json.Decoder(list[Message])


def messages(name: str, data: bytes) -> list[Message] | list[Message | Unreadable]:
    """Read a day file; raises UnusableExport where it is no JSON or no list."""
    try:
        return _messages.decode(data)
    except (ValueError, RecursionError):
        return [_message(element) for element in _plain_list(name, data)]


def _message(element: object) -> Message | Unreadable:
    try:
        return msgspec.convert(element, Message)
    except (msgspec.ValidationError, RecursionError) as error:
        return Unreadable(why=str(error))


def accounts(name: str, data: bytes) -> list[Account]:
    """Read users.json or org_users.json; raises UnusableExport where it is not a list of users."""
    return _records(name, data, list[Account], "users")


def listed(name: str, data: bytes) -> list[Listed]:
    """Read a file that lists conversations; raises UnusableExport where it is not a list of those."""
    return _records(name, data, list[Listed], "conversations")


def _records(name: str, data: bytes, shape: type[list[R]], what: str) -> list[R]:
    try:
        return msgspec.convert(_plain_list(name, data), shape)
    except msgspec.ValidationError as error:
        raise UnusableExport(f"{name} is not the list of {what} that Slack writes: {error}.") from error


def _plain_list(name: str, data: bytes) -> list[object]:
    """Read JSON with Python's own reader, which takes the unpaired surrogates that Slack lets through."""
    try:
        elements = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnusableExport(f"{name} holds broken JSON ({error}); download the export from Slack again.") from error
    if not isinstance(elements, list):
        raise UnusableExport(f"{name} holds no JSON list; in a Slack export it is a list of records.")
    return elements
