"""Drafts of one conversation → its log, in order, in batches that each are one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from messaging import mentions
from messaging.commands import Command
from messaging.database import rows
from messaging.log import append_in
from messaging.slack.convert import THIS, Draft
from messaging.slack.ids import Key, message_id
from messaging.slack.moments import moment
from messaging.slack.tally import Tally

NO_ROOT = "replies whose thread's root is not in the export, taken as plain messages"
GONE_BEFORE = "reactions to, or edits of, a message that was deleted"
GONE = "an edit or deletion of a message that was deleted before"
NO_MESSAGE = "an edit or deletion of a message that is not in the export"

_HEAD = "select seq from head where conversation_id = %s for update"
_DELETED = "select seq from message_state where conversation_id = %s and deleted_at is not null"
_KNOWN = "select id, seq, thread from event where conversation_id = %s and id = any(%s::uuid[])"


@dataclass(slots=True)
class Converted:
    """A record's drafts, and what became of it: `seq` of its first event, or why it was not taken."""

    #: Names the record for a person: file and time.
    place: str
    drafts: list[Draft] = field(default_factory=list)
    #: What it lost on the way: reason → how often.
    losses: Mapping[str, int] = field(default_factory=dict)
    seq: int = 0
    refusal: str | None = None


@dataclass(slots=True)
class _Pending:
    command: Command
    draft: Draft
    record: Converted
    #: The number that it will get.
    seq: int


@dataclass(slots=True)
class Target:
    """What is written to: a conversation, the key of its ids, and how people and the source are called here."""

    #: Its name in the tally.
    title: str
    conversation: int
    key: Key
    people: Mapping[str, int]
    source: int
    source_name: str
    #: Its log has events from earlier on, some of which may be these.
    is_resumed: bool
    #: It is seen already: what is added goes out to whoever is connected.
    is_shown: bool
    #: Gives a join's payload.
    join: Callable[[int], dict[str, Any]]


class Writer:
    """Writes to one conversation. `pointed_at`: the times of messages to which others refer; only those are kept."""

    def __init__(self, target: Target, pointed_at: set[int], tally: Tally) -> None:
        self._target = target
        self._tally = tally
        self._pointed_at = pointed_at
        #: Message (by microseconds) → its seq, and the root of its thread.
        self._where: dict[int, tuple[int, int | None]] = {}
        #: The events of this batch that are in the log, or pending.
        self._known: dict[UUID, tuple[int, int | None]] = {}
        self._deleted: set[int] = set()
        self._pending: list[_Pending] = []
        #: Where the log will end when what is pending is in it.
        self._end = 0

    def write(self, records: list[Converted]) -> None:
        """Write a batch of records as one transaction."""
        with transaction.atomic():
            # To plan the append anew costs as much as to carry it out.
            rows("select set_config('plan_cache_mode', 'force_generic_plan', true)")
            # The lock is held from here on, so that every event's number is known before it is sent.
            ((self._end,),) = rows(_HEAD, [self._target.conversation])
            self._known = {}
            if self._target.is_resumed:
                self._known = self._look_up(records)
                self._deleted.update(seq for (seq,) in rows(_DELETED, [self._target.conversation]))
            for record in records:
                for draft in record.drafts:
                    if draft.target != THIS:
                        self._put(draft, record)
            # Reactions, and edits of which only the last is known, claim no place between the messages.
            for record in records:
                for draft in record.drafts:
                    if draft.target == THIS and record.seq:
                        self._change(draft, record, record.seq)
            self._flush()
        for record in records:
            self._count(record)

    def _count(self, record: Converted) -> None:
        """Count a record as taken, or with the reason why not."""
        if record.refusal is not None:
            self._tally.skip(record.refusal, record.place)
            return
        self._tally.taken += 1
        for reason, times in record.losses.items():
            self._tally.remark(reason, record.place, times)

    def _look_up(self, records: list[Converted]) -> dict[UUID, tuple[int, int | None]]:
        ids = [draft.id for record in records for draft in record.drafts]
        return {id: (seq, thread) for id, seq, thread in rows(_KNOWN, [self._target.conversation, ids])}

    def _put(self, draft: Draft, record: Converted) -> None:
        """Queue a draft, with the numbers of what it refers to."""
        if draft.stands_in and draft.said_at in self._where:
            return
        if draft.target is not None:
            if draft.target in self._where:
                self._change(draft, record, self._where[draft.target][0])
            else:
                record.refusal = NO_MESSAGE
            return
        thread = None
        if draft.thread is not None:
            seq, root = self._where.get(draft.thread) or self._from_before(draft.thread, draft.thread_author)
            thread = root or seq
            if thread is None:
                self._tally.remark(NO_ROOT, record.place)
        self._queue(draft, record, thread, None)

    def _change(self, draft: Draft, record: Converted, target: int) -> None:
        """Queue what changes a message, unless that is deleted: the log would refuse it."""
        if target not in self._deleted or draft.id in self._known:
            self._queue(draft, record, None, target)
        elif draft.target == THIS:
            self._tally.remark(GONE_BEFORE, record.place)
        else:
            record.refusal = GONE
        if draft.kind == "delete":
            self._deleted.add(target)

    def _from_before(self, at: int, author: str | None) -> tuple[int | None, int | None]:
        """Find a thread's root that an earlier export of the workspace brought: exports may be of a month each."""
        if not self._target.is_resumed or author is None:
            return None, None
        root = message_id(self._target.key, at, author)
        for _, seq, thread in rows(_KNOWN, [self._target.conversation, [root]]):
            self._where[at] = (seq, thread)
            return seq, thread
        return None, None

    def _queue(self, draft: Draft, record: Converted, thread: int | None, target: int | None) -> None:
        if draft.id in self._known:
            self._placed(draft, record, *self._known[draft.id])
            self._tally.already[self._target.title] += 1
            return
        to = self._target
        command = Command(
            conversation=to.conversation,
            id=draft.id,
            author=to.people[draft.author],
            kind=draft.kind,
            body=draft.body or None,
            thread=thread,
            target=target,
            payload=self._payload(draft),
            said_at=None if draft.said_at is None else moment(draft.said_at),
            source=to.source,
            is_vouched=True,
        )
        self._end += 1
        self._pending.append(_Pending(command, draft, record, self._end))
        self._known[draft.id] = (self._end, thread)
        self._placed(draft, record, self._end, thread)

    def _payload(self, draft: Draft) -> dict[str, Any] | None:
        if draft.kind == "message":
            mentioned = mentions.find(draft.body)
            return {**(draft.payload or {}), "mentions": mentioned} if mentioned else draft.payload
        if draft.member is None:
            return draft.payload
        person = self._target.people[draft.member]
        return self._target.join(person) if draft.kind == "join" else {"member": person}

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        to, written = self._target, self._tally.written[self._target.title]
        verdicts = append_in([each.command for each in pending], source=to.source_name, is_published=to.is_shown)
        for each, verdict in zip(pending, verdicts, strict=True):
            if verdict.seq != each.seq:
                raise AssertionError(f"{each.record.place}: {verdict} instead of {each.seq}")
            written["reply" if each.command.thread else each.draft.kind] += 1

    def _placed(self, draft: Draft, record: Converted, seq: int, thread: int | None) -> None:
        record.seq = record.seq or seq
        at = draft.said_at
        if draft.kind == "message" and at in self._pointed_at and (draft.is_root or at not in self._where):
            self._where[at] = (seq, thread)
