"""Verify the trail of this database, and keep what was found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import transaction

from audit import connection, reading, trail, verify
from audit.checkpoint import Checkpoint
from audit.models import Verification

#: Faults beyond these are counted and not named.
NAMED = 50


@dataclass(frozen=True)
class Report:
    """What was found."""

    tally: verify.Tally
    fingerprint: str | None
    faults: list[str]
    unnamed: int

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def lines(self) -> list[str]:
        """Write it for a person."""
        tally, head = self.tally, self.tally.head
        said = [
            f"{tally.entries:,} entries in {tally.links:,} links, {tally.checkpoints:,} checkpoints.",
            f"Personal fields of {tally.erased:,} parts of entries were erased; their commitments are there.",
        ]
        if head:
            said.append(
                f"The last link is {head.link.seq}, of {head.link.at:%Y-%m-%d %H:%M:%S} UTC, {head.hash.hex()}."
            )
        if self.fingerprint:
            said.append(f"Checkpoints are signed with the key {self.fingerprint}.")
        if self.is_ok:
            return [*said, "The trail is whole."]
        more = [f"And {self.unnamed:,} more."] if self.unnamed else []
        return [*said, *self.faults, *more, "The trail is NOT whole."]


def run(saved: Iterable[Checkpoint] = (), pinned: str | None = None) -> Report:
    """Look at the whole trail, in one snapshot, against saved checkpoints and a pinned fingerprint if there are any."""
    alias = connection.alias()
    with reading.snapshot(alias):
        return look(alias, saved, pinned)


def look(alias: str, saved: Iterable[Checkpoint] = (), pinned: str | None = None) -> Report:
    """Do what `run` does in the transaction that the connection is in."""
    tally, unnamed = verify.Tally(), 0
    faults: list[str] = []
    malformed: list[str] = []
    reading.prepare(alias)
    keys = reading.public_keys(alias)
    found = verify.check(reading.links(alias), reading.checkpoints(alias, saved, malformed), keys, tally, pinned)
    for fault in chain(found, reading.strays(alias), malformed):
        if len(faults) < NAMED:
            faults.append(fault)
        else:
            unnamed += 1
    return Report(tally, keys[-1].fingerprint if keys else None, faults, unnamed)


def keep(report: Report, origin: Mapping[str, Any]) -> Verification:
    """Keep what was found for the dashboard, and put it on the trail."""
    alias = connection.alias()
    seq = report.tally.head.link.seq if report.tally.head else 0
    with transaction.atomic(using=alias):
        kept = Verification.objects.using(alias).create(
            entries=report.tally.entries, seq=seq, is_ok=report.is_ok, detail="\n".join(report.lines())
        )
        trail.record(
            actor=None,
            verb="trail.verify",
            target="trail",
            after={"is_ok": report.is_ok, "entries": report.tally.entries, "seq": seq, "faults": len(report.faults)},
            origin=origin,
            using=alias,
        )
    return kept


def latest() -> Verification | None:
    """Give the last one: when the trail was verified, and whether it was whole."""
    return Verification.objects.order_by("-id").first()
