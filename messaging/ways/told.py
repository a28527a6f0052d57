"""What the polls of a device were told of people: the next one waits for what is new instead of telling it again."""

import time
from collections.abc import Iterable

import msgspec

from messaging.protocol import frames
from messaging.typing import REPEAT_S

#: Who goes on writing is news again after so long, so that what is told again (`typing.REPEAT_S`) passes.
WRITING_S = REPEAT_S - 1

_presence = msgspec.json.Decoder(frames.Presence)
_typing = msgspec.json.Decoder(frames.Typing)


class _Writing(msgspec.Struct):
    """Who was told to be writing in a conversation, and when (Unix seconds)."""

    conversation: int
    users: list[int]
    at: float


class _Told(msgspec.Struct):
    people: list[frames.Whereabout] = []
    writing: list[_Writing] = []


class Told:
    """Lets through what is news to a device, and remembers it."""

    def __init__(self) -> None:
        self._people: dict[int, frames.Whereabout] = {}
        self._writing: dict[int, _Writing] = {}

    def recall(self, packed: str) -> None:
        """Remember what the last poll was told; what this one has been told already counts before it."""
        if packed:
            told = msgspec.json.decode(packed, type=_Told)
            self._people = {each.user: each for each in told.people} | self._people
            self._writing = {each.conversation: each for each in told.writing} | self._writing

    def packed(self) -> bytes:
        """Write it for the next poll."""
        return msgspec.json.encode(_Told(list(self._people.values()), list(self._writing.values())))

    def keep(self, people: Iterable[int], conversations: Iterable[int]) -> None:
        """Forget what is no longer on the screen: once it is there again, all of it is news."""
        self._people = {id: self._people[id] for id in people if id in self._people}
        self._writing = {id: self._writing[id] for id in conversations if id in self._writing}

    def news(self, payload: bytes) -> bytes | None:
        """Give what of a frame is news; None where nothing is. Frames that are not of people pass."""
        if payload.startswith(b'{"type":"presence"'):
            return self._news_of_people(payload)
        if payload.startswith(b'{"type":"typing"'):
            return self._news_of_writing(payload)
        return payload

    def _news_of_people(self, payload: bytes) -> bytes | None:
        users = [each for each in _presence.decode(payload).users if self._people.get(each.user) != each]
        self._people |= {each.user: each for each in users}
        return msgspec.json.encode(frames.Presence(users=users)) if users else None

    def _news_of_writing(self, payload: bytes) -> bytes | None:
        frame, now = _typing.decode(payload), time.time()
        told = self._writing.get(frame.conversation)
        known = told.users if told is not None and 0 <= now - told.at < WRITING_S else []
        if frame.users == known:
            return None
        self._writing[frame.conversation] = _Writing(frame.conversation, frame.users, now)
        return payload
