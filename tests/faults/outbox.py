"""The commands of one client: kept until they are answered, sent again with the same id, in the order given."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

#: A command without an answer is sent again after so many seconds, at the latest when the client has connected anew.
ANSWER_S = 8.0
#: More commands than this do not wait for their answers at once.
IN_FLIGHT = 16
#: What passes: the command is to be sent again.
PASSING = {"unavailable", "rate_limited"}


@dataclass
class Waiting:
    """A command that has no answer yet."""

    frame: dict[str, Any]
    due: float = 0.0
    #: On which connections it was sent, by their numbers, and as its how-manieth frame.
    sent: list[tuple[int, int]] | None = None


@dataclass
class Acked:
    """A command that the server says is in the log."""

    frame: dict[str, Any]
    ack: dict[str, Any]
    sent: list[tuple[int, int]]


class Outbox:
    """What is to be sent, and what became of it."""

    def __init__(self, rng: random.Random, breach: Callable[[str], None]) -> None:
        self._rng = rng
        self._breach = breach
        self._sent_count = 0
        self.in_flight = IN_FLIGHT
        self.waiting: dict[str, Waiting] = {}
        self.acked: dict[str, Acked] = {}
        self.refused: Counter[str] = Counter()
        self.passing: Counter[str] = Counter()
        #: How long each command waited from its first sending to its ack (seconds).
        self.took: list[float] = []
        self._first_sent: dict[str, float] = {}

    def add(self, type: str, **fields: Any) -> str:
        """Take a command and give its id."""
        id = str(uuid4())
        self.waiting[id] = Waiting({"type": type, "id": id, **fields})
        return id

    def hurry(self) -> None:
        """Make everything due: the connection is new."""
        for each in self.waiting.values():
            each.due = 0.0

    def due(self, connection: int) -> list[dict[str, Any]]:
        """Take what is to be sent now, in the order in which it was given."""
        now, found = time.monotonic(), []
        for each in list(self.waiting.values())[: self.in_flight]:
            if each.due <= now:
                self._sent_count += 1
                each.sent = [*(each.sent or []), (connection, self._sent_count)]
                each.due = now + ANSWER_S
                self._first_sent.setdefault(each.frame["id"], now)
                found.append(each.frame)
        return found

    def answered(self, frame: dict[str, Any]) -> None:
        """Take an `ack`, or an `error` with an id."""
        id = frame["id"]
        if (known := self.acked.get(id)) is not None:
            if frame["type"] == "ack" and (frame["seq"], frame["at"]) != (known.ack["seq"], known.ack["at"]):
                self._breach(f"{id} was acknowledged as {known.ack} and then as {frame}")
            return  # the answer to a command that was sent twice
        each = self.waiting.get(id)
        if each is None:
            self._breach(f"an answer to what was never asked: {frame}")
        elif frame["type"] == "ack":
            del self.waiting[id]
            self.acked[id] = Acked(each.frame, frame, each.sent or [])
            self.took.append(time.monotonic() - self._first_sent.pop(id))
        elif frame["code"] in PASSING:
            self.passing[frame["code"]] += 1
            if "retry_after" not in frame or frame["retry_after"] is None:
                self._breach(f"{frame['code']} without retry_after: {frame}")
            each.due = time.monotonic() + (frame.get("retry_after") or 1.0) * self._rng.uniform(1.0, 1.5)
        else:
            del self.waiting[id]
            self.refused[frame["code"]] += 1
