"""Who watches whom, as far as they may know of each other: asked when it begins, and again and again while it lasts."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from messaging import database
from messaging.peers import Peer
from messaging.people import KNOWN
from messaging.pulse import Pulse

if TYPE_CHECKING:
    from messaging.hub import Hub

#: So many pairs of people are asked about in one statement, and each of those that watch again after a while: with
#: 100,000 pairs, each within two minutes of a barrier.
PAIRS = 5_000
REVIEW_S = 5.0


class Observers:
    """Which sockets here watch somebody."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        #: What each socket has asked for, and what of it is to be looked up.
        self._wishes: dict[Peer, frozenset[int]] = {}
        self._asked: dict[Peer, frozenset[int]] = {}
        self._seen: dict[Peer, set[int]] = {}
        self._of: dict[int, set[Peer]] = {}
        self._turn: list[Peer] = []
        self.admission = Pulse(self.admit)
        self.review = Pulse(self.check_again, every_s=0, rest_s=REVIEW_S)

    def watch(self, peer: Peer, people: frozenset[int]) -> None:
        """Take whom a socket has on its screen, in place of whom it had before."""
        seen = self._seen.get(peer, set())
        self._forget(peer, seen - people)
        for kept, value in ((self._wishes, people), (self._asked, people - seen)):
            kept.pop(peer, None)
            if value:
                kept[peer] = value
        if peer in self._asked:
            self.admission.want()

    def of(self, person: int) -> Collection[Peer]:
        """List the sockets that watch somebody."""
        return self._of.get(person, ())

    def watched(self, people: Iterable[int] | None = None) -> set[int]:
        """Pick out of people those who are watched here; without people, all of them."""
        return set(self._of) if people is None else {person for person in people if person in self._of}

    async def admit(self) -> None:
        """Look up whom sockets may know of those that they have asked for, many sockets at once."""
        if not self._hub.upkeep.is_confirmed():
            self.admission.want()
            return
        while self._asked:
            asked = _some(self._asked)
            for peer in asked:
                del self._asked[peer]
            try:
                known = await self._known(asked)
            except BaseException:
                self._asked = {**asked, **self._asked}
                raise
            for peer in asked:
                self._admit(peer, known[peer])

    def _admit(self, peer: Peer, known: set[int]) -> None:
        gained = (known & self._wishes.get(peer, frozenset())) - self._seen.get(peer, set())
        if gained:
            self._seen.setdefault(peer, set()).update(gained)
            for person in gained:
                self._of.setdefault(person, set()).add(peer)
            self._hub.watching.presence.begin(peer, gained)

    async def check_again(self) -> None:
        """Ask for some of those who watch whether they still may."""
        self._turn = [peer for peer in self._turn if peer in self._seen] or list(self._seen)
        some = _some({peer: frozenset(self._seen[peer]) for peer in self._turn[:PAIRS]})
        self._turn = self._turn[len(some) :]
        known = await self._known(some)
        for peer, people in some.items():
            lost = (people & self._seen.get(peer, set())) - known[peer]
            if lost:
                self._forget(peer, lost)
                self._hub.watching.presence.end(peer, sorted(lost))

    async def _known(self, asked: Mapping[Peer, frozenset[int]]) -> dict[Peer, set[int]]:
        pairs = {(peer.identity.id, person) for peer, people in asked.items() for person in people}
        params = {"watchers": [watcher for watcher, _ in pairs], "people": [person for _, person in pairs]}
        found = {(row[0], row[1]) for row in await database.fetch(KNOWN, params)} if pairs else set()
        return {
            peer: {person for person in people if (peer.identity.id, person) in found} for peer, people in asked.items()
        }

    def _forget(self, peer: Peer, people: Iterable[int]) -> None:
        for person in list(people):
            self._seen[peer].discard(person)
            self._of[person].discard(peer)
            if not self._of[person]:
                del self._of[person]
                self._hub.watching.presence.forget(person)
        if not self._seen.get(peer, True):
            del self._seen[peer]


def _some(asked: Mapping[Peer, frozenset[int]]) -> dict[Peer, frozenset[int]]:
    """Take sockets, at least one, as long as what they ask for fits into a statement."""
    taken: dict[Peer, frozenset[int]] = {}
    pairs = 0
    for peer, people in asked.items():
        pairs += len(people)
        if taken and pairs > PAIRS:
            break
        taken[peer] = people
    return taken
