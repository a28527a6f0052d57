"""A client that follows the protocol, whatever happens: it connects again, sends again, syncs, and starts afresh."""

import asyncio
import contextlib
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from tests.faults.closed import Closed
from tests.faults.held import Held
from tests.faults.outbox import Outbox
from tests.faults.transports import Frame, Transport

#: It pings so often, and gives a connection up that is silent for so long (seconds).
PING_S, SILENCE_S = 2.0, 8.0
#: Pauses between two tries to connect, doubled from the first to the longest, with jitter.
PAUSES_S = (0.1, 2.0)
TURN_S = 0.05


class Client:
    """One device of one person. `load` gives a conversation's head by the API, for when it must start afresh."""

    def __init__(
        self,
        name: str,
        make: Callable[[], Transport],
        rng: random.Random,
        load: Callable[[int], Awaitable[int]] | None = None,
    ) -> None:
        self.name = name
        self._make = make
        self._rng = rng
        self._load = load
        self.held = Held(name)
        self.outbox = Outbox(rng, self.held.breach)
        #: How its connections ended, by code.
        self.ends: Counter[int | None] = Counter()
        self.connections = 0
        #: Since when it is connected and welcome; None while it is not.
        self.live_since: float | None = None
        #: Conversations that have moved on and whose `events` have yet to come.
        self.behind: set[int] = set()
        self._to_sync: deque[int] = deque()
        self._asked: int | None = None
        self._ask_after = 0.0
        self._hello_due: float | None = None
        self._is_over = False
        self._loading: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Stay connected until `stop`."""
        tries = 0
        while not self._is_over:
            transport = self._make()
            self.connections += 1
            try:
                await transport.open()
                await self._talk(transport)
            except Closed as closed:
                self.ends[closed.code] += 1
            finally:
                tries = 0 if self.live_since is not None else tries + 1
                self.live_since = None
                await transport.close()
            if not self._is_over:
                pause = min(PAUSES_S[0] * 2**tries, PAUSES_S[1])
                await asyncio.sleep(pause * self._rng.uniform(0.5, 1.0))

    def stop(self) -> None:
        """Hang up at the next turn."""
        self._is_over = True

    def is_quiet(self) -> bool:
        """Tell whether everything that was sent is answered, and everything that was asked for has come."""
        return not (self.outbox.waiting or self.behind) and self.live_since is not None

    async def _talk(self, transport: Transport) -> None:
        self.behind, self._asked, self._hello_due = set(), None, None
        self._to_sync.clear()
        await self._hello(transport)
        hearing = asyncio.create_task(self._hear(transport))
        speaking = asyncio.create_task(self._speak(transport))
        try:
            done, _ = await asyncio.wait({hearing, speaking}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (hearing, speaking):
                task.cancel()
            await asyncio.gather(hearing, speaking, return_exceptions=True)

    async def _hello(self, transport: Transport) -> None:
        cursors = {str(conversation): seq for conversation, seq in self.held.cursors().items()}
        await transport.send({"type": "hello", "cursors": cursors})

    async def _hear(self, transport: Transport) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENCE_S):
                    frame = await transport.receive()
            except TimeoutError:
                raise Closed(None) from None
            self._take(frame)

    async def _speak(self, transport: Transport) -> None:
        pinged_at = time.monotonic()
        while not self._is_over:
            now = time.monotonic()
            if self._hello_due is not None and now > self._hello_due:
                self._hello_due = None
                await self._hello(transport)
            if now - pinged_at > PING_S:
                pinged_at = now
                await transport.send({"type": "ping", "n": self.connections})
            if self.live_since is not None:
                if self._asked is None and self._to_sync and now > self._ask_after:
                    self._asked = self._to_sync.popleft()
                    cursor = self.held.cursors().get(self._asked, 0)
                    await transport.send({"type": "sync", "cursors": {str(self._asked): cursor}})
                for frame in self.outbox.due(self.connections):
                    await transport.send(frame)
            await asyncio.sleep(TURN_S)

    # What comes

    def _take(self, frame: Frame) -> None:
        match frame["type"]:
            case "event":
                conversation = frame["conversation"]
                if conversation in self.behind:
                    self.held.breach(f"{conversation}/{frame['seq']} came live while the client is catching up")
                self.held.take(conversation, {name: value for name, value in frame.items() if name != "type"})
            case "events":
                self._take_events(frame)
            case "ack":
                self.outbox.answered(frame)
            case "error" if frame.get("id"):
                self.outbox.answered(frame)
            case "error":
                self._take_error(frame)
            case "welcome":
                self._take_welcome(frame)
            case "conversation" if frame["change"] == "added":
                self.held.begin(frame["conversation"]["id"], frame["conversation"]["seq"])
            case "conversation" if frame["change"] == "removed":
                self._forget(frame["conversation"]["id"])

    def _take_welcome(self, frame: Frame) -> None:
        seqs = {each["id"]: each["seq"] for each in frame["conversations"]}
        cursors = self.held.cursors()
        for conversation in set(self.held.current) - set(seqs):
            self.held.end(conversation)
        for conversation, seq in seqs.items():
            if conversation not in cursors:
                self.held.begin(conversation, seq)
            elif cursors[conversation] < seq:
                self.behind.add(conversation)
            elif cursors[conversation] > seq:
                self.held.breach(f"{conversation} ends at {seq}, and {cursors[conversation]} is held: events are lost")
        self.live_since = time.monotonic()
        self.outbox.hurry()

    def _take_events(self, frame: Frame) -> None:
        conversation = frame["conversation"]
        if frame.get("gap"):
            self.behind.discard(conversation)
            self.held.begin(conversation, None)
            task = asyncio.create_task(self._start_afresh(conversation))
            self._loading.add(task)
            task.add_done_callback(self._loading.discard)
        for event in frame["events"]:
            self.held.take(conversation, event)
        if conversation == self._asked:
            self._asked = None
        if frame.get("more"):
            self.behind.add(conversation)
            self._to_sync.append(conversation)
        else:
            self.behind.discard(conversation)

    def _take_error(self, frame: Frame) -> None:
        """Take a refusal of a question, which names none: of the `sync` that was asked, or of the `hello`."""
        wait_s = (frame.get("retry_after") or 1.0) * self._rng.uniform(1.0, 1.5)
        if frame["code"] == "not_found" and self._asked is not None:
            conversation, self._asked = self._asked, None
            self._forget(conversation)
        elif frame["code"] not in ("unavailable", "rate_limited"):
            self.held.breach(f"an error that nothing explains: {frame}")
        elif self.live_since is None:
            self._hello_due = time.monotonic() + wait_s
        else:
            self._ask_after = time.monotonic() + wait_s
            self._asked = None
            self._to_sync = deque(sorted(self.behind))

    def _forget(self, conversation: int) -> None:
        self.held.end(conversation)
        self.behind.discard(conversation)
        with contextlib.suppress(ValueError):
            self._to_sync.remove(conversation)

    async def _start_afresh(self, conversation: int) -> None:
        if self._load is not None:
            self.held.loaded(conversation, await self._load(conversation))
