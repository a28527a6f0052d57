"""Whatever a hub hears, in whatever order, how often and with what lost, each socket gets each event once, in order."""

import asyncio
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from messaging.entry import Entry
from messaging.hub import Hub
from messaging.peers import Peer
from tests import worlds
from tests.messaging.hub.inside import Tape, committed_elsewhere, eventually, hear, quiet_hub, seat
from tests.worlds import built

#: What happens: ("say",), ("hear", which), ("hello", cursor from the end), ("turns", how many), ("compare",).
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.just(0)),
        st.tuples(st.just("hear"), st.integers(0, 10)),
        st.tuples(st.just("hello"), st.integers(0, 12)),
        st.tuples(st.just("turns"), st.integers(1, 10)),
        st.tuples(st.just("compare"), st.just(0)),
    ),
    min_size=3,
    max_size=30,
)


class Arrival(NamedTuple):
    """A socket that said hello, from where."""

    peer: Peer
    tape: Tape
    cursor: int | None


async def _play(hub: Hub, conversation: int, alice: User, bob: User, steps: list[tuple[str, int]]) -> None:
    entries: list[Entry] = []
    arrivals: list[Arrival] = []
    hellos: list[asyncio.Task[Any]] = []
    head = 2
    for step, number in steps:
        if step == "say":
            entries.append(await committed_elsewhere(alice, conversation, f"{head}"))
            head += 1
        elif step == "hear" and entries:
            hear(hub, entries[-1 - number % len(entries)])
        elif step == "hello":
            cursor = None if number == 12 else max(0, head - number)
            arrival = Arrival(*seat(hub, bob), cursor)
            arrivals.append(arrival)
            cursors = {} if cursor is None else {conversation: cursor}
            hellos.append(asyncio.create_task(hub.catchup.hello(arrival.peer, cursors)))
        elif step == "turns":
            for _ in range(number):
                await asyncio.sleep(0)
        elif step == "compare" and conversation in hub.rooms:
            await hub.fill(hub.rooms[conversation])
    await asyncio.gather(*hellos)
    if not arrivals:
        return
    await hub.fill(hub.rooms[conversation])
    for arrival in arrivals:
        welcome = arrival.tape.all("welcome")[0]["conversations"][0]
        start = welcome["seq"] if arrival.cursor is None else arrival.cursor
        assert arrival.tape.seqs(conversation) == list(range(start + 1, head + 1))
        assert not any(frame.get("gap") for frame in arrival.tape.all("events"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
async def test_each_once_in_order(steps: list[tuple[str, int]]) -> None:
    alice, bob = await built(worlds.person, "alice"), await built(worlds.person, "bob")
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        await _play(hub, conversation, alice, bob, steps)


async def test_what_is_lost_before_something_heard_is_fetched_by_itself() -> None:
    """Nobody compares heads here: the gap alone tells."""
    alice, bob = await built(worlds.person, "alice"), await built(worlds.person, "bob")
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, bob)
        await hub.catchup.hello(peer, {})
        lost = [await committed_elsewhere(alice, conversation, f"{number}") for number in range(3)]
        hear(hub, lost[2])
        assert tape.seqs(conversation) == []
        await eventually(lambda: tape.seqs(conversation) == [3, 4, 5], "the lost events")


async def test_own_sockets_come_first() -> None:
    """What this process commits is on its sockets' wires before the other processes are told."""
    alice, bob = await built(worlds.person, "alice"), await built(worlds.person, "bob")
    conversation = await built(worlds.channel, alice, bob)
    async with quiet_hub() as hub:
        peer, tape = seat(hub, bob)
        await hub.catchup.hello(peer, {})
        hub.committed([await committed_elsewhere(alice, conversation, "first here")])
        assert tape.seqs(conversation) == [3]  # no other task had a turn
