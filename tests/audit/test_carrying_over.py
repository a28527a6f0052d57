"""What was on the trail before it was chained is carried over, and back again."""

import pytest

from audit import chain
from tests.audit.database import Database


@pytest.mark.slow
def test_old_entries_become_one_deed_and_come_back():
    database = Database()
    database.migrate("audit", "0001")
    put = (
        "INSERT INTO audit_entry (actor_id, verb, target, before, after, origin, at) VALUES (%s,%s,%s,%s,%s,%s, now())"
    )
    old = "SELECT id, actor_id, verb, target, before, after, origin, at FROM audit_entry ORDER BY id"
    database.say(put, 7, "role.change", "user:9", '"member"', '"owner"', '{"ip": "::1"}')
    database.say(put, None, "import.start", "source:1", None, '{"kind": "slack", "map": {"U1": 4}}', '{"command": "x"}')
    before = database.say(old)

    database.migrate()
    ((seq, first, entries, at, previous, digest, hashed),) = database.say(
        "SELECT seq, first, entries, at, previous, entries_digest, hash FROM audit_link"
    )
    found = database.say("SELECT at, content, digest, category FROM audit_entry ORDER BY id")
    digests = [chain.entry_digest(at, content) for at, content, _, _ in found]
    assert [bytes(row[2]) for row in found] == digests
    assert [row[3] for row in found] == ["administration", "administration"]
    link = chain.Link(seq, first, entries, at, bytes(previous), chain.entries_digest(digests))
    assert (seq, first, entries) == (1, 1, 2)
    assert (bytes(previous), bytes(digest), bytes(hashed)) == (
        chain.GENESIS,
        chain.entries_digest(digests),
        link.hash(),
    )

    database.say("INSERT INTO audit_entry (content) VALUES (%s)", found[0][1])
    assert database.say("SELECT seq, first, entries, previous FROM audit_link WHERE seq > 1") == [(2, 3, 1, hashed)]

    database.migrate("audit", "0001")
    assert database.say(old)[:2] == before
