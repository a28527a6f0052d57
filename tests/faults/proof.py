"""The four promises, put to the proof: what every client holds and was told, compared with PostgreSQL's log."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import psycopg

from messaging import entry, history
from tests.faults.client import Client
from tests.faults.outbox import Acked
from tests.faults.town import Person

Log = dict[int, dict[str, Any]]

_HEADS = "select conversation_id, seq from head order by 1"
_SEEN = """
select e.conversation_id, e.seq from membership m join event e on e.conversation_id = m.conversation_id
where m.person_id = %s and e.seq <@ m.spans order by 1, 2
"""


def heads(dsn: str) -> dict[int, int]:
    """Read where each log ends. Raises psycopg.Error, soon, where the database is away."""
    with psycopg.connect(dsn, connect_timeout=2, options="-c statement_timeout=2s") as connection:
        return dict(connection.execute(_HEADS).fetchall())


class Record:
    """What PostgreSQL holds."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        with psycopg.connect(dsn) as connection:
            self.heads: dict[int, int] = dict(connection.execute(_HEADS).fetchall())
            self.logs = {id: self._log(connection, id) for id in self.heads}

    @staticmethod
    def _log(connection: psycopg.Connection, conversation: int) -> Log:
        params = {"conversation": conversation, "after": 0, "limit": 10_000_000}
        found = connection.execute(history.GAP, params)
        return {row[1]: json.loads(entry.of_row(row).json) for row in found}

    def seen_by(self, person: int) -> dict[int, list[int]]:
        """Read which seqs of which conversations a person may see."""
        with psycopg.connect(self._dsn) as connection:
            found = connection.execute(_SEEN, [person]).fetchall()
        return {id: [seq for _, seq in rows] for id, rows in groupby(found, itemgetter(0))}

    def breaches(self) -> list[str]:
        """Tell where a log itself is not what it must be."""
        found = []
        for id, log in self.logs.items():
            seqs = list(log)
            if seqs != list(range(1, self.heads[id] + 1)):
                found.append(f"log {id}: {len(seqs)} events, and its head is {self.heads[id]}")
            if len({event["id"] for event in log.values()}) != len(log):
                found.append(f"log {id}: an id is in it twice")
            if any(earlier["at"] > later["at"] for earlier, later in pairwise(log.values())):
                found.append(f"log {id}: time runs backwards")
        return found


def breaches(record: Record, people: Sequence[Person], clients: Iterable[Client]) -> list[str]:
    """Give every promise that was not kept, each as a sentence."""
    ids = {person.name: person.id for person in people}
    found = record.breaches()
    for client in clients:
        person = ids[client.name.split("/")[0]]
        found += client.held.breaches
        found += [f"{client.name}: {each}" for each in _of_acks(record, client.outbox.acked.values(), person)]
        found += [f"{client.name}: {each}" for each in _of_order(client.outbox.acked.values())]
        found += [f"{client.name}: {each}" for each in _of_stretches(record, client, person)]
    return found


def _of_acks(record: Record, acked: Iterable[Acked], person: int) -> Iterable[str]:
    """What was acknowledged is there, at its place, as it was said."""
    for each in acked:
        event = record.logs[each.ack["conversation"]].get(each.ack["seq"])
        said = (each.frame["id"], person, each.ack["at"])
        if event is None or (event["id"], event["user"], event["at"]) != said:
            yield f"{each.ack} was acknowledged, and the log has {event}"
        elif "body" in each.frame and event["body"] != each.frame["body"]:
            yield f"{each.frame} was acknowledged, and the log has {event}"


def _of_order(acked: Iterable[Acked]) -> Iterable[str]:
    """What one socket sent to a conversation, and sent but once, is numbered in the order sent."""
    last: dict[tuple[int, int], tuple[int, int]] = {}
    once = [each for each in acked if len(each.sent) == 1 and not each.ack.get("duplicate")]
    for each in sorted(once, key=lambda acked: acked.sent[0]):
        (connection, number), conversation, seq = each.sent[0], each.ack["conversation"], each.ack["seq"]
        before, before_seq = last.get((connection, conversation), (0, 0))
        if seq < before_seq:
            yield f"{conversation}/{seq} was sent after {conversation}/{before_seq} (frames {number}, {before})"
        last[connection, conversation] = (number, seq)


def _of_stretches(record: Record, client: Client, person: int) -> Iterable[str]:
    """Every stretch is what the person may see of the log, from its beginning to its end; each event as it is there."""
    seen = record.seen_by(person)
    for stretch in client.held.stretches:
        id, after, visible = stretch.conversation, stretch.after, seen.get(stretch.conversation, [])
        if after is None:
            continue
        end = (stretch.cursor or 0) if stretch.is_over else record.heads[id]
        due = [seq for seq in visible if after < seq <= end]
        got = [event["seq"] for event in stretch.events]
        if missing := sorted(set(due) - set(got)):
            yield f"of {id}, from {after} to {end}, {len(missing)} never came: {missing[:10]}"
        if foreign := sorted(set(got) - set(due)):
            yield f"of {id} {len(foreign)} came that were not to be seen: {foreign[:10]}"
        if len(got) != len(set(got)) or got != sorted(got):
            yield f"of {id} some came twice or out of order"
        for event in stretch.events:
            if event != record.logs[id].get(event["seq"]):
                yield f"{id}/{event['seq']} came as {event}, and the log has {record.logs[id].get(event['seq'])}"
                break
