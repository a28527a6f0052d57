"""The second pass: everything that a vetted export says goes into the log, conversation by conversation."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction

from accounts.models import User
from audit import trail
from messaging.database import rows
from messaging.models import Head, Source
from messaging.slack import people, records, rooms
from messaging.slack.ahead import ahead
from messaging.slack.archive import Archive, UnusableExport
from messaging.slack.convert import NO_TIME, Converter, Skipped
from messaging.slack.ids import identify
from messaging.slack.records import Message, Unreadable
from messaging.slack.survey import Place, Progress, Room, Survey, place, quietly
from messaging.slack.tally import Tally
from messaging.slack.text import Names
from messaging.slack.writer import Converted, Target, Writer

#: Records of one transaction.
BATCH = 1000
STRAY = "in a folder of no conversation"
UNREADABLE = "not a message"


class Done(NamedTuple):
    """What became of an export's records, and the files of the zip that are not read."""

    tally: Tally
    left_out: list[str]


class Import(NamedTuple):
    """What all conversations of an import share."""

    archive: Archive
    survey: Survey
    team: str
    source: Source
    names: Names
    tally: Tally
    progress: Progress


def run(path: Path, *, by: str, mapping: Path | None = None, progress: Progress = quietly) -> Done:
    """Import an export and tell what became of its records.

    Raises UnusableExport before anything is written. Stopped in the middle, it goes on when it is run again.
    """
    with Archive(path) as archive:
        survey = Survey(archive, progress)
        mapped = people.read_map(mapping, survey.roster) if mapping else {}
        team = people.key(survey.roster.team or f"sha256:{archive.sha256[:16]}")
        with _alone(team):
            tally = Tally()
            with transaction.atomic():
                source = _source(archive, by, mapped)
                ids = people.take(survey.roster, team, mapped, tally)
            channels = {room.listed.id: room.listed.name for room in survey.rooms if room.listed.name}
            through = Import(archive, survey, team, source, Names(ids, channels), tally, progress)
            for room in survey.rooms:
                _load(room, through)
            _finish(through)
    return Done(tally, archive.others)


def _finish(through: Import) -> None:
    """Account for every record, and put the end on the trail."""
    tally, survey = through.tally, through.survey
    for member, count in survey.strays.items():
        tally.skip(STRAY, member, count)
    if tally.records != survey.records:
        raise AssertionError(f"{survey.records} records were read and {tally.records} accounted for")
    _record(through.source, "import.finish", {"taken": tally.taken, "records": tally.records})


@contextmanager
def _alone(team: str) -> Iterator[None]:
    """Hold a lock for the workspace: two imports of it at once would each make what the other makes."""
    name = [f"slack {team}"]
    if rows("select pg_try_advisory_lock(hashtextextended(%s, 0))", name) != [(True,)]:
        raise UnusableExport("Another import of this Slack workspace is running; wait until it is through.")
    try:
        yield
    finally:
        # A connection that broke has given the lock back by itself.
        with suppress(DatabaseError):
            rows("select pg_advisory_unlock(hashtextextended(%s, 0))", name)


def _source(archive: Archive, by: str, mapped: Mapping[str, User]) -> Source:
    source, _ = Source.objects.get_or_create(kind="slack", sha256=archive.sha256, defaults={"imported_by": by})
    # Whoever is mapped gets what somebody else's account was told: that must be seen.
    who = {slack_id: person.pk for slack_id, person in mapped.items()}
    _record(source, "import.start", {"kind": "slack", "sha256": archive.sha256, "by": by, "map": who})
    return source


def _record(source: Source, verb: str, after: dict[str, Any]) -> None:
    origin = trail.command_line("manage.py import_slack")
    trail.record(actor=None, verb=verb, target=f"source:{source.pk}", after=after, origin=origin)


def _load(room: Room, through: Import) -> None:
    tally, ids, source = through.tally, through.names.people, through.source
    conversation = rooms.find_or_make(room, through.team, ids, tally)
    target = Target(
        title=rooms.title(room),
        conversation=conversation.pk,
        key=(through.team, room.listed.id),
        people=ids,
        source=source.pk,
        source_name=f"{source.kind}:{source.sha256}",
        is_resumed=Head.objects.get(pk=conversation.pk).seq > 0,
        is_shown=conversation.shown_at is not None,
        join=lambda person: rooms.join(room, person, ids),
    )
    tally.written.setdefault(target.title, Counter())
    writer = Writer(target, room.pointed_at, tally)
    before = tally.records
    for batch in ahead(_batches(room, through)):
        writer.write(batch)
        through.progress(target.title, tally.records - before, room.records)
    if not target.is_shown:
        rooms.show(room, conversation, through.names, source.pk, tally)


def _batches(room: Room, through: Import) -> Iterator[list[Converted]]:
    converted = _converted(room, through)
    while batch := list(islice(converted, BATCH)):
        yield batch


def _converted(room: Room, through: Import) -> Iterator[Converted]:
    """Convert a room's records in their order; those that can't be have the reason."""
    converter = Converter(through.survey.roster, through.names, room.firsts)
    for stretch in room.stretches():
        placed: list[tuple[Place, Message, str]] = []
        yield from _read(stretch, through.archive, placed)
        # What was said at the same time stays as it stands in the files.
        placed.sort(key=lambda each: each[0])
        seen: Counter[tuple[int, str, str | None]] = Counter()
        for (_, _, at), message, member in placed:
            spot = f"{member} {message.ts}"
            try:
                drafts = converter.drafts(message)
            except Skipped as skipped:
                yield Converted(spot, refusal=str(skipped))
                continue
            same = (at, drafts[0].author, message.subtype)
            identify((through.team, room.listed.id), at, seen[same], drafts)
            yield Converted(spot, drafts, converter.losses)
            seen[same] += 1


def _read(stretch: list[str], archive: Archive, placed: list[tuple[Place, Message, str]]) -> Iterator[Converted]:
    """Read a stretch of day files into `placed`; gives what has no place."""
    for member in stretch:
        for number, message in enumerate(records.messages(member, archive.read(member)), 1):
            if isinstance(message, Unreadable):
                yield Converted(f"{member}, element {number}: {message.why}", refusal=UNREADABLE)
            elif (spot := place(message)) is None:
                yield Converted(f"{member}, element {number}", refusal=NO_TIME)
            else:
                placed.append((spot, message, member))
