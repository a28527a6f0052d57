"""What a hub does twice a second: confirm rights, compare heads, write receipts, drop what is silent or idle."""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import psycopg

from accounts import revocations
from accounts.access import sessions
from accounts.access.identity import Identity
from accounts.models import Revocation
from messaging import crowds, database, moment
from messaging.peers import Peer
from messaging.protocol import limits
from messaging.receipts import Receipts
from messaging.room import Room

if TYPE_CHECKING:
    from messaging.hub import Hub

logger = logging.getLogger(__name__)

TICK_S = 0.5
#: A hub that could not read the revocations for so long delivers nothing.
CONFIRMED_S = 15.0
#: Heads and memberships are compared a part each tick, all within so many.
PARTS = 20
#: Sessions and tokens that are over are looked for each so many ticks.
CREDENTIAL_TICKS = 10
#: Of the sockets whose people have something to do first, so many are closed a tick: each browser then loads a page of
#: this very process, and a new notice concerns everybody at once.
LED_ON_PER_TICK = 100
#: Receipts are written each so many ticks: at most a row for a person and conversation in a second.
RECEIPT_TICKS = 2
#: A revoked credential is refused for so long, in case its check was under way.
REMEMBERED_S = 60.0
IDLE_ROOM_S = 60.0

#: What was revoked since, and PostgreSQL's clock in each row; where nothing was, there is one row all the same.
_REVOKED = f"""
select clock_timestamp(), r.seq, r.kind, r.subject from (select 1) one left join ({revocations.SINCE}) r on true
order by r.seq
"""
#: Of the heads that a hub knows, those that the database has further.
BEHIND = """
select k.id from unnest(%(conversations)s::bigint[], %(seqs)s::bigint[]) as k (id, seq)
join head h on h.conversation_id = k.id where h.seq > k.seq
"""
#: Of the people that a hub knows, those who are in another number of conversations than they have rooms.
MOVED = """
select k.id from unnest(%(people)s::bigint[], %(counts)s::bigint[]) as k (id, conversations)
where k.conversations <> (
    select count(*) from membership m join conversation c on c.id = m.conversation_id
    where m.person_id = k.id and upper_inf(m.spans) and c.shown_at is not null
)
"""


def _credentials(peers: Iterable[Peer]) -> dict[str, list[Any]]:
    """Collect by what sockets came in: subjects of sessions, ids of tokens."""
    found = {peer.identity.credential for peer in peers}
    return {
        "sessions": [subject for kind, subject in found if kind == Revocation.Kind.SESSION],
        "tokens": [int(subject) for kind, subject in found if kind == Revocation.Kind.TOKEN],
    }


class Upkeep:
    """The hub's clockwork."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.receipts = Receipts(hub)
        #: Rooms that missed deliveries while rights could not be confirmed.
        self.stalled: set[Room] = set()
        self._confirmed_at = time.monotonic()
        self._cursor: int | None = None
        #: Of what was revoked lately: by which entry, and when that was read.
        self._revoked: dict[tuple[str, str], tuple[int, float]] = {}
        #: By credential, who sent a command and was gone before that was noted.
        self.departed: dict[tuple[str, str], Peer] = {}
        self._part = 0
        #: Sockets whose people have something to do first, and that are still open.
        self._held: list[Peer] = []

    def is_confirmed(self) -> bool:
        """Tell whether rights were confirmed recently enough to deliver anything."""
        return self.confirmed_s_ago() < CONFIRMED_S

    def confirmed_s_ago(self) -> float:
        """Tell how long ago rights were last confirmed (seconds)."""
        return time.monotonic() - self._confirmed_at

    def is_revoked(self, identity: Identity) -> bool:
        """Tell whether a credential, or its person, was revoked since it was looked up.

        What came in after a revocation is as good as ever: whoever signs in anew after all sessions were cut.
        """
        of_person = (Revocation.Kind.PERSON.value, str(identity.id))
        return any(self._revoked.get(what, (0, 0))[0] > identity.as_of for what in (identity.credential, of_person))

    async def run(self) -> None:
        """Tick until cancelled; a tick that the database fails is logged and tried again by the next."""
        while True:
            for work in (
                self._confirm,
                self._end_credentials,
                self._compare_heads,
                self._compare_memberships,
                self._flush_receipts,
            ):
                try:
                    async with asyncio.timeout(CONFIRMED_S / 3):
                        await work()
                except database.LeftAlone:
                    pass  # why was logged when it was found out
                except (psycopg.Error, TimeoutError, OSError) as error:
                    logger.warning("%s: %s", work.__name__, str(error).strip() or type(error).__name__)
            self._lead_on()
            self._drop_silent()
            self._drop_idle()
            self._part = (self._part + 1) % PARTS
            await asyncio.sleep(TICK_S)

    async def _confirm(self) -> None:
        """Read what was revoked, and cut it; and what time it is there."""
        asked_at = time.monotonic()
        if self._cursor is None:
            self._cursor = (await database.fetch(revocations.LATEST))[0][0]
        found = await database.fetch(_REVOKED, [self._cursor])
        moment.said(found[0][0], asked_at)
        for _, seq, kind, subject in found:
            if seq is None:
                break
            self._cursor = seq
            self._revoked[kind, subject] = (seq, asked_at)
            self._cut(kind, subject, seq)
        lately = asked_at - REMEMBERED_S
        self._revoked = {what: read for what, read in self._revoked.items() if read[1] > lately}
        was_confirmed, self._confirmed_at = self.is_confirmed(), asked_at
        if self.stalled and was_confirmed is False:
            logger.warning("rights are confirmed again: %d conversations catch up", len(self.stalled))
        stalled, self.stalled = self.stalled, set()
        for room in stalled:
            self._hub.spawn(self._hub.fill(room, "unconfirmed"))

    def _cut(self, kind: str, subject: str, seq: int | None = None) -> None:
        """Cut what was looked up before an entry of the log of revocations; without one, whatever there is."""
        for person in list(self._hub.people.values()):
            for peer in list(person.peers):
                is_person = kind == Revocation.Kind.PERSON and str(peer.identity.id) == subject
                is_before = seq is None or peer.identity.as_of < seq
                if is_before and (is_person or peer.identity.credential == (kind, subject)):
                    self._hub.leave(peer)
                    peer.wire.end(4401, "revoked")

    async def _end_credentials(self) -> None:
        """Note which sessions and tokens were used here, and cut those whose time is over: two statements in all.

        Those of people who have something to do first follow a part a tick (`_lead_on`).
        """
        if self._part % CREDENTIAL_TICKS:
            return
        peers = [peer for person in self._hub.people.values() for peer in person.peers]
        used = [peer for peer in peers if peer.is_used] + list(self.departed.values())
        self.departed.clear()
        for peer in used:
            peer.is_used = False
        if used:
            await database.fetch(sessions.USED, _credentials(used))
        held: set[tuple[str, str]] = set()
        if peers:
            for kind, subject, is_over in await database.fetch(sessions.ENDED, _credentials(peers)):
                if is_over:
                    self._cut(kind, subject)
                else:
                    held.add((kind, subject))
        self._held = [peer for peer in peers if peer.identity.credential in held]

    def _lead_on(self) -> None:
        """Close some of the sockets whose people have something to do first, as opening one now would be refused."""
        now, self._held = self._held[:LED_ON_PER_TICK], self._held[LED_ON_PER_TICK:]
        for peer in now:
            self._hub.leave(peer)
            peer.wire.end(4401, "not signed in")

    async def _flush_receipts(self) -> None:
        if self._part % RECEIPT_TICKS == 0:
            await self.receipts.flush()

    async def _compare_heads(self) -> None:
        """Send a part of the known heads; what the database has further is fetched, unless it arrives meanwhile."""
        rooms = [room for id, room in self._hub.rooms.items() if id % PARTS == self._part and room.seq is not None]
        if not rooms:
            return
        params = {"conversations": [room.conversation for room in rooms], "seqs": [room.seq for room in rooms]}
        for (conversation,) in await database.fetch(BEHIND, params):
            room = self._hub.rooms.get(conversation)
            if room is not None:
                self._hub.spawn(self._hub.fill(room))

    async def _compare_memberships(self) -> None:
        """Do the same for whom this process serves: a join that Redis lost is found."""
        people = {
            id: sum(1 for c in person.conversations if c in self._hub.rooms)
            for id, person in self._hub.people.items()
            if id % PARTS == self._part and all(peer.is_welcome and not peer.catching_up for peer in person.peers)
        }
        if people:
            found = await database.fetch(MOVED, {"people": list(people), "counts": list(people.values())})
            self._hub.refresh(id for (id,) in found)

    def _drop_silent(self) -> None:
        """Close sockets that have not sent anything for a while, not even a ping."""
        limit = time.monotonic() - limits.SILENCE_S
        for person in list(self._hub.people.values()):
            for peer in list(person.peers):
                if peer.heard_at < limit:
                    self._hub.leave(peer)
                    peer.wire.end(4408, "silent for too long")

    def _drop_idle(self) -> None:
        """Forget rooms that nobody here has followed for a while, and allowances that are whole again."""
        limit = time.monotonic() - IDLE_ROOM_S
        for room in [r for r in self._hub.rooms.values() if not r.outs and r.idle_since < limit]:
            del self._hub.rooms[room.conversation]
        for person in [id for id, allowance in self._hub.allowances.items() if allowance.is_full()]:
            del self._hub.allowances[person]
        crowds.HERE.forget()
