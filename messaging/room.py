"""A conversation in one process: which sockets follow it, how far it has been delivered, and its last events."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable

from messaging import moment
from messaging.entry import Entry
from messaging.peers import Outlet, Peer
from messaging.protocol.events import Leave

RECENT = 100


class Room:
    """Delivers a log's events to the sockets here: each once, in seq order.

    `seq` is None until the log's head has been read: what is heard before waits in `early`.
    """

    __slots__ = (
        "conversation", "early", "filling", "idle_since", "is_gapped", "is_waiting", "n", "outs", "recent", "seq",
    )  # fmt: skip

    def __init__(self, conversation: int) -> None:
        self.conversation = conversation
        self.seq: int | None = None
        self.n = 0
        self.recent: deque[Entry] = deque(maxlen=RECENT)
        self.early: dict[int, Entry] = {}
        self.outs: dict[Outlet, dict[Peer, Callable[[bytes], None]]] = {}
        #: What came early waits a moment for what is missing before it.
        self.is_waiting = False
        #: Something has come early, and what is missing before it has not come yet.
        self.is_gapped = False
        #: Held while what is missing is fetched.
        self.filling = asyncio.Lock()
        self.idle_since = time.monotonic()

    def __contains__(self, peer: Peer) -> bool:
        return peer in self.outs.get(peer.outlet, ())

    def admit(self, peer: Peer) -> None:
        """Deliver to a socket from the next event on."""
        self.outs.setdefault(peer.outlet, {})[peer] = peer.write

    def dismiss(self, peer: Peer) -> None:
        """Deliver to a socket no more."""
        writers = self.outs.get(peer.outlet)
        if writers is None:
            return
        writers.pop(peer, None)
        if not writers:
            del self.outs[peer.outlet]
            self.idle_since = time.monotonic()

    def open(self, seq: int, n: int) -> list[Entry]:
        """Start at a head that was read from the log; gives the entries heard meanwhile that come next."""
        if self.seq is None:
            self.seq, self.n = seq, n
            self.early = {at: entry for at, entry in self.early.items() if at > seq}
        return self.due()

    def take(self, entry: Entry) -> list[Entry]:
        """Hear of an event, in whatever order; gives those whose turn it is now."""
        if self.seq is not None and entry.seq <= self.seq:
            return []
        if self.seq == entry.seq - 1 and not self.early:
            return [entry]
        self.early[entry.seq] = entry
        return self.due()

    def due(self) -> list[Entry]:
        """Take out of what came early that which is next."""
        found: list[Entry] = []
        if self.seq is not None:
            following = self.seq + 1
            while following in self.early:
                found.append(self.early.pop(following))
                following += 1
        return found

    def deliver(self, entry: Entry) -> None:
        """Write the next event to every socket here; not one that was found so late that its time is over."""
        self.seq, self.n = entry.seq, entry.n
        self.recent.append(entry)
        if entry.event.expires_at is not None and not entry.is_shown(moment.now()):
            return
        for outlet, writers in self.outs.items():
            ready = outlet.event(entry)
            outlet.events += len(writers)
            outlet.frames += len(writers)
            for write in writers.values():
                write(ready)

    def peers(self) -> list[Peer]:
        """List the sockets here."""
        return [peer for writers in self.outs.values() for peer in writers]

    def learn(self, entries: Iterable[Entry]) -> None:
        """Remember what somebody's catching up has read from the log, so that the next one needs no database.

        Only what goes on without a gap before what is remembered: a reader may have seen less than all.
        """
        if self.seq is None:
            return
        read = {entry.seq: entry for entry in entries}
        oldest = self.seq - len(self.recent) + 1
        while len(self.recent) < RECENT and oldest - 1 in read:
            oldest -= 1
            self.recent.appendleft(read[oldest])

    def since(self, cursor: int) -> list[Entry] | None:
        """Give the events after a cursor, where they are all still here."""
        if self.seq is None or cursor > self.seq:
            return None
        missing = self.seq - cursor
        if missing > len(self.recent):
            return None
        return list(self.recent)[len(self.recent) - missing :] if missing else []

    def has_left(self, person: int, seq: int) -> bool | None:
        """Tell whether a person left after a seq; None where that is too long ago to tell from here."""
        later = self.since(seq)
        if later is None:
            return None
        return any(isinstance(entry.event, Leave) and entry.event.member == person for entry in later)
