"""How much is said in a conversation, by everybody together: beyond a bound it takes no more for a moment.

What is in the log counts, on whichever process it was said, as far as this one hears of it: nothing is asked of the
database, and who is refused there takes nothing from those who are in. What is on its way already is not held back, so
that the bound may be passed by a batch of each process.
"""

from collections.abc import Iterable

from django.conf import settings

from messaging.entry import Entry
from messaging.peers import Allowance
from messaging.protocol.events import Edit, Message, React

#: Kinds that count. What is deleted or pinned is not many, and a moderator has to get through.
KINDS = frozenset({"message", "edit", "react"})
#: Where what counts comes from: what is imported takes nothing from the members.
SAID_HERE = (None, "client")
#: A conversation takes so many seconds' worth at once.
BURST_S = 10
RETRY_AFTER_S = 1.0
DETAIL = "More is being said in this conversation than it takes: send it again in a moment."


class Crowds:
    """What each conversation still takes."""

    def __init__(self) -> None:
        self._allowances: dict[int, Allowance] = {}

    def said(self, entries: Iterable[Entry]) -> None:
        """Count what has come into the log."""
        if not settings.IS_RATE_LIMITED:
            return
        for entry in entries:
            event = entry.event
            if isinstance(event, (Message, Edit, React)) and event.source in SAID_HERE:
                allowance = self._allowances.get(entry.conversation)
                if allowance is None:
                    per_s = settings.CONVERSATION_PER_S
                    allowance = self._allowances[entry.conversation] = Allowance(per_s, BURST_S * per_s)
                allowance.wait_s()

    def is_crowded(self, conversation: int) -> bool:
        """Tell whether a conversation takes nothing just now."""
        allowance = self._allowances.get(conversation)
        return allowance is not None and settings.IS_RATE_LIMITED and not allowance.has_any()

    def forget(self) -> None:
        """Forget conversations in which it has become quiet."""
        for conversation in [id for id, allowance in self._allowances.items() if allowance.is_full()]:
            del self._allowances[conversation]


#: Of this process.
HERE = Crowds()
