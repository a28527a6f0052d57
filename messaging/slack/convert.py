"""One Slack record → the events it stands for. Pure: people and messages are still named as Slack names them."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec

from messaging.protocol import limits
from messaging.slack.body import body
from messaging.slack.emoji import emoji
from messaging.slack.moments import micros
from messaging.slack.records import Message
from messaging.slack.roster import Roster
from messaging.slack.text import Names, finished, unescape, words

EMPTY = "a message without text"
NO_AUTHOR = "no author"
NO_TIME = "no readable time"
NO_NEW_TEXT = "an edit that does not tell the new text"
NO_TARGET = "an edit or deletion that does not tell of which message"
REPLACED = "characters that can't be stored, replaced by U+FFFD"
PARTED = "words that would mention somebody here and did not there, parted by an invisible character"
NO_REACTOR = "reactions whose author the export leaves out"

#: Characters of a conversation's name.
MAX_NAME = 128
#: Slack's bound, and as much again for the links of files and what bots hang on.
MAX_BODY = 2 * limits.IMPORTED_BODY_CHARACTERS
TOO_LONG = f"longer than {MAX_BODY:,} characters"
#: A draft's target: the message that the same record made. Its time won't do, for two messages may have the same.
THIS = -1
UNNAMED = UUID(int=0)


class Skipped(Exception):
    """A record that can't be taken; the text is the reason."""


class Draft(msgspec.Struct, kw_only=True, gc=False):
    """An event to be. Times, `thread` and `target` are microseconds since 1970, a message's name in Slack."""

    kind: str
    author: str
    #: Given by `ids.identify`.
    id: UUID = UNNAMED
    said_at: int | None = None
    body: str = ""
    thread: int | None = None
    #: Who said the thread's root.
    thread_author: str | None = None
    target: int | None = None
    payload: dict[str, Any] | None = None
    #: Who joined or left, by Slack id.
    member: str | None = None
    #: Sets the event apart from others of its kind that come of the same record.
    mark: str = ""
    #: Slack says that it has a thread: of two messages at the same time it is the root.
    is_root: bool = False
    #: A message to be taken only where the export does not have it as a record of its own.
    stands_in: bool = False


class Converter:
    """Turns one conversation's records into drafts. `firsts`: what messages said before their first edit."""

    def __init__(self, roster: Roster, names: Names, firsts: Mapping[int, tuple[int, Message]]) -> None:
        self._roster, self._names, self._firsts = roster, names, firsts
        #: What was taken with a loss, as reason → how often, of the record last converted.
        self.losses: dict[str, int] = {}

    def drafts(self, message: Message) -> list[Draft]:
        """Convert a record; raises Skipped with the reason where it says nothing that can be kept."""
        self.losses = {}
        at, author = micros(message.ts), self._roster.author(message)
        if at is None:
            raise Skipped(NO_TIME)
        if message.subtype == "message_changed":
            return list(self._change(message, at, author))
        if message.subtype == "message_deleted":
            return list(self._deletion(message, at, author))
        if author is None:
            raise Skipped(NO_AUTHOR)
        deed = self._deed(message, at, author)
        return [deed] if deed else list(self._message(message, at, author))

    def _deed(self, message: Message, at: int, author: str) -> Draft | None:
        """Convert what Slack writes as a message and is none: joins, leaves, and changes of the conversation."""
        room, _, deed = (message.subtype or "").partition("_")
        if room not in ("channel", "group", "mpim"):
            return None
        if deed in ("join", "leave"):
            by = message.inviter if deed == "join" and message.inviter else author
            return Draft(kind=deed, author=by, said_at=at, member=author)
        payload: dict[str, Any] | None = None
        kind = deed
        match deed:
            case "topic" | "purpose":
                text = message.topic if deed == "topic" else message.purpose
                payload = None if text is None else {deed: self._clean(words(text, self._names))}
            case "name" if message.name:
                kind, payload = "rename", {"name": self._clean(unescape(message.name))[:MAX_NAME]}
            case "archive" | "unarchive":
                kind, payload = "archive", {"on": deed == "archive"}
        return Draft(kind=kind, author=author, said_at=at, payload=payload) if payload else None

    def _message(self, message: Message, at: int, author: str) -> Iterator[Draft]:
        _, first = self._firsts.get(at, (0, None))
        if first is not None and self._roster.author(first) != author:
            first = None  # somebody else's, of the same microsecond
        yield self._spoken(first or message, message, at, author)
        edited = message.edited
        # Where the log of edits is in the export, its records tell the edits; else only the last text is known.
        if edited is not None and first is None:
            yield Draft(
                kind="edit",
                author=edited.user or author,
                said_at=micros(edited.ts),
                body=self._body(message),
                target=THIS,
                mark=edited.ts or "",
            )
        yield from self._reactions(message)

    def _spoken(self, wording: Message, message: Message, at: int, author: str) -> Draft:
        text = self._body(wording)
        if not text.strip():
            raise Skipped(EMPTY)
        if len(text) > MAX_BODY:
            raise Skipped(TOO_LONG)
        thread = micros(message.thread_ts)
        return Draft(
            kind="message",
            author=author,
            said_at=at,
            body=text,
            thread=None if thread == at else thread,
            thread_author=message.parent_user_id,
            is_root=thread == at,
            payload={"me": True} if message.subtype == "me_message" else None,
        )

    def _reactions(self, message: Message) -> Iterator[Draft]:
        for reaction in message.reactions or ():
            sign, users = emoji(reaction.name), dict.fromkeys(reaction.users or ())
            for user in users:
                yield Draft(
                    kind="react", author=user, target=THIS, payload={"emoji": sign, "on": True}, mark=reaction.name
                )
            self._lose(NO_REACTOR, (reaction.count or 0) - len(users))

    def _change(self, message: Message, at: int, author: str | None) -> Iterator[Draft]:
        target, before = changed(message), message.before
        if target is None:
            raise Skipped(NO_TARGET)
        yield from self._stand_in(before, target)
        after = message.message or message
        text = self._body(after)
        if not text.strip():
            raise Skipped(NO_NEW_TEXT)
        if len(text) > MAX_BODY:
            raise Skipped(TOO_LONG)
        by = (after.edited and after.edited.user) or author or self._roster.author(after)
        if by is None:
            raise Skipped(NO_AUTHOR)
        yield Draft(kind="edit", author=by, said_at=at, body=text, target=target)

    def _deletion(self, message: Message, at: int, author: str | None) -> Iterator[Draft]:
        target, before = changed(message), message.before
        by = author or (self._roster.author(before) if before else None)
        if target is None:
            raise Skipped(NO_TARGET)
        if by is None:
            raise Skipped(NO_AUTHOR)
        yield from self._stand_in(before, target)
        yield Draft(kind="delete", author=by, said_at=at, target=target)

    def _stand_in(self, before: Message | None, at: int) -> Iterator[Draft]:
        author = self._roster.author(before) if before else None
        if before is None or author is None:
            return
        draft = self._spoken(self._firsts.get(at, (0, before))[1], before, at, author)
        draft.stands_in = True
        yield draft

    def _body(self, message: Message) -> str:
        return self._clean(body(message, self._names))

    def _clean(self, text: str) -> str:
        done = finished(text)
        if done.replaced or done.parted:
            self._lose(REPLACED, done.replaced)
            self._lose(PARTED, done.parted)
        return done.text

    def _lose(self, reason: str, times: int) -> None:
        if times > 0:
            self.losses[reason] = self.losses.get(reason, 0) + times


def changed(message: Message) -> int | None:
    """Tell which message (by its microseconds) a record of an edit or deletion is about."""
    before, after = message.before, message.message
    return micros((before and before.ts) or (after and after.ts) or message.deleted_ts)
