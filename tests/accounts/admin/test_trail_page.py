"""The trail's page: who reads which category, by number, narrowed; and nothing that changes anything."""

import re
import secrets
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection, transaction

from accounts.authority import trail_readers
from accounts.authority.roles import built_in
from accounts.authority.verbs import VERBS
from audit import browsing, trail
from audit.browsing import Sought
from audit.category import Category
from audit.models import Entry
from audit.trail import Draft
from tests.accounts.admin.desks import desk, holder
from tests.worlds import person

ORIGIN = {"via": "shell", "command": "a test"}


def _record(category: str, word: str) -> int:
    with transaction.atomic():
        entry = trail.record(
            actor=None, verb="account.try", target="system", after={"word": word}, origin=ORIGIN, category=category
        )
    return int(entry.pk)


@pytest.mark.parametrize(
    ("role", "open_", "sealed"),
    [
        ("auditor", {"account", "administration", "settings", "system"}, {"case"}),
        ("owner", {"account", "administration", "settings", "system"}, set()),
        ("officer", {"case", "administration", "system"}, set()),
        ("administrator", set(), set()),
        ("moderator", set(), set()),
    ],
)
def test_each_role_reads_its_categories(role, open_, sealed):
    words = {category: f"word-{secrets.token_hex(6)}" for category in Category.values}
    ids = {category: _record(category, word) for category, word in words.items()}
    readable = trail_readers.of(built_in(role).verbs)
    assert ({str(one) for one in readable.open}, {str(one) for one in readable.sealed}) == (open_, sealed)
    answer = desk(holder(role)).get("/admin/trail/")
    if not open_:
        assert answer.status_code == 403
        return
    page = answer.content.decode()
    assert {category for category, word in words.items() if word in page} == open_
    assert ids
    assert ("for its officers" in page) == bool(sealed)


def test_members_and_guests_read_nothing():
    for standing in ("member", "guest", "bot"):
        verbs = {verb.name for verb in VERBS.values() if standing in verb.roles}
        assert not trail_readers.of(verbs).shown


def test_pages_go_back_by_number_without_a_gap_or_a_repeat():
    mark = secrets.token_hex(4)
    alice = person("alice")
    with transaction.atomic():
        trail.record_many(
            [Draft(alice.pk, "account.try", f"user:{alice.pk}", after={"n": n}) for n in range(5)], origin=ORIGIN
        )
    for n in range(5, 8):
        with transaction.atomic():
            trail.record(actor=alice.pk, verb="account.try", target=f"user:{alice.pk}", after={"n": n}, origin=ORIGIN)
    assert mark
    for size in (1, 2, 3, 5):
        seen: list[tuple[int, int]] = []
        before = None
        while len(seen) <= 8:  # or it goes round in circles
            found = browsing.latest(["account"], Sought(person=alice.pk), before=before, limit=size)
            if not found:
                break
            seen += [(entry.number, entry.after["n"]) for entry in found]
            before = found[-1].number
        assert [n for _number, n in seen] == list(range(7, -1, -1))
        numbers = [number for number, _n in seen]
        assert numbers == sorted(numbers, reverse=True)
        assert {entry.number for entry in trail.page(["account"], after=numbers[-1] - 1, limit=100)} >= set(numbers)


def test_it_is_narrowed_by_deed_person_and_day_and_a_wrong_name_is_told():
    alice, client = person("alice"), desk(holder("auditor"))
    with transaction.atomic():
        trail.record(actor=alice.pk, verb="account.first", target="system", origin=ORIGIN)
    with transaction.atomic():
        trail.record(actor=alice.pk, verb="account.second", target="system", origin=ORIGIN)
    page = client.get(f"/admin/trail/?person={alice.username}&verb=account.first").content.decode()
    assert "<b>account.first</b>" in page
    assert "<b>account.second</b>" not in page
    assert "Nothing matches." in client.get(f"/admin/trail/?person={alice.username}&until=2001-01-01").content.decode()
    assert "There is nobody of this username." in client.get("/admin/trail/?person=nobody-at-all").content.decode()
    for query in ("before=0", "before=x", "since=yesterday", f"before={2**70}", "verb=" + "x" * 100):
        assert client.get(f"/admin/trail/?{query}").status_code == 200
    assert client.post("/admin/trail/").status_code == 405


@pytest.mark.parametrize(("few", "many"), [(10_000, 50_000), (2, 50_000), (0, 0)])
def test_however_it_is_looked_for_the_same_is_found(monkeypatch, few, many):
    monkeypatch.setattr(browsing, "FEW", few)
    monkeypatch.setattr(browsing, "MANY", many)
    monkeypatch.setattr(browsing, "LONGEST", timedelta(0))  # each deed below was done within its own moment
    alice, bob = person("alice"), person("bob")
    made = []
    for nth in range(12):
        actor, verb = (alice, bob)[nth % 2], ("account.one", "account.two", "account.three")[nth % 3]
        with transaction.atomic():
            made.append(trail.record(actor=actor.pk, verb=verb, target="system", after={"n": nth}, origin=ORIGIN))
    times = [entry.at for entry in made]
    for verb, who, since, until in product(
        ("", "account.two", "account.none"), (alice, bob), (None, times[3], times[8]), (None, times[4], times[9])
    ):
        expected = [
            entry.pk
            for entry in reversed(made)
            if entry.actor_id == who.pk
            and verb in ("", entry.verb)
            and (since is None or entry.at >= since)
            and (until is None or entry.at < until)
        ]
        found = list(browsing.latest(["account"], Sought(verb, who.pk, since, until), limit=50))
        assert [entry.pk for entry in found] == expected
        older = browsing.latest(["account"], Sought(verb, who.pk, since, until), before=_number(found, 1), limit=50)
        assert [entry.pk for entry in older] == expected[2:]


def _number(found: list[Entry], nth: int) -> int:
    return found[nth].number if len(found) > nth else 1


def test_a_deed_is_looked_for_by_an_index():
    said, values = Sought(verb="role.grant").narrowed()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")  # of the few entries here it would read all
        cursor.execute(
            f"explain select from audit_entry e where e.category = any(%(categories)s) {said}",
            values | {"categories": ["account", "administration"]},
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert re.search(r"audit_entry_verb .*\n +Index Cond: .*verb = 'role.grant'", plan), plan
