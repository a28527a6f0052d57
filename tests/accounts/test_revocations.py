"""The numbered log of what was taken away."""

import threading

import psycopg

from accounts import revocations
from accounts.models import Revocation, Token
from chatproject import places
from messaging.database import rows
from tests.worlds import bearer, person


def test_it_is_numbered_without_gap_in_the_order_of_commits_whoever_writes():
    before = rows(revocations.LATEST)[0][0]
    start = threading.Barrier(4)

    def write(name: str) -> None:
        from django.db import connection

        start.wait()
        for i in range(25):
            revocations.record("session", f"{name} {i}")
        connection.close()

    threads = [threading.Thread(target=write, args=(f"{before} writer {i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rows(revocations.SINCE, [before])
    assert [seq for seq, _kind, _subject in found] == list(range(before + 1, before + 101))
    for i in range(4):
        own = [subject for _seq, _kind, subject in found if f"writer {i} " in subject]
        assert own == [f"{before} writer {i} {n}" for n in range(25)]


def test_an_entry_that_is_not_committed_holds_back_the_next_number():
    """Else a reader whose cursor has passed it would never see it."""
    before = rows(revocations.LATEST)[0][0]
    with psycopg.connect(places.database_url("app") or "") as other:
        other.execute("select pg_advisory_xact_lock(%s)", [revocations._LOCK])
        other.execute("insert into revocation (seq, kind, subject) values (%s, 'session', 'first')", [before + 1])
        second = threading.Thread(target=revocations.record, args=("session", "second"))
        second.start()
        assert rows(revocations.SINCE, [before]) == []
        other.commit()
        second.join()
    assert [subject for _seq, _kind, subject in rows(revocations.SINCE, [before])] == ["first", "second"]


def test_a_token_and_a_person_are_named_by_their_ids():
    alice = person("alice")
    bearer(alice)
    token = Token.objects.get(user=alice)
    revocations.revoke_token(token)
    revocations.deactivate(alice)
    found = Revocation.objects.filter(subject__in=[str(token.pk), str(alice.pk)]).values_list("kind", "subject")
    assert {("token", str(token.pk)), ("person", str(alice.pk))} <= set(found)
    token.refresh_from_db()
    alice.refresh_from_db()
    assert token.revoked_at is not None
    assert not alice.is_active
