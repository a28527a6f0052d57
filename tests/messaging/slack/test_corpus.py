"""Real conversations, whole: the demo's export, or a larger one that PARLEY_CORPUS names."""

import json
import os
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from chatproject.places import ROOT
from messaging.database import rows
from messaging.models import Event, SlackKey
from messaging.slack import convert, load
from messaging.slack.moments import micros, moment

CORPUS = Path(os.environ.get("PARLEY_CORPUS") or ROOT / "chatproject" / "demo" / "irc-slack-export-small.zip")


def contents() -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    """Read the export by itself: its channels, and their records by channel."""
    found: dict[str, list[dict[str, Any]]] = {}
    with zipfile.ZipFile(CORPUS) as file:
        channels = json.loads(file.read("channels.json"))
        for name in sorted(file.namelist()):
            if "/" in name:
                found.setdefault(name.split("/")[0], []).extend(json.loads(file.read(name)))
    return channels, {channel: sorted(filter(is_said, told), key=place) for channel, told in found.items()}


def is_said(record: dict[str, Any]) -> bool:
    return bool(record["text"].strip())


def place(record: dict[str, Any]) -> tuple[str, bool]:
    """Some replies of the large corpus are older than their roots, after which they come."""
    thread = record.get("thread_ts", record["ts"])
    return max(record["ts"], thread), thread > record["ts"]


def test_every_record_in_its_place() -> None:
    tally = load.run(CORPUS, by="tester").tally
    channels, records = contents()
    assert tally.taken == sum(map(len, records.values()))
    assert tally.skipped.keys() <= {convert.EMPTY}
    people = dict(SlackKey.objects.filter(kind="person").values_list("slack_id", "object_id"))
    for channel in channels:
        id = SlackKey.objects.get(slack_id=channel["id"]).object_id
        events = list(Event.objects.filter(conversation_id=id, said_at__isnull=False).order_by("seq"))
        told = [(moment(micros(r["ts"]) or 0), people[r["user"]]) for r in records[channel["name"]]]
        assert [(event.said_at, event.author_id) for event in events] == told
        _compare_threads(events, records[channel["name"]])
        inside = rows("select person_id from membership where conversation_id = %s and upper_inf(spans)", [id])
        assert {person for (person,) in inside} == {people[member] for member in channel["members"]}


def _compare_threads(events: list[Event], records: list[dict[str, Any]]) -> None:
    """Each reply stands in the thread that the export says, and each root counts its replies."""
    seqs = {record["ts"]: event.seq for event, record in zip(events, records, strict=True)}
    threads = [record.get("thread_ts", record["ts"]) for record in records]
    expected = [
        None if thread == record["ts"] else seqs.get(thread) for thread, record in zip(threads, records, strict=True)
    ]
    assert [event.thread for event in events] == expected
    counted = rows(
        "select seq, replies from message_state where conversation_id = %s and replies > 0", [events[0].conversation_id]
    )
    assert dict(counted) == Counter(seq for seq in expected if seq)
