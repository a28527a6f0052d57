"""Ids of imported events: made of what an event is, so that a second import finds it."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from messaging.slack.convert import Draft

_NAMESPACE = UUID("6f1d3a52-8a0e-5d0b-9c57-2f5e1c9b7a44").bytes

#: Team and Slack id of a conversation.
Key = tuple[str, str]


def identify(key: Key, at: int, nth: int, drafts: Sequence[Draft]) -> None:
    """Give a record's drafts their ids; `nth` tells records apart that one person made at the same microsecond."""
    for draft in drafts:
        if draft.stands_in and draft.said_at is not None:
            # The same that the message has where it is a record of its own.
            draft.id = message_id(key, draft.said_at, draft.author)
        else:
            draft.id = _id(*key, at, draft.author, draft.kind, draft.thread, draft.mark, nth)


def message_id(key: Key, at: int, author: str) -> UUID:
    """Give the id of what somebody said at a time, outside of threads and first at that time."""
    return _id(*key, at, author, "message", None, "", 0)


def _id(*names: object) -> UUID:
    """Make a UUID of version 5; Slack's ids may hold what UTF-8 does not."""
    name = "\n".join(map(str, names)).encode(errors="surrogatepass")
    return UUID(bytes=hashlib.sha1(_NAMESPACE + name, usedforsecurity=False).digest()[:16], version=5)
