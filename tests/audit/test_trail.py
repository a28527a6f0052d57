"""The trail: a deed is on it if it was done, and only then; what is personal lies beside it."""

import contextlib
import getpass
import json
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import canonical, commitments, trail
from audit.category import Category, of_verb
from audit.models import Entry, Link, Personal
from chatproject import places
from tests.worlds import person


class _RolledBack(Exception):
    pass


def test_a_deed_is_recorded_as_it_was_done():
    alice = person("alice")
    made = trail.record(
        actor=alice.pk,
        verb="role.change",
        target=f"user:{alice.pk}",
        before="member",
        after="owner",
        origin={"ip": "::1"},
    )
    kept = Entry.objects.get(pk=made.pk)
    for entry in (made, kept):
        assert (entry.actor_id, entry.verb, entry.target) == (alice.pk, "role.change", f"user:{alice.pk}")
        assert (entry.before, entry.after, entry.origin) == ("member", "owner", {"ip": "::1"})
        assert entry.category == "administration"
        assert entry.at == kept.at
        assert bytes(entry.digest) == bytes(kept.digest)


def test_a_deed_that_was_rolled_back_is_not_on_it():
    target = f"user:{person('alice').pk}"
    with contextlib.suppress(_RolledBack), transaction.atomic():
        trail.record(actor=None, verb="test", target=target, origin={})
        raise _RolledBack
    assert not Entry.objects.filter(target=target).exists()


def test_a_shells_deed_names_the_operating_systems_user():
    origin = trail.command_line("manage.py something")
    assert (origin["command"], origin["os_user"]) == ("manage.py something", getpass.getuser())
    assert origin["host"]


def test_one_statement_records_a_deed():
    with CaptureQueriesContext(connection) as queries:
        trail.record(actor=1, verb="session.open", target="user:1000000001", after={"name": "A"}, origin={"ip": "::1"})
    assert len(queries) == 1


def test_many_deeds_come_by_one_statement_in_their_order_each_with_its_own():
    drafts = [trail.Draft(None, "user.import", f"row:{n}", after={"name": f"name {n}", "n": n}) for n in range(50)]
    with CaptureQueriesContext(connection) as queries:
        made = trail.record_many(drafts, origin={"command": "test", "host": "here"})
    assert len(queries) == 1
    kept = list(Entry.objects.filter(pk__in=[entry.pk for entry in made]).order_by("id"))
    assert [entry.after for entry in kept] == [draft.after for draft in drafts] == [entry.after for entry in made]
    assert len({entry.link_id for entry in kept}) == 1
    assert Link.objects.get(deed=kept[0].link_id).entries == 50
    assert trail.record_many([], origin={}) == []


def test_what_is_personal_is_not_on_the_trail():
    entry = trail.record(
        actor=3,
        verb="user.change",
        target="user:1000000004",
        before={"name": "Alice Doe", "role": "member", "emails": ["alice@doe.example"], "at": "2026-01-02T03:04:05Z"},
        after={"alice@doe.example": True, "n": 7, "is_active": False, "reason": None},
        origin={"ip": "2001:db8::7", "command": "manage.py x", "device": {"name": "Alice's phone", "kind": "phone"}},
    )
    for secret in ("Alice", "doe.example", "2001:db8", "phone's"):
        assert secret not in entry.content
    said = entry.said
    assert said["before"] == {"name": None, "role": "member", "emails": [None], "at": "2026-01-02T03:04:05Z"}
    assert said["origin"] == {"ip": None, "command": "manage.py x", "device": {"name": None, "kind": "phone"}}
    rows = {row.part: row for row in Personal.objects.filter(entry_id=entry.pk)}
    assert {part: row.subject_id for part, row in rows.items()} == {"deed": 1_000_000_004, "origin": 3}
    for part, row in rows.items():
        promised = said["personal"][part]
        assert promised["commitment"] == commitments.commitment(bytes(row.salt), row.fields)
        assert promised["fields"] == sorted(json.loads(row.fields))
    assert rows["deed"].salt != rows["origin"].salt
    assert Entry.objects.get(pk=entry.pk).before["name"] == "Alice Doe"


@pytest.mark.parametrize("target", ["alice@example.org", "user:Alice Doe", "", "User:1"])
def test_a_target_that_could_name_a_person_is_refused(target):
    with pytest.raises(ValueError, match="no opaque target"):
        trail.record(actor=None, verb="test", target=target, origin={})


def test_a_category_comes_from_the_verb_or_is_said():
    assert (of_verb("hold.place"), of_verb("signin"), of_verb("setting.change")) == ("case", "account", "settings")
    entry = trail.record(actor=None, verb="signin", target="user:1000000001", origin={}, category=Category.SYSTEM)
    assert Entry.objects.get(pk=entry.pk).category == "system"
    with pytest.raises(ValueError, match="secret"):
        trail.record(actor=None, verb="signin", target="user:1000000001", origin={}, category="secret")


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=4) | st.just("role"), part, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(before=_JSON, origin=st.dictionaries(st.sampled_from(["ip", "command", "device", "é"]), _JSON))
def test_whatever_is_said_is_recorded_and_read_back(before, origin):
    made = trail.record(actor=None, verb="test", target="test", before=before, origin=origin)
    kept = Entry.objects.get(pk=made.pk)
    assert (kept.before, kept.origin) == (canonical.plain(before), canonical.plain(origin))


def test_what_no_text_can_hold_does_not_keep_a_deed_from_being_recorded():
    made = trail.record(
        actor=None,
        verb="signin",
        target="test",
        after={"role": "a\x00b"},
        origin={"device": "\ud800 \x00", "role": "\udfff"},
    )
    kept = Entry.objects.get(pk=made.pk)
    assert (kept.after, kept.origin) == ({"role": "a\ufffdb"}, {"device": "\ufffd \ufffd", "role": "\ufffd"})


def test_the_database_gives_time_deed_and_digest_whatever_is_said():
    first = trail.record(actor=None, verb="test", target="test", origin={})
    with psycopg.connect(places.database_url("app") or "", autocommit=True) as app:
        row = app.execute(
            "INSERT INTO audit_entry (content, at, deed, digest) VALUES (%s, %s, %s, %s) RETURNING at, deed, digest",
            [first.content, datetime(2000, 1, 1, tzinfo=UTC), Entry.objects.get(pk=first.pk).link_id, b"forged"],
        ).fetchone()
    assert row is not None
    assert row[0] > first.at
    assert row[1] != Entry.objects.get(pk=first.pk).link_id
    assert row[2] != b"forged"


def test_pages_go_on_by_number_through_one_category_and_through_all():
    start = Link.objects.latest("seq")
    after = start.first + start.entries - 1
    for size in (3, 1, 5):
        trail.record_many(
            [trail.Draft(None, "hold.place" if n % 2 else "signin", f"test:{n}") for n in range(size)], origin={}
        )
    everything = trail.page(list(Category), after=after, limit=1000)
    assert [entry.number for entry in everything[:9]] == list(range(after + 1, after + 10))
    for limit in (1, 2, 4):
        read: list[Entry] = []
        while found := trail.page([Category.CASE], after=read[-1].number if read else after, limit=limit):
            read += found
        cases = [entry for entry in everything if entry.category == "case"]
        assert [(entry.pk, entry.number) for entry in read] == [(entry.pk, entry.number) for entry in cases]
    assert [entry.pk for entry in trail.readable([Category.CASE])][-len(cases) :] == [entry.pk for entry in cases]
