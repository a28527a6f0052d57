"""The chain: one link a transaction, in the order of commits, gapless, whatever transactions do."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.errors import SerializationFailure

from accounts.models import Token
from audit import canonical, trail, verification
from audit.models import Entry, Link
from chatproject import places
from tests.audit.database import Database
from tests.parts import wait_until
from tests.worlds import person

_CONTENT = {"v": 1, "actor": None, "verb": "test", "category": "system", "before": None, "after": None}


def _put(through: psycopg.Connection, target: str) -> None:
    content = canonical.encode(_CONTENT | {"target": target, "origin": {}, "personal": {}})
    through.execute("INSERT INTO audit_entry (content) VALUES (%s)", [content])


@contextmanager
def _connections(count: int) -> Iterator[list[psycopg.Connection]]:
    with ExitStack() as stack:
        made = [psycopg.connect(places.database_url("app") or "") for _ in range(count)]
        for each in made:
            stack.callback(each.close)
            each.execute("SET statement_timeout = '20s'")
            each.commit()
        yield made


def _end() -> int:
    link = Link.objects.order_by("-seq").first()
    return link.seq if link else 0


def _deeds_after(seq: int) -> list[list[str]]:
    """Give the targets of each deed, in the order of the links."""
    deeds = []
    for link in Link.objects.filter(seq__gt=seq).order_by("seq"):
        deeds.append(list(Entry.objects.filter(link=link).order_by("id").values_list("target", flat=True)))
    return deeds


class _Model:
    """What one transaction has put on the trail, by savepoints."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: list[str] = []
        self.savepoints: list[int] = []


_STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["put", "put", "savepoint", "back", "release", "commit", "rollback", "split"]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(steps=_STEPS)
def test_transactions_of_any_shape_make_a_gapless_chain_in_the_order_of_their_commits(steps):
    seq, committed = _end(), []
    with _connections(4) as connections:
        models = [_Model() for _ in connections]
        for nth, (who, step) in enumerate(steps):
            through, model = connections[who], models[who]
            if step == "put":
                _put(through, f"test:{nth}")
                model.entries.append(f"test:{nth}")
            elif step == "savepoint":
                through.execute(f"SAVEPOINT s{len(model.savepoints)}")
                model.savepoints.append(len(model.entries))
            elif step in {"back", "release"} and model.savepoints:
                kept = model.savepoints.pop()
                name = f"s{len(model.savepoints)}"
                if step == "back":
                    through.execute(f"ROLLBACK TO SAVEPOINT {name}")
                    del model.entries[kept:]
                through.execute(f"RELEASE SAVEPOINT {name}")
            elif step in {"commit", "split"}:
                committed += [model.entries] if model.entries else []
                if step == "split":  # constraints are checked in the middle: what follows is a deed of its own
                    through.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
                    _put(through, f"test:{nth}")
                    committed.append([f"test:{nth}"])
                through.commit()
                model.clear()
            elif step == "rollback":
                through.rollback()
                model.clear()
    assert _deeds_after(seq) == committed
    links = list(Link.objects.filter(seq__gte=seq).order_by("seq"))
    for before, after in itertools.pairwise(links):
        assert (after.seq, after.first) == (before.seq + 1, before.first + before.entries)
    report = verification.run()
    assert report.is_ok, report.lines()


def test_checked_in_the_middle_and_rolled_back_it_is_as_if_never_checked():
    seq = _end()
    with _connections(1) as (through,):
        _put(through, "test:1")
        through.execute("SAVEPOINT s")
        _put(through, "test:2")
        through.execute("SET CONSTRAINTS ALL IMMEDIATE")
        through.execute("ROLLBACK TO SAVEPOINT s")
        _put(through, "test:3")
        through.commit()
    assert _deeds_after(seq) == [["test:1", "test:3"]]
    assert verification.run().is_ok


def test_many_at_once_make_one_chain():
    seq, threads_count, each = _end(), 6, 25
    errors: list[Exception] = []

    def work(who: int) -> None:
        try:
            with psycopg.connect(places.database_url("app") or "") as through:
                for nth in range(each):
                    for part in range(1 + nth % 3):
                        _put(through, f"test:{who}:{nth}:{part}")
                    through.rollback() if nth % 5 == 4 else through.commit()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(threads_count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    deeds = _deeds_after(seq)
    assert len(deeds) == threads_count * each * 4 // 5
    assert Link.objects.filter(seq__gt=seq).count() == _end() - seq
    for who in range(threads_count):
        mine = [deed for deed in deeds if deed[0].startswith(f"test:{who}:")]
        assert mine == [[f"test:{who}:{n}:{p}" for p in range(1 + n % 3)] for n in range(each) if n % 5 != 4]
    assert verification.run().is_ok


def test_a_csv_of_23034_people_keeps_nobody_waiting():
    database = Database()
    dsn = database.cluster.server.dsn("app", database.name)
    content = canonical.encode(_CONTENT | {"target": "test", "origin": {}, "personal": {}})
    with psycopg.connect(dsn) as long, psycopg.connect(dsn) as other:
        long.execute(
            "INSERT INTO audit_entry (content) SELECT %s FROM generate_series(1, 23034)", [content], prepare=False
        )
        other.execute("SET statement_timeout = '20s'")
        for nth in range(20):
            _put(other, f"test:{nth}")
            other.commit()  # it would hang here, and be cancelled
        assert database.say("SELECT entries FROM audit_link ORDER BY seq") == [(1,)] * 20
        long.commit()
        _put(other, "test:20")
        other.commit()
    links = database.say("SELECT seq, first, entries FROM audit_link ORDER BY seq")
    assert links[-2:] == [(21, 21, 23_034), (22, 23_055, 1)]
    ((whole,),) = database.say(
        "SELECT entries_digest = (SELECT sha256(string_agg(digest, ''::bytea ORDER BY id)) FROM audit_entry e "
        "WHERE e.deed = l.deed) FROM audit_link l WHERE seq = 21"
    )
    assert whole


def test_a_commit_that_waits_for_somebody_elses_row_does_not_hold_the_trail():
    """Foreign keys are checked at the commit too, and may wait: the link is made after them."""
    alice = person("alice")
    pids: list[int] = []
    is_held = threading.Event()

    def wait_at_commit() -> None:
        with transaction.atomic():
            trail.record(actor=None, verb="token.issue", target=f"user:{alice.pk}", origin={})
            Token.objects.create(user=alice, digest=f"{alice.pk}".encode())
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            is_held.wait()
        connection.close()

    committing = threading.Thread(target=wait_at_commit)
    committing.start()
    wait_until(lambda: pids, "the deed")
    with _connections(2) as (holding, watching):
        holding.execute('SELECT FROM "user" WHERE id = %s FOR UPDATE', [alice.pk])
        _put(holding, "test:2")
        is_held.set()
        wait_until(lambda: _waits(watching, pids[0]), "the wait for alice's row")
        holding.commit()  # a deadlock, if the other held the trail
        committing.join()
    assert Token.objects.filter(user=alice).exists()
    assert verification.run().is_ok


def _waits(through: psycopg.Connection, pid: int) -> bool:
    through.rollback()
    found = through.execute("SELECT FROM pg_locks WHERE pid = %s AND NOT granted", [pid])
    return found.rowcount > 0


def test_a_transaction_that_looks_at_an_older_trail_is_told_to_try_again():
    with _connections(2) as (older, other):
        older.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        older.execute("SELECT count(*) FROM audit_link")
        _put(older, "test:1")
        _put(other, "test:2")
        other.commit()
        with pytest.raises(SerializationFailure):
            older.commit()
    assert verification.run().is_ok
