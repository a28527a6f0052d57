"""The trail's page: who reads which category, by number, narrowed; and nothing that changes anything."""

import secrets

import pytest
from django.db import transaction

from accounts.authority import trail_readers
from accounts.authority.roles import built_in
from accounts.authority.verbs import VERBS
from audit import browsing, trail
from audit.browsing import Sought
from audit.category import Category
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
