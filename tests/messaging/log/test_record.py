"""The record: what is in the log stays as it is, and its digests bind it."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from accounts import revocations
from audit import trail
from chatproject import places
from messaging.database import rows
from messaging.inbound import command as inbound_command
from messaging.protocol import commands
from tests.messaging.log.doors import DOORS, running
from tests.worlds import built, channel, delete, done, edit, log_of, message, person, react, say


def _a_row_in_each() -> dict[str, tuple[str, object]]:
    """Put a row into every table of the record and name it by a column and its value."""
    alice = person("alice")
    conversation = channel(alice)
    say(alice, conversation, "for the record")
    rows(
        "insert into receipt (conversation_id, person_id, read, delivered) values (%s, %s, 1, 1) returning id",
        [conversation, alice.pk],
    )
    entry = trail.record(actor=alice.pk, verb="test", target=f"user:{alice.pk}", origin={})
    revocations.record("token", f"test {alice.pk}")
    return {
        "event": ("conversation_id", conversation),
        "receipt": ("conversation_id", conversation),
        "audit_entry": ("id", entry.pk),
        "revocation": ("subject", f"test {alice.pk}"),
    }


def test_the_application_can_neither_change_nor_remove_a_row_of_the_record():
    with psycopg.connect(places.database_url("app") or "", autocommit=True) as app:
        for table, (column, value) in _a_row_in_each().items():
            for statement in (
                f"update {table} set {column} = {column} where {column} = %s",
                f"delete from {table} where {column} = %s",
                f"select from {table} where {column} = %s for update",
            ):
                with pytest.raises(InsufficientPrivilege):
                    app.execute(statement, [value])
            with pytest.raises(InsufficientPrivilege):
                app.execute(f"truncate {table}")
            assert app.execute(f"select from {table} where {column} = %s", [value]).rowcount >= 1


def test_every_digest_commits_to_salt_and_canonical_content():
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    target = say(alice, conversation, f'Grüße <@{bob.pk}>, 👋 "quoted" \\ and \u2028')
    done(edit(alice, conversation, target, "edited"))
    done(react(bob, conversation, target, "🎉"))
    done(delete(alice, conversation, target))
    DOORS["Log"]([message(bob, conversation, "by the other door <!here>")])
    found = rows(
        "select body, payload, salt, digest from event where conversation_id = %s order by seq", [conversation]
    )
    assert len(found) == 7
    salts = set()
    for body, payload, salt, digest in found:
        content = json.dumps([body, payload], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        assert bytes(digest) == sha256(bytes(salt) + content.encode()).digest()
        salts.add(bytes(salt))
    assert len(salts) == len(found)
    assert all(len(salt) == 16 for salt in salts)


def test_a_claimed_time_stands_beside_the_witnessed_one_and_is_marked():
    alice = person("alice")
    conversation = channel(alice)
    claimed = datetime(2019, 5, 1, 12, 30, 15, 123456, UTC)
    say(alice, conversation, "written offline", said_at=claimed)
    event = log_of(conversation)[-1]
    assert (event.said_at, event.source) == ("2019-05-01T12:30:15.123456Z", "client")
    assert event.at > "2025"


@pytest.mark.parametrize("offset_hours", [-8, 0, 2])
async def test_an_event_goes_out_as_it_is_read_back_whatever_the_offset_of_its_claimed_time(offset_hours):
    alice = await built(person, "alice")
    conversation = await built(channel, alice)
    said_at = datetime(2024, 2, 29, 23, 59, 58, tzinfo=timezone(timedelta(hours=offset_hours)))
    frame = commands.Send(
        id=message(alice, conversation, "").id, conversation=conversation, body="then", said_at=said_at.isoformat()
    )
    async with running() as (log, entries):
        await log.append(inbound_command(frame, alice.pk))
    stored = (await built(log_of, conversation))[-1]
    assert entries[0].event == stored
    assert stored.said_at == said_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
