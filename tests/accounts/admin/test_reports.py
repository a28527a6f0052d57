"""The moderators' queue at the desk: for whom it opens, what it lists, and that what is shown was noted before."""

import pytest
from django.db import connections
from django.utils import timezone

from accounts.authority import roles
from accounts.models import Grant
from audit.models import Entry
from messaging import reviewing
from messaging.models import Report
from tests.accounts.admin.desks import EVERYBODY, desk, holder
from tests.accounts.admin.test_budgets import MOST_QUERIES, cost
from tests.messaging.api.test_barriers import wall
from tests.messaging.reported import case, reported
from tests.worlds import acting, channel, direct, person, say

REPORTS = 20_000
PATHS = ("", "claim/", "release/", "take-over/", "decide/")

_MANY = """
insert into report (conversation_id, kind, seq, author_id, version, reporter_id, reason, note, at, decided_at, outcome)
select %(room)s, 'channel', n, %(author)s, n, %(reporter)s, 'spam', '', now() - n * interval '1 minute',
    case when n > 50 then now() end, case when n > 50 then 'dismissed' end
from generate_series(10, %(reports)s + 10) n
"""


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_report_opens_for_a_moderator_and_for_nobody_else(role):
    found, who = case(), holder(role)
    client, is_open = desk(who), role == "moderator"
    for path in PATHS:
        answer = client.get(f"/admin/reports/{found.report.pk}/{path}")
        assert answer.status_code == (200 if is_open else 403), path
        assert (b"words" in answer.content) == (is_open and path == "")
    looks = Entry.objects.filter(target=f"report:{found.report.pk}", verb="report.look")
    assert [entry.actor_id for entry in looks] == ([who.pk] if is_open else [])


def test_who_said_it_or_is_across_a_barrier_finds_no_such_report():
    found, author = case(), holder("moderator")
    room = channel(author, found.alice)
    about = reported(found.alice, room, say(author, room, "words"))
    wall([found.moderator], [found.bob])
    for who, report in ((author, about), (found.moderator, found.report)):
        client = desk(who)
        assert f"/admin/reports/{report.pk}/" not in client.get("/admin/reports/?state=all").content.decode()
        for path in PATHS:
            assert client.get(f"/admin/reports/{report.pk}/{path}").status_code == 404, path
            assert client.post(f"/admin/reports/{report.pk}/{path}").status_code in (404, 405), path


def test_a_report_goes_its_way_at_the_desk():
    found, other = case(), holder("moderator")
    client, page = desk(found.moderator), f"/admin/reports/{found.report.pk}/"
    assert client.post(f"{page}decide/", {"outcome": "deleted", "note": "Insults"}).status_code == 422
    assert client.post(f"{page}claim/").status_code == 302
    refused = desk(other).post(f"{page}claim/")
    assert refused.status_code == 422
    assert "has this report already" in refused.content.decode()
    assert desk(other).post(f"{page}take-over/", {"why": ""}).status_code == 422
    assert desk(other).post(f"{page}take-over/", {"why": "A holiday"}).status_code == 302
    assert client.post(f"{page}release/").status_code == 422
    given = {"outcome": "muted", "for_s": "3600", "note": "Insults", "is_deleted": "on"}
    assert desk(other).post(f"{page}decide/", {**given, "outcome": "hanged"}).status_code == 422
    assert desk(other).post(f"{page}decide/", {**given, "note": ""}).status_code == 422
    assert desk(other).post(f"{page}decide/", given).status_code == 302
    assert found.again().outcome == "muted"
    assert client.get(f"{page}claim/").status_code == 404
    shown = client.get(page).content.decode()
    assert "A holiday" in shown
    assert "look at this" in shown


def test_the_list_is_narrowed_by_who_has_it_why_and_where():
    found = case()
    talk = direct(found.alice, found.bob)
    direct_one = reported(found.alice, talk, say(found.bob, talk, "words"))
    reviewing.claim(found.by, direct_one)
    client = desk(found.moderator)

    def listed(query: str) -> set[int]:
        page = client.get(f"/admin/reports/?{query}").content.decode()
        return {one.pk for one in (found.report, direct_one) if f"/admin/reports/{one.pk}/" in page}

    both = {found.report.pk, direct_one.pk}
    assert listed("p=99999") <= both
    assert listed("state=mine") == {direct_one.pk}
    assert listed("state=mine&reason=harassment&kind=direct") == {direct_one.pk}
    assert listed("state=mine&reason=spam") == set()
    assert listed("state=mine&kind=channel") == set()
    assert listed("state=decided") == set()


def test_muting_everywhere_is_offered_to_who_may_alone():
    found = case()
    name = f"desk-{found.report.pk}"
    roles.define(acting(holder("owner")), name, "Reports only", frozenset({"report.review"}))
    who = person("dave")
    Grant.objects.create(user=who, role=name, effective_at=timezone.now())
    reviewing.claim(acting(who), found.report)
    client, page = desk(who), f"/admin/reports/{found.report.pk}/decide/"
    assert "silenced" not in client.get(page).content.decode()
    given = {"outcome": "silenced", "for_s": "3600", "note": "Insults"}
    assert client.post(page, given).status_code == 422
    found.bob.refresh_from_db()
    assert found.bob.muted_until is None


def test_with_many_reports_every_page_costs_as_few_queries_and_goes_by_an_index():
    found = case()
    with connections["owner"].cursor() as cursor:
        values = {"room": found.room, "author": found.bob.pk, "reporter": person("reporter").pk, "reports": REPORTS}
        cursor.execute(_MANY, values)
        cursor.execute("analyze report")
    client = desk(found.moderator)
    try:
        client.get("/admin/reports/")
        for path in ("", "?state=decided&p=2", "?state=mine", f"{found.report.pk}/", f"{found.report.pk}/claim/"):
            assert cost(client, f"/admin/reports/{path}") <= MOST_QUERIES, path
        for narrowed in ({"decided_at": None}, {"decided_at__isnull": False}):
            page = Report.objects.exclude(author_id=found.moderator.pk).filter(**narrowed).order_by("at", "id")[:100]
            assert "Seq Scan" not in page.explain()
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("delete from report where reporter_id = %s", [values["reporter"]])
