"""From events to messages: later events applied. Pure; the reference for the log's trigger.

Its twin is `client/src/sync/fold.ts`; both pass `tests/vectors/fold/`.
"""

from collections.abc import Iterable

import msgspec

from messaging.protocol import events
from messaging.protocol.bodies import HistoryMessage, Reaction


def fold(log: Iterable[events.Event]) -> list[HistoryMessage]:
    """Give the messages that a log makes, in seq order.

    An event whose target is no message of the log changes nothing.
    """
    messages: dict[int, HistoryMessage] = {}
    for event in log:
        match event:
            case events.Message():
                fields = {name: getattr(event, name) for name in event.__struct_fields__}
                messages[event.seq] = HistoryMessage(**fields)
                root = messages.get(event.thread) if event.thread is not None else None
                if root is not None:
                    root.replies += 1
                    root.last_reply_at = _when(event)
            case events.Edit() | events.Delete() | events.React() | events.Pin():
                message = messages.get(event.target)
                if message is not None and message.deleted_at is None:
                    _change(messages, message, event)
    return [messages[seq] for seq in sorted(messages)]


def _when(event: events.EventBase) -> str:
    return event.said_at or event.at


def _change(
    messages: dict[int, HistoryMessage],
    message: HistoryMessage,
    event: events.Edit | events.Delete | events.React | events.Pin,
) -> None:
    match event:
        case events.Edit():
            message.body = event.body
            message.edited_at = _when(event)
        case events.Delete():
            message.body = ""
            message.attachments, message.mentions, message.reactions = [], [], []
            message.edited_at = message.pinned_at = message.pinned_by = None
            message.deleted_at, message.deleted_by = _when(event), event.user
            root = messages.get(message.thread) if message.thread is not None else None
            if root is not None:
                root.replies -= 1
        case events.React():
            _react(message, event)
        case events.Pin():
            if not event.on:
                message.pinned_at = message.pinned_by = None
            elif message.pinned_at is None:
                message.pinned_at, message.pinned_by = _when(event), event.user


def _react(message: HistoryMessage, event: events.React) -> None:
    """Put a person to an emoji, once, or take the person away; an emoji without people goes."""
    reactions = [Reaction(emoji=r.emoji, users=list(r.users)) for r in message.reactions]
    found = next((r for r in reactions if r.emoji == event.emoji), None)
    if event.on and found is None:
        reactions.append(Reaction(emoji=event.emoji, users=[event.user]))
    elif event.on and found is not None and event.user not in found.users:
        found.users.append(event.user)
    elif not event.on and found is not None and event.user in found.users:
        found.users.remove(event.user)
    message.reactions = [r for r in reactions if r.users]


def plain(messages: Iterable[HistoryMessage]) -> list[object]:
    """Give messages as JSON's values, as they travel."""
    return [msgspec.to_builtins(message) for message in messages]
