"""The trail is looked through by its indexes, and the same is found as by reading all of it."""

import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import browsing, trail
from audit.browsing import Sought
from audit.models import Entry
from audit.trail import Draft
from tests.messaging.log.waiting import unfinished

PEOPLE = [secrets.randbelow(2**40) + 2**50 for _ in range(2)]
VERBS = ("account.one", "account.two", "setting.three")
CATEGORIES = ("account", "administration", "settings")
#: Entries of a deed: who, what, to whom, of which category.
ENTRY = st.tuples(
    st.sampled_from([None, *PEOPLE]),
    st.sampled_from(VERBS),
    st.sampled_from(["system", *(f"user:{id}" for id in PEOPLE)]),
    st.sampled_from(CATEGORIES),
)
NTH = st.none() | st.integers(0, 9)
DEEDS = st.lists(st.lists(ENTRY, min_size=1, max_size=4), min_size=1, max_size=6)


def _record(deeds: list[list[tuple[Any, ...]]]) -> None:
    for deed in deeds:
        with transaction.atomic():
            trail.record_many([Draft(who, verb, to, category=of) for who, verb, to, of in deed], origin={})


def _naive(all_of_it: list[Entry], categories: list[str], sought: Sought, before: int | None) -> list[int]:
    return [
        entry.number
        for entry in reversed(all_of_it)
        if entry.category in categories
        and sought.verb in ("", entry.verb)
        and (sought.person is None or sought.person == entry.actor_id or entry.target == f"user:{sought.person}")
        and (sought.since is None or entry.at >= sought.since)
        and (sought.until is None or entry.at < sought.until)
        and (before is None or entry.number < before)
    ]


def _reached() -> int:
    with transaction.atomic():
        trail.record(actor=None, verb="account.begun", target="system", origin={})
    return browsing.latest(CATEGORIES, Sought(), limit=1)[0].number


def _moment(all_of_it: list[Entry], nth: int | None, off_us: int) -> datetime | None:
    return None if nth is None else all_of_it[nth % len(all_of_it)].at + timedelta(microseconds=off_us)


@settings(max_examples=40, deadline=None)
@given(
    deeds=DEEDS,
    categories=st.just(list(CATEGORIES)) | st.lists(st.sampled_from(CATEGORIES), unique=True),
    verb=st.just("") | st.sampled_from(["account.none", *VERBS]),
    who=st.none() | st.sampled_from(PEOPLE),
    since=st.tuples(NTH, st.integers(0, 1)),
    until=st.tuples(NTH, st.integers(0, 1)),
    before=NTH,
    limit=st.integers(1, 9),
    few=st.sampled_from([0, 3, 10_000]),
    many=st.sampled_from([0, 1, 7, 50_000]),
)
def test_the_same_is_found_as_by_reading_all_of_it(
    deeds, categories, verb, who, since, until, before, limit, few, many
):
    begun = _reached()
    _record(deeds)
    all_of_it = list(trail.page(CATEGORIES, after=begun, limit=1000))
    assert len(all_of_it) == sum(map(len, deeds))
    sought = Sought(verb, who, _moment(all_of_it, *since), _moment(all_of_it, *until))
    number = None if before is None else begun + 1 + before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browsing, "LONGEST", timedelta(0))  # one deed at a time, and each within its own moment
        patch.setattr(browsing, "FEW", few)
        patch.setattr(browsing, "MANY", many)
        found = browsing.latest(categories, sought, before=number, limit=limit)
    here = [entry.number for entry in found if entry.number > begun]
    assert here == _naive(all_of_it, categories, sought, number)[:limit]


def test_the_order_is_that_of_commits_not_of_beginnings():
    who = PEOPLE[0]

    def record(verb: str) -> None:
        trail.record(actor=who, verb=verb, target="system", origin={})

    with unfinished(lambda: record("account.begun_first")) as commit:
        with transaction.atomic():
            record("account.committed_first")
        commit()
    for few in (0, 10_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(browsing, "FEW", few)
            found = browsing.latest(CATEGORIES, Sought(person=who), limit=2)
        assert [entry.verb for entry in found] == ["account.begun_first", "account.committed_first"]
