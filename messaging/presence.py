"""Who is online, away or offline: found here, kept in Redis for all processes, told to who watches.

Everything goes by steps, at most one a second: what happened since the last is written in one go, what others said has
moved is read in one go, and each socket that watches any of them gets one frame, with how they say that they are.
Without Redis it is not known who is where, and nothing else suffers.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
from redis import RedisError

from messaging import conditions, hidden
from messaging.entry import instant
from messaging.peers import Peer
from messaging.protocol import frames, limits
from messaging.pulse import Pulse
from messaging.whereabouts import ONLINE, Whereabout, Whereabouts

if TYPE_CHECKING:
    from messaging.hub import Hub

logger = logging.getLogger(__name__)

#: Away after so long without input; gone after two heartbeats without a word.
AWAY_S = 300.0
GONE_S = 2.0 * limits.HEARTBEAT_S
#: Whose last socket has closed is gone after so long: who reloads a page, or is sent to another process, is not.
GRACE_S = 10.0
#: How often everybody here is looked at, the process shows that it lives, and all that is watched is read again.
SCAN_S, RENEW_S, REREAD_S = 5.0, 10.0, 15.0
NOTE_S = 300.0
STEP_S = 3.0
#: After so long without Redis what was told counts no more.
UNKNOWN_S = 5.0


class Presence:
    """Where the people of this process are, and what was told of those who are watched here."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._whereabouts = Whereabouts(hub.name)
        #: What Redis holds of this process, where `_is_whole`.
        self._here: dict[int, str] = {}
        self._is_whole = False
        self._moved: set[int] = set()
        #: Whose last socket has closed, and when.
        self._leaving: dict[int, float] = {}
        self._told: dict[int, frames.Whereabout] = {}
        self._unread: set[int] = set()
        self._due: dict[str, float] = {}
        self._lost_at: float | None = None
        self.pulse = Pulse(self.step, rest_s=SCAN_S)

    async def close(self) -> None:
        """Let go of Redis."""
        await self._whereabouts.close()

    def touch(self, person: int) -> None:
        """Take it that somebody came, went or did something."""
        self._moved.add(person)
        self.pulse.want()

    def heard(self, people: Iterable[int]) -> None:
        """Take it that people have moved elsewhere."""
        self._unread |= self._hub.watching.observers.watched(people)
        if self._unread:
            self.pulse.want()

    def prefer(self, person: int) -> None:
        """Take it that somebody chose something of how they are shown: whoever watches, anywhere, looks again."""
        self.heard([person])
        self._hub.watching.tell_others("presence", [person])

    def begin(self, peer: Peer, people: Iterable[int]) -> None:
        """Tell a socket of people whom it watches from now on: what is known at once, the rest when it is read."""
        known = [self._told[person] for person in people if person in self._told]
        if known:
            peer.send(frames.Presence(users=known))
        self.heard(person for person in people if person not in self._told)

    def end(self, peer: Peer, people: Iterable[int]) -> None:
        """Take back from a socket what it was told of people of whom it may know no more."""
        peer.send(frames.Presence(users=[frames.Whereabout(user=person) for person in people]))

    def forget(self, person: int) -> None:
        """Nobody here watches somebody any more."""
        self._told.pop(person, None)

    async def step(self) -> None:
        """Write what has moved here, read what has moved anywhere, and tell it."""
        now = time.monotonic()
        if self._is_due("scan", SCAN_S, now):
            self._moved |= self._here.keys() | self._hub.people.keys()
        if self._is_due("reread", REREAD_S, now):
            self.heard(list(self._told))
        self.heard([person for person, told in self._told.items() if conditions.is_over(told.says)])
        try:
            async with asyncio.timeout(STEP_S):
                await self._write(now)
                news = await self._read()
        except (RedisError, psycopg.Error, OSError, TimeoutError) as error:
            self._lose(error, now)
            return
        self._lost_at = None
        self._tell(news)
        if self._leaving or self._unread:
            self.pulse.want()

    def _is_due(self, what: str, every_s: float, now: float) -> bool:
        is_due = now >= self._due.get(what, 0.0)
        if is_due:
            self._due[what] = now + every_s
        return is_due

    async def _write(self, now: float) -> None:
        if self._is_due("renew", RENEW_S, now) or not self._is_whole:
            self._is_whole &= await self._whereabouts.renew() or not self._here
        if self._is_due("note", NOTE_S, now) and self._here:
            await self._whereabouts.note_seen(self._here)
        is_anew = not self._is_whole
        if is_anew:
            self._moved |= self._here.keys() | self._hub.people.keys()
        moved, self._moved = self._moved | self._leaving.keys(), set()
        here, seen = {}, {}
        for person in moved:
            left_at = self._leaving.get(person, now)
            state = self._state(person, now)
            if state is None and person in self._here:
                seen[person] = int(time.time() - (now - left_at))
            elif state is not None and (is_anew or state != self._here.get(person)):
                here[person] = state
        if here or seen or is_anew:
            self._is_whole = False  # until it is done
            await self._whereabouts.write(here, seen, is_anew=is_anew)
        self._is_whole = True
        self._here.update(here)
        for person in seen:
            del self._here[person]
        if here or seen:
            self.heard([*here, *seen])
            self._hub.watching.tell_others("presence", [*here, *seen])

    def _state(self, id: int, now: float) -> str | None:
        """Give what Redis is to hold of somebody: ONLINE, the Unix time of the last input, or None for not here."""
        person = self._hub.people.get(id)
        open_here = person.peers if person is not None else ()
        peers = [peer for peer in open_here if peer.is_here and now - peer.heard_at < GONE_S]
        was = self._here.get(id)
        if not peers:
            if was is not None and now - self._leaving.setdefault(id, now) < GRACE_S:
                return was
            self._leaving.pop(id, None)
            return None
        self._leaving.pop(id, None)
        idle_s = now - max(peer.input_at for peer in peers)
        if idle_s < AWAY_S:
            return ONLINE
        return was if was not in (None, ONLINE) else str(int(time.time() - idle_s))

    async def _read(self) -> dict[int, frames.Whereabout]:
        unread, self._unread = self._hub.watching.observers.watched(self._unread), set()
        if not unread:
            return {}
        found = await self._whereabouts.read(sorted(unread))
        hides = await hidden.among(unread, "presence", "last_seen")
        says = await conditions.of(unread)
        shown = {person: _shown(person, found[person], hides, says.get(person)) for person in found}
        return {person: entry for person, entry in shown.items() if self._told.get(person) != entry}

    def _lose(self, error: Exception, now: float) -> None:
        """Go on without Redis: everything is written and read again when it is back."""
        if self._lost_at is None:
            logger.warning("it is not known who is online: %s", str(error).strip() or type(error).__name__)
            self._lost_at = now
        self._is_whole = False
        self._unread = self._hub.watching.observers.watched()
        if now - self._lost_at >= UNKNOWN_S:
            self._tell({person: frames.Whereabout(user=person) for person, told in self._told.items() if told.status})
        self.pulse.want()

    def _tell(self, news: Mapping[int, frames.Whereabout]) -> None:
        if not self._hub.upkeep.is_confirmed():
            self._unread |= news.keys()
            return
        told: dict[Peer, list[frames.Whereabout]] = {}
        for person, entry in news.items():
            observers = self._hub.watching.observers.of(person)
            if observers:
                self._told[person] = entry
            for peer in observers:
                told.setdefault(peer, []).append(entry)
        for peer, entries in told.items():
            peer.send(frames.Presence(users=entries))


def _shown(
    person: int, whereabout: Whereabout, hides: Collection[tuple[int, str]], says: frames.Condition | None
) -> frames.Whereabout:
    if (person, "presence") in hides:
        return frames.Whereabout(user=person)
    status = "online" if whereabout.is_online else "away" if whereabout.is_here else "offline"
    at = None if (person, "last_seen") in hides else whereabout.last_at
    return frames.Whereabout(
        user=person,
        status=status,  # type: ignore[arg-type]
        last_seen=None if at is None else instant(datetime.fromtimestamp(at, UTC)),
        says=says,
    )
