"""Whether the trail is whole: every entry, every link, every checkpoint, in one pass and constant memory.

Nothing here knows the database: rows come in as iterators (`reading.py`), faults go out as sentences. A checker goes on
after a fault with what it found, so that one change is one fault and not a fault for everything after it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from audit import chain, commitments, keys
from audit.chain import Link
from audit.checkpoint import Checkpoint
from audit.keys import PublicKey


@dataclass(frozen=True)
class EntryRow:
    """An entry as it lies there. `columns` are those the database keeps for its indexes, out of the content."""

    id: int
    at: datetime
    content: str
    digest: bytes
    columns: Mapping[str, Any]
    #: Part → (salt, fields), as far as it is still kept.
    personal: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class LinkRow:
    """A link as it lies there."""

    link: Link
    hash: bytes


@dataclass
class Tally:
    """What was looked at."""

    entries: int = 0
    links: int = 0
    checkpoints: int = 0
    erased: int = 0
    head: LinkRow | None = None


def check(
    links: Iterable[tuple[LinkRow, Iterable[EntryRow]]],
    checkpoints: Iterable[Checkpoint],
    public_keys: Sequence[PublicKey],
    tally: Tally,
    pinned: str | None = None,
) -> Iterator[str]:
    """Find the faults of a trail, as sentences, and count into the tally.

    `links` come by seq with their entries by id, `checkpoints` (those of the database and saved ones) by seq.
    """
    yield from keys.faults(public_keys, pinned)
    waiting = iter(checkpoints)
    checkpoint = next(waiting, None)
    for row, entries in links:
        yield from _link(row, tally)
        yield from _entries(row.link, entries, tally)
        tally.links += 1
        while checkpoint and checkpoint.seq <= row.link.seq:
            yield from _checkpoint(checkpoint, row, public_keys, tally)
            checkpoint = next(waiting, None)
        tally.head = row
    end = tally.head.link.seq if tally.head else 0
    while checkpoint:
        yield from _checkpoint(checkpoint, None, public_keys, tally)
        yield f"The end is missing: the checkpoint of {checkpoint.at} saw link {checkpoint.seq}, the last is {end}."
        checkpoint = next(waiting, None)


def _link(row: LinkRow, tally: Tally) -> Iterator[str]:
    link, head = row.link, tally.head
    expected = head.link.seq + 1 if head else 1
    if link.seq != expected:
        missing = f"Link {expected} is" if link.seq == expected + 1 else f"Links {expected} to {link.seq - 1} are"
        yield f"{missing} missing."
    elif link.previous != (head.hash if head else chain.GENESIS):
        yield f"Link {link.seq} does not follow the link before it: one of the two was put in another's place."
    elif link.first != (head.link.first + head.link.entries if head else 1):
        yield f"Link {link.seq} numbers its entries from {link.first}, which does not follow the link before it."
    if head and link.at < head.link.at:
        yield f"Link {link.seq} is older than the link before it."
    if link.hash() != row.hash:
        yield f"Link {link.seq} was changed: its hash does not fit."


def _entries(link: Link, entries: Iterable[EntryRow], tally: Tally) -> Iterator[str]:
    """Check the entries of one link and that they are just those, in their order."""
    count = 0

    def digests() -> Iterator[bytes]:
        nonlocal count
        for count, entry in enumerate(entries, start=1):
            found.extend(_entry(entry, link.first + count - 1, tally))
            yield entry.digest

    found: list[str] = []
    digest = chain.entries_digest(digests())
    yield from found
    tally.entries += count
    if count != link.entries:
        what = "missing" if count < link.entries else "added"
        yield f"Entries of link {link.seq} are {what}: it was made of {link.entries}, and {count} are there."
    elif digest != link.entries_digest:
        last = link.first + link.entries - 1
        yield f"The entries {link.first} to {last} of link {link.seq} were changed, or their order was."


def _entry(entry: EntryRow, number: int, tally: Tally) -> Iterator[str]:
    name = f"Entry {number} (id {entry.id})"
    if chain.entry_digest(entry.at, entry.content) != entry.digest:
        yield f"{name} was changed: its content or its time is not what its digest was made of."
    try:
        said = json.loads(entry.content)
        promises = {part: promise["commitment"] for part, promise in said["personal"].items()}
        columns = {column: said[key] for column, key in COLUMNS.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield f"{name} has a content that can't be read."
        return
    if columns != entry.columns:
        yield f"{name} is found under something else than what it says."
    for part, promise in promises.items():
        if part not in entry.personal:
            tally.erased += 1
            continue
        if commitments.commitment(*entry.personal[part]) != promise:
            yield f"{name} has other personal fields ({part}) than those that the trail commits to."
    for part in entry.personal.keys() - promises.keys():
        yield f"{name} was given personal fields ({part}) that the trail knows nothing of."


#: Which columns of an entry are what in its content.
COLUMNS = {"actor_id": "actor", "verb": "verb", "target": "target", "category": "category"}


def _checkpoint(
    checkpoint: Checkpoint, row: LinkRow | None, public_keys: Sequence[PublicKey], tally: Tally
) -> Iterator[str]:
    tally.checkpoints += 1
    name = f"The checkpoint of {checkpoint.at}"
    yield from _signer(checkpoint, name, public_keys)
    if row is None:
        return
    if row.link.seq != checkpoint.seq:
        yield f"{name} saw link {checkpoint.seq}, which is not there."
    elif (row.hash.hex(), row.link.first + row.link.entries - 1) != (checkpoint.hash, checkpoint.entries):
        yield f"{name} saw another link {checkpoint.seq} than the one that is there: the trail was made anew since."


def _signer(checkpoint: Checkpoint, name: str, public_keys: Sequence[PublicKey]) -> Iterator[str]:
    """Check the signature, and that its key was the trail's at that time (both are written alike, in UTC)."""
    if not checkpoint.is_authentic():
        yield f"{name} was changed: its signature does not fit."
        return
    for key, successor in zip_longest(public_keys, public_keys[1:]):
        if key.fingerprint == checkpoint.fingerprint:
            if checkpoint.workspace != key.workspace:
                yield f"{name} is of another workspace."
            if successor and checkpoint.at > successor.since:
                yield f"{name} is signed with a key that was retired before."
            return
    yield f"{name} is signed with a key that is not the trail's ({checkpoint.fingerprint})."
