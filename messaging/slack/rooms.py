"""Conversations of an export → conversations here: found or made hidden, and shown once they are whole."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from messaging.commands import Command
from messaging.conversations import direct_key
from messaging.log import append_in
from messaging.models import Conversation, Head, SlackKey
from messaging.slack.convert import MAX_NAME
from messaging.slack.moments import moment
from messaging.slack.people import key
from messaging.slack.records import Listed, Note
from messaging.slack.survey import Room
from messaging.slack.tally import Tally
from messaging.slack.text import Names, finished, sayable, unescape, words

BATCH = 2000
MERGED = "direct conversations that went into the one which two people have here already"
NOBODY = "a conversation's topic, purpose or end that nobody here can be named for"

_KINDS = {
    "channel": Conversation.Kind.CHANNEL,
    "group": Conversation.Kind.CHANNEL,
    "mpim": Conversation.Kind.GROUP,
    "dm": Conversation.Kind.DIRECT,
}


def title(room: Room) -> str:
    """Name a room for whoever watches the import."""
    return sayable(room.listed.name or f"{room.kind} {room.listed.id}")


def find_or_make(room: Room, team: str, people: Mapping[str, int], tally: Tally) -> Conversation:
    """Give a room's conversation; a new one is hidden."""
    keyed = {"team": team, "slack_id": key(room.listed.id), "kind": SlackKey.Kind.CONVERSATION}
    found = SlackKey.objects.filter(**keyed).first()
    if found is not None:
        return Conversation.objects.get(pk=found.object_id)
    with transaction.atomic():
        conversation = _existing_direct(room, people) or _make(room, people)
        if conversation.shown_at is not None:
            tally.remark(MERGED, title(room))
        SlackKey.objects.create(**keyed, object_id=conversation.pk)
    return conversation


def _pair(room: Room, people: Mapping[str, int]) -> str | None:
    members = room.listed.members or []
    if room.kind != "dm" or len(members) not in (1, 2):
        return None
    return direct_key(people[members[0]], people[members[-1]])


def _existing_direct(room: Room, people: Mapping[str, int]) -> Conversation | None:
    pair = _pair(room, people)
    return None if pair is None else Conversation.objects.filter(direct_key=pair).first()


def _make(room: Room, people: Mapping[str, int]) -> Conversation:
    listed, pair = room.listed, _pair(room, people)
    kind = Conversation.Kind.GROUP if room.kind == "dm" and pair is None else _KINDS[room.kind]
    is_named = room.kind in ("channel", "group")
    conversation = Conversation.objects.create(
        kind=kind,
        name=sayable(unescape(listed.name or listed.id))[:MAX_NAME] if is_named else "",
        is_private=room.kind != "channel",
        direct_key=pair,
        created_at=_seconds(listed.created) or Now(),
        shown_at=None,
    )
    Head.objects.create(conversation=conversation)
    return conversation


def _seconds(at: int | None) -> datetime | None:
    return moment(at * 1_000_000) if at and 0 < at < 10**11 else None


def show(room: Room, conversation: Conversation, names: Names, source: int, tally: Tally) -> None:
    """Bring members, topic and purpose to what the export lists, mark all as read, and let the members see it."""
    with transaction.atomic():
        commands = [*_membership(room, conversation, names.people), *_attributes(room, conversation, names, tally)]
        for command in commands:
            command.source = source
        for start in range(0, len(commands), BATCH):
            append_in(commands[start : start + BATCH], is_published=False)
        Conversation.objects.filter(pk=conversation.pk).update(shown_at=Now())
        with connection.cursor() as cursor:
            # Nobody wants 200,000 old messages as unread.
            cursor.execute(
                "update membership m set read_seq = h.seq, read_n = h.n, delivered_seq = h.seq from head h"
                " where m.conversation_id = %s and h.conversation_id = m.conversation_id",
                [conversation.pk],
            )
    for command in commands:
        tally.written[title(room)][command.kind] += 1


def _membership(room: Room, conversation: Conversation, people: Mapping[str, int]) -> Iterator[Command]:
    """Join who is listed and did not join by the log, and the other way round; an empty list says nothing."""
    wanted = dict.fromkeys(people[member] for member in room.listed.members or ())
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id from membership where conversation_id = %s and upper_inf(spans) order by 1",
            [conversation.pk],
        )
        present = dict.fromkeys(person for (person,) in cursor.fetchall())
    for person in wanted:
        if person not in present:
            yield _vouched(conversation, person, "join", join(room, person, people))
    for person in present:
        if person not in wanted:
            yield _vouched(conversation, person, "leave", {"member": person})


def join(room: Room, person: int, people: Mapping[str, int]) -> dict[str, Any]:
    """Write the payload of a join: all of the history is open to an imported member, and whoever made it owns it."""
    is_owner = room.kind != "dm" and people.get(room.listed.creator or "") == person
    return {"member": person, "role": "owner" if is_owner else "member", "from": 1}


def _attributes(room: Room, conversation: Conversation, names: Names, tally: Tally) -> Iterator[Command]:
    """Set what the export lists and the log has not led to, for its records may go less far back."""
    for kind, payload, note in _differences(room.listed, conversation, names):
        candidates = (note.creator, room.listed.creator, *(room.listed.members or ()))
        author = next((names.people[one] for one in candidates if one in names.people), None)
        if author is None:
            tally.remark(NOBODY, title(room))
            continue
        command = _vouched(conversation, author, kind, payload)
        command.said_at = _seconds(note.last_set)
        yield command


def _differences(
    listed: Listed, conversation: Conversation, names: Names
) -> Iterator[tuple[str, dict[str, Any], Note]]:
    conversation.refresh_from_db()
    for kind, note, present in (
        ("topic", listed.topic, conversation.topic),
        ("purpose", listed.purpose, conversation.purpose),
    ):
        text = finished(words((note and note.value) or "", names)).text
        if note is not None and text != present:
            yield kind, {kind: text}, note
    if bool(listed.is_archived) != (conversation.archived_at is not None):
        yield "archive", {"on": bool(listed.is_archived)}, Note()


def _vouched(conversation: Conversation, author: int, kind: str, payload: dict[str, Any]) -> Command:
    return Command(conversation=conversation.pk, author=author, kind=kind, payload=payload, is_vouched=True)
