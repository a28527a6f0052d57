"""People who send at a rate, whatever the answers: what is refused comes again when it may, in its turn."""

import asyncio
import heapq
import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

import msgspec
from picows import WSTransport

from bench.sockets import HELLO, Socket

#: Who has so many commands without an answer sends no more.
IN_FLIGHT = 50
_TICK_S = 0.01


class Answer(NamedTuple):
    """What became of one sending of a command."""

    id: str
    #: On the monotonic clock, as is `answered_at` (seconds).
    sent_at: float
    answered_at: float
    frame: dict[str, object]

    @property
    def code(self) -> object:
        """An error's code; None: it is acknowledged."""
        return self.frame.get("code")


class Sender(Socket):
    """One socket of somebody who says things in a channel of their own."""

    greeting = HELLO

    def __init__(self) -> None:
        super().__init__()
        self.conversation = 0
        self.answers: list[Answer] = []
        self.unanswered: dict[str, float] = {}
        #: Each ack is followed by another command, until this is over.
        self.is_hurrying = False
        self._again: list[tuple[float, str]] = []

    def say(self) -> None:
        """Send what was refused and may come again, or else something new; who waits for much waits."""
        if len(self.unanswered) >= IN_FLIGHT:
            return
        now = time.monotonic()
        again = heapq.heappop(self._again)[1] if self._again and self._again[0][0] <= now else None
        id = again or str(uuid4())
        self.unanswered[id] = now
        self.send(
            b'{"type":"send","id":"%s","conversation":%d,"body":"one of many"}' % (id.encode(), self.conversation)
        )

    def take(self, payload: bytes) -> None:
        """Note an answer."""
        if payload.startswith((b'{"type":"ack"', b'{"type":"error"')):
            frame = msgspec.json.decode(payload, type=dict[str, object])
            id = str(frame["id"])
            answer = Answer(id, self.unanswered.pop(id), time.monotonic(), frame)
            self.answers.append(answer)
            if answer.code is not None:
                heapq.heappush(self._again, (answer.answered_at + float(str(frame["retry_after"])), id))
            if self.is_hurrying:
                self.say()
        else:
            super().take(payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Note that the connection is gone; `opened` looks before it hangs up itself."""
        self.closed_by = self.closed_by or "no close frame"


async def capacity(senders: Sequence[Sender], in_flight: int, seconds: float) -> float:
    """Let everybody have so many commands on the way for a while, and give how many a second were acknowledged."""
    for sender in senders:
        sender.is_hurrying = True
        for _ in range(in_flight):
            sender.say()
    await asyncio.sleep(seconds / 5)  # until every part is warm
    before, began = _acknowledged(senders), time.monotonic()
    await asyncio.sleep(seconds)
    found = (_acknowledged(senders) - before) / (time.monotonic() - began)
    for sender in senders:
        sender.is_hurrying = False
    return found


async def paced(senders: Sequence[Sender], per_s: float, seconds: float) -> int:
    """Let them send so many commands a second in turn, for a while; gives how many."""
    began, sent = time.monotonic(), 0
    while (passed_s := time.monotonic() - began) < seconds:
        for number in range(sent, int(passed_s * per_s)):
            senders[number % len(senders)].say()
        sent = int(passed_s * per_s)
        await asyncio.sleep(_TICK_S)
    return sent


def _acknowledged(senders: Sequence[Sender]) -> int:
    return sum(answer.code is None for sender in senders for answer in sender.answers)
