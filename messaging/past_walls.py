"""Between whom a barrier stood at some moment, replayed from the changes that two people approved."""

from datetime import datetime
from typing import Any

from messaging.database import Rows

_CHANGES = """
select decided_at, request from approval where verb = 'barrier.change' and state = 'done' order by decided_at, id
"""


class PastWalls:
    """All changes of barriers that there were, from the first to the last."""

    def __init__(self, rows: Rows) -> None:
        self._changes: list[tuple[datetime, dict[str, Any]]] = [(at, request) for at, request in rows(_CHANGES, {})]

    def stood(self, one: int, other: int, at: datetime) -> bool:
        """Tell whether a barrier kept two people apart at a moment."""
        members: dict[int, set[int]] = {}
        walls: set[tuple[int, int]] = set()
        for changed_at, request in self._changes:
            if changed_at > at:
                break
            match request:
                case {"change": "members", "segment": segment, "add": added, "remove": removed}:
                    inside = members.setdefault(segment, set())
                    inside.update(added)
                    inside.difference_update(removed)
                case {"change": "raise", "one": low, "other": high}:
                    walls.add((low, high))
                case {"change": "lift", "one": low, "other": high}:
                    walls.discard((low, high))
        ones = {segment for segment, people in members.items() if one in people}
        others = {segment for segment, people in members.items() if other in people}
        return any(wall in walls for a in ones for b in others for wall in ((a, b), (b, a)))
