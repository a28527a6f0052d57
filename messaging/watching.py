"""Who watches what: what is on a screen now gets the news of people, and no other socket does.

News is what is not in the log: who has read, who is writing, who is here. It is gathered, goes to the other processes
in a message of its own beside the log's, and is told at most once a second. A conversation that is watched is a wish:
whether the socket may hear of it is asked when there is something to tell. Of people it is asked before (`observers`).
"""

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from messaging import database, publishing
from messaging.observers import Observers
from messaging.peers import Peer
from messaging.presence import Presence
from messaging.protocol import commands, limits
from messaging.pulse import Pulse
from messaging.typing import Typing

if TYPE_CHECKING:
    from messaging.hub import Hub

#: News for the other processes leaves so often; what waits beyond the bound is dropped: nobody relies on it.
PUBLISH_EVERY_S = 0.2
PUBLISH_TIMEOUT_S = 2.0
NEWS, NEWS_AT_ONCE = 10_000, 1_000
#: How large a watched conversation is, is read again after so long.
SIZES_S = 60.0

#: Whether a conversation has so few members that receipts name people: no more are counted than tell.
_FEW = f"""
select c.id, (select count(*) from (
    select 1 from membership m where m.conversation_id = c.id and upper_inf(m.spans) limit {limits.NAMED_RECEIPTS + 1}
) as found) <= {limits.NAMED_RECEIPTS}
from unnest(%(conversations)s::bigint[]) as c (id)
"""


class Watching:
    """What the sockets of this process watch, and the way of news between processes."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.observers = Observers(hub)
        self.presence = Presence(hub)
        self.typing = Typing(hub)
        self._watched: dict[Peer, frozenset[int]] = {}
        self._watchers: dict[int, set[Peer]] = {}
        self._is_small: dict[int, bool] = {}
        self._sized_at = time.monotonic()
        self._outgoing: dict[str, list[Any]] = {}
        self._publishing = Pulse(self._publish, PUBLISH_EVERY_S)
        self._sizing = Pulse(self._read_sizes, rest_s=SIZES_S)

    async def run(self) -> None:
        """Gather and tell until cancelled."""
        pulses = (
            self._publishing,
            self._sizing,
            self._hub.upkeep.receipts.pulse,
            self.typing.pulse,
            self.presence.pulse,
            self.observers.admission,
            self.observers.review,
        )
        try:
            await asyncio.gather(*(pulse.run() for pulse in pulses))
        finally:
            await self.presence.close()
            await self._hub.devices.close()

    def watch(self, peer: Peer, frame: commands.Watch) -> None:
        """Take what a socket has on its screen, in place of what it had before."""
        self._unwatch(peer)
        person = self._hub.people.get(peer.identity.id)
        if person is None or peer not in person.peers:
            return  # cut meanwhile
        self.observers.watch(peer, frozenset(frame.users))
        if frame.conversations:
            self._watched[peer] = frozenset(frame.conversations)
            for conversation in self._watched[peer]:
                self._watchers.setdefault(conversation, set()).add(peer)
                if conversation not in self._is_small:
                    self._sizing.want()
                if peer in self.sockets(conversation):
                    self.typing.show(peer, conversation)

    def left(self, peer: Peer) -> None:
        """Forget a socket."""
        self._unwatch(peer)
        self.observers.watch(peer, frozenset())
        self.presence.touch(peer.identity.id)

    def _unwatch(self, peer: Peer) -> None:
        for conversation in self._watched.pop(peer, ()):
            watchers = self._watchers[conversation]
            watchers.discard(peer)
            if not watchers:
                del self._watchers[conversation]
                self._is_small.pop(conversation, None)

    def sockets(self, conversation: int) -> list[Peer]:
        """List the sockets that watch a conversation and are in it."""
        room = self._hub.rooms.get(conversation)
        if room is None:
            return []
        watchers = self._watchers.get(conversation, ())
        return [peer for peer in watchers if peer in room or conversation in peer.catching_up]

    def is_watched(self, conversation: int) -> bool:
        """Tell whether any socket here has asked for a conversation."""
        return conversation in self._watchers

    def is_small(self, conversation: int) -> bool | None:
        """Tell whether receipts of a watched conversation name people; None while that is being read."""
        return self._is_small.get(conversation)

    async def _read_sizes(self) -> None:
        is_old = time.monotonic() - self._sized_at > SIZES_S
        wanted = [c for c in self._watchers if c in self._hub.rooms and (is_old or c not in self._is_small)]
        if is_old:
            self._sized_at = time.monotonic()
        if wanted:
            for conversation, is_small in await database.fetch(_FEW, {"conversations": wanted}):
                if conversation in self._watchers:
                    self._is_small[conversation] = is_small

    # Between the processes

    def tell_others(self, kind: str, news: Iterable[Any]) -> None:
        """Hand news to the other processes, soon."""
        waiting = self._outgoing.setdefault(kind, [])
        waiting.extend(list(news)[: NEWS - len(waiting)])
        self._publishing.want()

    async def _publish(self) -> None:
        message: dict[str, Any] = {"type": publishing.NEWS, "hub": self._hub.name}
        for kind, waiting in self._outgoing.items():
            message[kind], self._outgoing[kind] = waiting[:NEWS_AT_ONCE], waiting[NEWS_AT_ONCE:]
        if any(self._outgoing.values()):
            self._publishing.want()
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await publishing.send(message)
        except Exception as error:
            publishing.logger.warning("could not publish news: %s", error)

    def heard(self, message: dict[str, Any]) -> None:
        """Take another process's news."""
        if message["type"] == publishing.NEWS:
            self._hub.upkeep.receipts.heard(message.get("receipts", ()))
            for conversation, person in message.get("typing", ()):
                self.typing.heard(conversation, person)
            self.presence.heard(message.get("presence", ()))
            self._hub.regroup(message.get("groups", ()))
            self._hub.devices.heard(message.get("devices", ()))
