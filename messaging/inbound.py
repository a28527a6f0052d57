"""A client's frames as commands to the log, and the log's verdicts as frames."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args

from accounts.refusal import Refusal
from accounts.rights import check_scope
from messaging.commands import Command, Verdict
from messaging.entry import instant
from messaging.log import RETRY_AFTER_S
from messaging.mentions import find
from messaging.protocol import commands, frames
from messaging.protocol.codec import Refused, check_body, check_text
from messaging.protocol.limits import KEPT

#: What a device with a wrong clock may claim.
EARLIEST, CLOCK_SKEW = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)

#: What there may be too many of.
_KEPT = {
    "draft": "drafts",
    "save": "saved messages",
    "follow": "threads that you follow or left alone",
    "seen": "threads of which it is known how far you have read",
    "level": "conversations with a level of their own",
    "prefer": "preferences",
    "block": "people from whom you take no messages",
    "schedule": "messages that are to be sent later",
}

#: What each refusal tells a person.
DETAILS: dict[str, str] = {
    "not_found": "There is no such conversation or message, or it isn't open to you.",
    "forbidden": "Only its author, or for a deletion a moderator, may do this.",
    "read_only": "Only owners and moderators write in this conversation; you can read it.",
    "broad": (
        "This conversation is too large for members to mention everybody or a group in it: "
        "mention people by name, or ask a moderator."
    ),
    "too_late": "The time in which this message could be edited or deleted is over.",
    "slow_mode": "This conversation is in slow mode: wait a little before you write again.",
    "muted": "You are muted here for now; you can read, and write again later.",
    "archived": "This conversation is archived: it can be read, and nothing is added.",
    "malformed": "This can't be carried out: its id was used for something else, or it replies to a reply.",
    "unavailable": "The server is busy or the database is away. Nothing was stored; send it again.",
    # Why is nobody's business: a barrier, or the other one's wish.
    "silent": "You can't write in this conversation.",
    **{
        f"most_{kind}": f"You have {most:,} {_KEPT[kind]}, and no more are kept: this one was not added."
        for kind, most in KEPT.items()
    },
}


#: What a token needs for a frame; a frame that is not here needs nothing.
VERB_OF: dict[type, str] = {
    **dict.fromkeys(get_args(commands.LogCommand), "message.post"),
    **dict.fromkeys(get_args(commands.PersonalCommand), "message.post"),
    commands.Typing: "message.post",
    **dict.fromkeys((commands.Hello, commands.Sync, commands.Read, commands.Delivered), "conversation.read"),
    **dict.fromkeys((commands.Watch, commands.Active), "conversation.read"),
}


@cache
def beyond(scopes: frozenset[str] | None) -> Mapping[type, str]:
    """Give the frames that a token's scopes don't cover, each with why; none for a session, which has no scopes.

    Looked up once a socket, so that a frame costs no more than asking whether it is among them.
    """
    found = {}
    for type, verb in VERB_OF.items():
        try:
            check_scope(scopes, verb)
        except Refusal as refusal:
            found[type] = refusal.detail
    return found


def _said_at(text: str | None, id: Any) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused("malformed", "`said_at` is an instant with its offset, such as 2026-11-24T15:04:05Z.", id)
    if not EARLIEST <= at <= datetime.now(UTC) + CLOCK_SKEW:
        raise Refused("malformed", "`said_at` is between 1970 and now: check this device's clock.", id)
    return at.astimezone(UTC)


def message_payload(body: str, *, also: bool = False) -> dict[str, Any] | None:
    """Give what a message holds beside its words: whom it mentions, and that a reply is for the room as well."""
    mentions = find(body)
    payload: dict[str, Any] = {"mentions": mentions} if mentions else {}
    if also:
        payload["also"] = True
    return payload or None


def check_also(also: bool, thread: int | None, id: Any) -> None:
    """Refuse `also` of what is no reply. Raises Refused."""
    if also and thread is None:
        raise Refused("malformed", "`also` is of a reply: give `thread` too, or leave it out.", id)


def command(frame: commands.LogCommand, author: int) -> Command:
    """Turn a frame into a command. Raises Refused where what it says can't be taken."""
    common: dict[str, Any] = {"conversation": frame.conversation, "id": frame.id, "author": author}
    match frame:
        case commands.Send():
            check_body(frame.body, frame.id)
            if frame.attachments:
                raise Refused("not_found", "There is no such attachment.", frame.id)
            check_also(frame.also, frame.thread, frame.id)
            return Command(
                kind="message",
                body=frame.body,
                thread=frame.thread,
                said_at=_said_at(frame.said_at, frame.id),
                payload=message_payload(frame.body, also=frame.also),
                **common,
            )
        case commands.Edit():
            check_body(frame.body, frame.id)
            return Command(kind="edit", target=frame.seq, body=frame.body, **common)
        case commands.Delete():
            return Command(kind="delete", target=frame.seq, **common)
        case commands.React():
            check_text(frame.emoji, frame.id)
            return Command(kind="react", target=frame.seq, payload={"emoji": frame.emoji, "on": frame.on}, **common)
        case commands.Pin():
            return Command(kind="pin", target=frame.seq, payload={"on": frame.on}, **common)


def _retry_after(verdict: Verdict) -> float | None:
    return None if verdict.retry_after_s is None else max(0.001, math.ceil(verdict.retry_after_s * 1000) / 1000)


def answer(given: Command, verdict: Verdict) -> frames.Ack | frames.Error:
    """Turn a verdict into the frame that answers the command."""
    if verdict.code is None and verdict.at is not None:
        return frames.Ack(
            id=given.id,
            conversation=given.conversation,
            seq=verdict.seq,
            at=instant(verdict.at),
            duplicate=verdict.is_duplicate,
        )
    code = verdict.code or "unavailable"
    return frames.Error(
        id=str(given.id),
        code=code,  # type: ignore[arg-type]
        detail=DETAILS[verdict.why or code],
        retry_after=RETRY_AFTER_S if code == "unavailable" else _retry_after(verdict),
    )
