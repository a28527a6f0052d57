"""Who is writing something now: told to who watches the conversation, written down nowhere, over by itself."""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from messaging import hidden
from messaging.peers import Peer, write_to
from messaging.protocol import frames
from messaging.pulse import Pulse

if TYPE_CHECKING:
    from messaging.hub import Hub

#: So long somebody counts as writing after having said so.
TYPING_S = 6.0
#: Said again sooner than this, it is passed over.
AGAIN_S = 2.0
#: Who goes on writing is told again so often: to a client as to us it is over where nothing more is heard.
REPEAT_S = 4.0
#: So many are named.
SHOWN = 20


class Typing:
    """Who is writing where, of the conversations that are watched here."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        #: Until when each counts as writing; who began first comes first.
        self._until: dict[int, dict[int, float]] = {}
        #: Who was shown after the last change, and when all who watch were told last.
        self._told: dict[int, tuple[list[int], float]] = {}
        #: When each last said so here, wherever it is watched.
        self._said_at: dict[tuple[int, int], float] = {}
        self.pulse = Pulse(self.tell)

    def begin(self, person: int, conversation: int) -> None:
        """Take it that somebody is writing in a conversation that the caller has found open to them."""
        now = time.monotonic()
        if now - self._said_at.get((person, conversation), -AGAIN_S) < AGAIN_S:
            return
        self._said_at[person, conversation] = now
        self._hub.watching.tell_others("typing", [[conversation, person]])
        self.heard(conversation, person)
        self.pulse.want()  # which also forgets when it was said

    def heard(self, conversation: int, person: int) -> None:
        """Take it from another process."""
        if self._hub.watching.is_watched(conversation):
            self._until.setdefault(conversation, {})[person] = time.monotonic() + TYPING_S
            self.pulse.want()

    def show(self, peer: Peer, conversation: int) -> None:
        """Tell a socket that has just begun to watch."""
        told, _ = self._told.get(conversation, ([], 0.0))
        users = [user for user in told if user != peer.identity.id]
        if users and self._hub.upkeep.is_confirmed():
            peer.send(frames.Typing(conversation=conversation, users=users))

    async def tell(self) -> None:
        """Tell what has changed or goes on: each socket those who write but for its own person."""
        now = time.monotonic()
        self._said_at = {what: at for what, at in self._said_at.items() if now - at < AGAIN_S}
        people = {person for until in self._until.values() for person in until}
        shown = people - {person for person, _ in await hidden.among(people, "typing")}
        if self._hub.upkeep.is_confirmed():
            for conversation in list(self._until):
                self._tell(conversation, now, shown)
        if self._until or self._said_at:
            self.pulse.want()

    def _tell(self, conversation: int, now: float, may_show: Collection[int]) -> None:
        until = {person: end for person, end in self._until[conversation].items() if end > now}
        users = [person for person in until if person in may_show][:SHOWN]
        before, told_at = self._told.pop(conversation, ([], now))
        goes_on = now - told_at >= REPEAT_S and any(until[user] - TYPING_S > told_at for user in users)
        if until:
            self._until[conversation] = until
            self._told[conversation] = users, now if goes_on or not before else told_at
        else:
            del self._until[conversation]
        groups: dict[tuple[int, ...], list[Peer]] = {}
        for peer in self._hub.watching.sockets(conversation):
            own = peer.identity.id
            shown = tuple(user for user in users if user != own)
            if shown != tuple(user for user in before if user != own) or (goes_on and shown):
                groups.setdefault(shown, []).append(peer)
        for shown, peers in groups.items():
            write_to(peers, frames.Typing(conversation=conversation, users=list(shown)))
