"""What became of each record of an export: counted, and what was not taken whole is named."""

from collections import Counter
from dataclasses import dataclass, field

#: How many places of a reason are named; all are counted.
EXAMPLES = 3


@dataclass(slots=True)
class Reason:
    """How often something happened, and the first places of it."""

    times: int = 0
    places: list[str] = field(default_factory=list)

    def add(self, place: str, times: int = 1) -> None:
        """Count it, and note the place while there are few."""
        self.times += times
        if len(self.places) < EXAMPLES:
            self.places.append(place)


@dataclass(slots=True)
class Tally:
    """The counts of an import: events by conversation and kind, and the reasons."""

    #: Records of day files that are in the log now, those of an earlier run included.
    taken: int = 0
    #: Events by conversation and kind that this run wrote.
    written: dict[str, Counter[str]] = field(default_factory=dict)
    #: Events by conversation that an earlier run wrote.
    already: Counter[str] = field(default_factory=Counter)
    #: Why records were not taken.
    skipped: dict[str, Reason] = field(default_factory=dict)
    #: What records lost on the way, and what else whoever imports should know.
    remarks: dict[str, Reason] = field(default_factory=dict)
    people: Counter[str] = field(default_factory=Counter)

    def skip(self, reason: str, place: str, times: int = 1) -> None:
        """Count records that were not taken."""
        self.skipped.setdefault(reason, Reason()).add(place, times)

    def remark(self, reason: str, place: str, times: int = 1) -> None:
        """Count something worth knowing about records that were taken."""
        self.remarks.setdefault(reason, Reason()).add(place, times)

    @property
    def records(self) -> int:
        """Count the records taken and skipped: all that the export has, when the import is through."""
        return self.taken + sum(reason.times for reason in self.skipped.values())
