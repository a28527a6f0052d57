"""What a client holds of the logs: stretches of a log, each without a hole for whoever may see all of it.

What comes twice or out of order is noticed here, at once; what is missing only the database can tell (`proof.py`).
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Stretch:
    """Events of a conversation that came one after the other."""

    conversation: int
    #: It begins after this seq; None until history has told where the log is.
    after: int | None
    events: list[dict[str, Any]] = field(default_factory=list)
    #: No more comes: the client is out of the conversation, or was told to start afresh.
    is_over: bool = False

    @property
    def cursor(self) -> int | None:
        """The last seq that is held."""
        return self.events[-1]["seq"] if self.events else self.after


class Held:
    """The stretches of one client."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.stretches: list[Stretch] = []
        self.current: dict[int, Stretch] = {}
        self.breaches: list[str] = []

    def cursors(self) -> dict[int, int]:
        """Give the cursors, for `hello`."""
        return {c: stretch.cursor for c, stretch in self.current.items() if stretch.cursor is not None}

    def begin(self, conversation: int, after: int | None) -> None:
        """Begin a stretch, and end the one that is held."""
        self.end(conversation)
        stretch = self.current[conversation] = Stretch(conversation, after)
        self.stretches.append(stretch)

    def end(self, conversation: int) -> None:
        """Let go of a conversation: what was held stays to be compared."""
        if stretch := self.current.pop(conversation, None):
            stretch.is_over = True

    def take(self, conversation: int, event: dict[str, Any]) -> None:
        """Keep an event. It must come after the last, and from a conversation that the client was told of."""
        stretch = self.current.get(conversation)
        if stretch is None:
            self.breach(f"{conversation}/{event['seq']} came, and the client is not in that conversation")
        elif stretch.cursor is not None and event["seq"] <= stretch.cursor:
            self.breach(f"{conversation}/{event['seq']} came after {stretch.cursor}: twice or out of order")
        else:
            stretch.events.append(event)

    def loaded(self, conversation: int, head: int) -> None:
        """Note how far the history reaches that was loaded; what came meanwhile and is in it counts once."""
        stretch = self.current.get(conversation)
        if stretch is not None and stretch.after is None:
            stretch.after = head
            stretch.events = [event for event in stretch.events if event["seq"] > head]

    def breach(self, sentence: str) -> None:
        """Note a promise that was not kept."""
        self.breaches.append(f"{self._name}: {sentence}")
