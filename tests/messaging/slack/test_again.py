"""An import that is run twice changes nothing, and one that was stopped goes on."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from messaging.commands import Command
from messaging.database import rows
from messaging.log import append_in
from messaging.models import Conversation, SlackKey
from messaging.slack import load, writer
from messaging.slack.archive import UnusableExport
from tests.messaging.slack.exports import Export, channel, said, two_people, user
from tests.messaging.slack.test_whole import rich

LOG = """
select e.conversation_id, seq, n, e.id, e.kind, author_id, at, said_at, source_id, target, thread, body, payload::text,
    digest
from event e join slack_key k on k.object_id = e.conversation_id and k.kind = 'conversation'
where k.team = %s order by 1, 2
"""
#: What a conversation says, whatever its numbers and ids of people are called.
SAID = """
select k.slack_id, seq, n, e.id, e.kind, said_at, target, thread, body
from event e join slack_key k on k.object_id = e.conversation_id and k.kind = 'conversation'
where k.team = %s order by 1, 2
"""


class Stop(Exception):
    """The process ends here."""


def busy(folder: Path, messages: int = 40) -> Export:
    """Make a channel with a thread, edits and reactions all along."""
    export = two_people(folder)
    for number in range(messages):
        ts = f"17040672{number:02}.000000"
        extra: dict[str, Any] = (
            {"reactions": [{"name": "tada", "users": ["U2"], "count": 1}]} if number % 3 == 0 else {}
        )
        extra |= {"edited": {"user": "U1", "ts": f"17040680{number:02}.000000"}} if number % 5 == 0 else {}
        extra |= {"thread_ts": "1704067200.000000"} if number % 2 == 0 else {}
        export.add(f"general/2024-01-0{1 + number // 20}.json", said("U1", ts, f"words {number}", **extra))
    return export


def test_twice(tmp_path: Path) -> None:
    export = rich(tmp_path)
    path = export.write()
    first = load.run(path, by="tester").tally
    before = rows(LOG, [export.team]), Conversation.objects.count(), SlackKey.objects.count()
    second = load.run(path, by="somebody else").tally
    assert (rows(LOG, [export.team]), Conversation.objects.count(), SlackKey.objects.count()) == before
    assert second.taken == first.taken
    assert not any(kinds.total() for kinds in second.written.values())
    # What the export lists and no record tells was added at the first time, and is nobody's record.
    assert 0 < second.already.total() <= sum(kinds.total() for kinds in first.written.values())


@pytest.mark.parametrize("stop_after", range(1, 6))
def test_stopped_between_two_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int) -> None:
    monkeypatch.setattr(load, "BATCH", 9)
    export = busy(tmp_path)
    path = export.write()
    batches = 0

    def progress(title: str, done: int, of: int) -> None:
        nonlocal batches
        batches += title == "general"
        if batches == stop_after:
            raise Stop

    with pytest.raises(Stop):
        load.run(path, by="tester", progress=progress)
    general = SlackKey.objects.get(team=export.team, kind="conversation")
    assert Conversation.objects.get(pk=general.object_id).shown_at is None
    tally = load.run(path, by="tester").tally
    assert Conversation.objects.get(pk=general.object_id).shown_at is not None
    assert (tally.taken, tally.already["general"] > 0) == (40, True)
    # 40 messages, 14 reactions, 8 edits, 2 joins.
    assert len(rows(SAID, [export.team])) == 64


def test_stopped_and_gone_on_is_the_same_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seq by seq, but for the ids, which name the workspace."""
    monkeypatch.setattr(load, "BATCH", 7)
    logs = []
    for name, is_stopped in (("one", False), ("other", True)):
        folder = tmp_path / name
        folder.mkdir()
        export = busy(folder)
        path = export.write()
        if is_stopped:
            _run_until(4, path)
        load.run(path, by="tester")
        logs.append([row[1:3] + row[4:] for row in rows(SAID, [export.team])])
    assert logs[0] == logs[1]


def _run_until(call: int, path: Path) -> None:
    """Run an import that is stopped at a call of the log's door."""
    calls = 0

    def door(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Stop
        return append_in(*args, **options)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stop):  # noqa: PT012 - the patch must end here
        patch.setattr(writer, "append_in", door)
        load.run(path, by="tester")


def test_a_later_export_adds_what_is_new(tmp_path: Path) -> None:
    export = busy(tmp_path)
    load.run(export.write("first.zip"), by="tester")
    before = rows(LOG, [export.team])
    export.add("general/2024-02-01.json", said("U2", "1706745600.000000", "later", thread_ts="1704067200.000000"))
    day = export.files["general/2024-01-01.json"]
    day[1] |= {"text": "other words", "edited": {"user": "U1", "ts": "1706745601.000000"}}
    tally = load.run(export.write("second.zip"), by="tester").tally
    after = rows(SAID, [export.team])[len(before) :]
    assert rows(LOG, [export.team])[: len(before)] == before
    root = next(row[1] for row in before if row[11] == "words 0")
    edited = next(row[1] for row in before if row[11] == "words 1")
    assert sorted((row[4], row[6], row[7], row[8]) for row in after) == [
        ("edit", edited, None, "other words"),
        ("message", None, root, "later"),
    ]
    assert tally.written["general"] == {"edit": 1, "reply": 1}


def test_a_thread_that_goes_on_in_the_next_months_export(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    export.files["general/2024-01-01.json"] = [said("U1", "1704067200.000000", "root")]
    load.run(export.write("january.zip"), by="tester")
    del export.files["general/2024-01-01.json"]
    reply = {"thread_ts": "1704067200.000000", "parent_user_id": "U1"}
    export.add("general/2024-02-01.json", *(said("U2", f"1706745600.00000{n}", "reply", **reply) for n in range(3)))
    tally = load.run(export.write("february.zip"), by="tester").tally
    (root,) = (row[1] for row in rows(SAID, [export.team]) if row[8] == "root")
    assert [row[7] for row in rows(SAID, [export.team]) if row[8] == "reply"] == [root] * 3
    assert tally.remarks == {}


def test_what_happened_here_since_is_left_alone(tmp_path: Path) -> None:
    """Who left after the first import does not come back with the second."""
    from messaging import conversations

    export = busy(tmp_path)
    path = export.write()
    load.run(path, by="tester")
    ids = dict(SlackKey.objects.filter(team=export.team).values_list("slack_id", "object_id"))
    conversations.remove_member(ids["C1"], by=ids["U1"], member=ids["U2"])
    load.run(path, by="tester")
    inside = rows("select person_id from membership where conversation_id = %s and upper_inf(spans)", [ids["C1"]])
    assert inside == [(ids["U1"],)]


def test_what_was_deleted_here_since_stays_deleted(tmp_path: Path) -> None:
    export = busy(tmp_path)
    load.run(export.write("first.zip"), by="tester")
    ids = dict(SlackKey.objects.filter(team=export.team).values_list("slack_id", "object_id"))
    (target,) = (row[1] for row in rows(SAID, [export.team]) if row[8] == "words 1")
    deletion = Command(conversation=ids["C1"], author=ids["U1"], kind="delete", target=target)
    with transaction.atomic():
        append_in([deletion])
    day = export.files["general/2024-01-01.json"]
    day[1] |= {"text": "other words", "edited": {"user": "U1", "ts": "1706745601.000000"}}
    export.add("general/2024-02-01.json", said("U2", "1706745600.000000", "later"))
    tally = load.run(export.write("second.zip"), by="tester").tally
    assert tally.written["general"] == {"message": 1}
    assert [(found.times, found.places) for found in tally.remarks.values()] == [
        (1, ["general/2024-01-01.json 1704067201.000000"])
    ]


def test_a_change_after_the_deletion(tmp_path: Path) -> None:
    """Slack's log may tell of an edit after the deletion; the log here takes none."""
    export = two_people(tmp_path)
    gone = said("U1", "1704067200.000000", "gone", reactions=[{"name": "tada", "users": ["U2", "U1"]}])
    by = {"type": "message", "user": "U1", "original": gone}
    export.add(
        "general/2024-01-01.json",
        gone,
        by | {"subtype": "message_deleted", "ts": "1704067201.000000"},
        by | {"subtype": "message_changed", "ts": "1704067202.000000", "message": gone | {"text": "back"}},
        said("U2", "1704067203.000000", "next"),
    )
    tally = load.run(export.write(), by="tester").tally
    kinds = [row[4] for row in rows(SAID, [export.team])]
    assert kinds == ["message", "delete", "message", "join", "join"]
    assert (tally.taken, tally.records) == (3, 4)


def test_two_at_once(tmp_path: Path) -> None:
    export = two_people(tmp_path)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"slack {export.team}"])
        with pytest.raises(UnusableExport, match="Another import"):
            load.run(export.write(), by="tester")
    finally:
        other.close()


def test_an_export_without_a_team_is_one_by_its_bytes(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.add("users.json", user("U1", f"solo-{export.team}", team_id=None))
    export.add("channels.json", channel("C1", "general", "U1"))
    path = export.write()
    load.run(path, by="tester")
    before = Conversation.objects.count()
    load.run(path, by="tester")
    assert Conversation.objects.count() == before
