"""Everybody at once: clients that talk, an owner who moves people in and out, and somebody who watches for gaps."""

import asyncio
import contextlib
import random
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable

import httpx
import psycopg

from tests.faults import proof
from tests.faults.client import Client
from tests.faults.town import Person, Town
from tests.faults.transports import TRANSPORTS

#: An event that is in the log is with every connected member by then (seconds).
GAP_S = 15.0
_WATCH_S = 0.5
_SETTLE_S = 120.0


class Crowd:
    """The clients of a town, each with randomness of its own that comes of the seed."""

    def __init__(self, town: Town, origin: str, seed: int, rate: float, devices: Iterable[str] = tuple(TRANSPORTS)):
        self.town = town
        self.origin = origin
        self.seed = seed
        #: So many commands a second, of all clients together.
        self.rate = rate
        self.api = Api(origin)
        self.clients = [
            self.client(person, device)
            for number, person in enumerate(town.people)
            for device in [list(devices)[number % len(list(devices))]]
        ]
        self._speakers = [each for each in self.clients if each.name.startswith(("owner", "member"))]
        self._is_over = asyncio.Event()

    def client(self, person: Person, device: str) -> Client:
        """Make a device of somebody's."""
        name = f"{person.name}/{device}"
        rng = random.Random(f"{name} {self.seed}")
        make = lambda: TRANSPORTS[device](self.origin, person.token)  # noqa: E731
        return Client(name, make, rng, lambda conversation: self.api.head(person, conversation))

    @contextlib.asynccontextmanager
    async def talking(self, dsn: Callable[[], str]) -> AsyncIterator[None]:
        """Run everybody; at the end talk ceases, and all is waited for that is on its way, gaps for 15 s at most."""
        running = [asyncio.create_task(client.run()) for client in self.clients]
        talk = [asyncio.create_task(self._talk()), asyncio.create_task(self._move()), asyncio.create_task(self._pry())]
        try:
            yield
            self._is_over.set()
            await asyncio.gather(*talk)
            await self._settled()
            await self._level(proof.heads(dsn()))
        finally:
            for client in self.clients:
                client.stop()
            for task in (*talk, *running):
                task.cancel()
            ended = await asyncio.gather(*talk, *running, return_exceptions=True)
            await self.api.close()
        faults = [each for each in ended if isinstance(each, Exception)]
        assert not faults, faults

    async def _talk(self) -> None:
        """Say things, and now and then change what was said, as fast as `rate` has it, in bursts."""
        rng = random.Random(f"talk {self.seed}")
        number = 0
        while not self._is_over.is_set():
            burst = rng.choice((1, 1, 1, 2, 5, 20))
            client = rng.choice(self._speakers)
            conversation = rng.choice(self.town.channels)
            for _ in range(burst):
                number += 1
                mine = [each.ack for each in list(client.outbox.acked.values())[-20:] if "body" in each.frame]
                if mine and rng.random() < 0.15:
                    self._change(client, rng, rng.choice(mine))
                else:
                    client.outbox.add(
                        "send", conversation=conversation, body=f"{number} " + "words " * rng.randrange(30)
                    )
            await self._pause(burst / self.rate * rng.expovariate(1))

    def _change(self, client: Client, rng: random.Random, ack: dict[str, int]) -> None:
        place = {"conversation": ack["conversation"], "seq": ack["seq"]}
        match rng.randrange(5):
            case 0 | 1:
                client.outbox.add("edit", body=f"better {rng.random()}", **place)
            case 2 | 3:
                client.outbox.add("react", emoji="👍", on=rng.random() < 0.7, **place)
            case _:
                client.outbox.add("delete", **place)

    async def _move(self) -> None:
        """Bring wanderers in and throw them out; each says something wherever it may or may not be."""
        rng = random.Random(f"move {self.seed}")
        wanderers = [each for each in self.clients if each.name.startswith("wanderer")]
        while wanderers and not self._is_over.is_set():
            client, conversation = rng.choice(wanderers), rng.choice(self.town.channels)
            person = next(each for each in self.town.wanderers if client.name.startswith(f"{each.name}/"))
            await self.api.move(self.town.owner, conversation, person.id, is_in=rng.random() < 0.6)
            client.outbox.add("send", conversation=conversation, body=f"I am {client.name}, I think")
            await self._pause(rng.uniform(0.2, 1.5))

    async def _pry(self) -> None:
        """Let the outsider ask for what is not the outsider's."""
        (outsider,) = [each for each in self.clients if each.name.startswith("outsider")]
        rng = random.Random(f"pry {self.seed}")
        while not self._is_over.is_set():
            outsider.outbox.add("send", conversation=rng.choice(self.town.channels), body="let me in")
            await self._pause(rng.uniform(0.5, 2.0))

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_over.wait(), seconds)

    async def _settled(self) -> None:
        """Wait until everything sent is answered, and no client waits for anything."""
        deadline = time.monotonic() + _SETTLE_S
        while waiting := [client for client in self.clients if not client.is_quiet()]:
            if time.monotonic() > deadline:
                what = {c.name: (len(c.outbox.waiting), c.behind, c.live_since is not None) for c in waiting}
                raise AssertionError(f"not settled within {_SETTLE_S:.0f} s (waiting, behind, connected): {what}")
            await asyncio.sleep(0.1)

    async def _level(self, heads: dict[int, int]) -> None:
        """Wait until everybody has everything; who has not after 15 s is found by the proof."""
        deadline = time.monotonic() + GAP_S
        while any(seq < heads[id] for each in self.clients for id, seq in each.held.cursors().items()):
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(0.1)

    def tally(self) -> str:
        """Say what happened, in figures."""
        took = sorted(each for client in self.clients for each in client.outbox.took) or [0.0]
        passing, ends = Counter[str](), Counter[str]()
        for client in self.clients:
            passing += client.outbox.passing
            ends += Counter({str(code): count for code, count in client.ends.items()})
        received = sum(len(stretch.events) for client in self.clients for stretch in client.held.stretches)
        return (
            f"{len(took)} acknowledged (p50 {took[len(took) // 2]:.3f} s, p99 {took[len(took) * 99 // 100]:.3f} s, "
            f"longest {took[-1]:.1f} s), {received} received, answers to try again {dict(passing)}, "
            f"connections ended {dict(ends)}"
        )


class Api:
    """What goes by HTTP; it is tried again until it has an answer."""

    def __init__(self, origin: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{origin}/api/v1", timeout=8)

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()

    async def _ask(self, method: str, path: str, person: Person, **options: object) -> httpx.Response:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                headers = {"Authorization": f"Bearer {person.token}"}
                answer = await self._client.request(method, path, headers=headers, **options)  # type: ignore[arg-type]
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
            await asyncio.sleep(0.5)

    async def move(self, owner: Person, conversation: int, member: int, *, is_in: bool) -> None:
        """Make somebody a member, or no member any more."""
        path = f"/conversations/{conversation}/members"
        if is_in:
            answer = await self._ask("POST", path, owner, json={"user": member, "role": "member"})
            assert answer.status_code in (200, 201), answer.text
        else:
            answer = await self._ask("DELETE", f"{path}/{member}", owner)
            assert answer.status_code in (204, 404), answer.text

    async def head(self, person: Person, conversation: int) -> int:
        """Load a page of history for its head."""
        answer = await self._ask("GET", f"/conversations/{conversation}/messages?limit=1", person)
        return int(answer.json()["head"])


class Watch:
    """Looks, all the time, whether somebody who is connected lacks an event that was in the log 15 s ago.

    Those seconds count only while the database answers and nothing is stopped.
    """

    def __init__(self, crowd: Crowd, dsn: Callable[[], str], is_hurt: Callable[[], bool]) -> None:
        self._crowd = crowd
        self._dsn = dsn
        self._is_hurt = is_hurt
        self._settled = [each for each in crowd.clients if each.name.startswith(("owner", "member"))]
        self._well_s = 0.0
        #: When each of these was last found to be connected without a break, on the clock of good seconds.
        self._since: dict[Client, tuple[float, float]] = {}
        self._seen: deque[tuple[float, dict[int, int]]] = deque()
        self.breaches: list[str] = []

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(_WATCH_S)
            try:
                found = await asyncio.to_thread(proof.heads, self._dsn())
            except (psycopg.Error, OSError, ValueError):
                continue
            if self._is_hurt():
                continue
            self._well_s += min(time.monotonic() - began, 2 * _WATCH_S)
            self._seen.append((self._well_s, found))
            self._look()

    def _look(self) -> None:
        for client in self._settled:
            since = client.live_since
            if since is None:
                self._since.pop(client, None)
            elif self._since.get(client, (0.0, 0.0))[0] != since:
                self._since[client] = (since, self._well_s)
        while self._seen and self._seen[0][0] < self._well_s - GAP_S:
            at, then = self._seen.popleft()
            for client, (_, since) in self._since.items():
                if since < at:
                    self._compare(client, then)

    def _compare(self, client: Client, then: dict[int, int]) -> None:
        cursors = client.held.cursors()
        for conversation in self._crowd.town.channels:
            if cursors.get(conversation, 0) < then[conversation]:
                self.breaches.append(
                    f"{client.name} has {conversation} up to {cursors.get(conversation)}, and {GAP_S:.0f} s ago the "
                    f"log ended at {then[conversation]}"
                )
