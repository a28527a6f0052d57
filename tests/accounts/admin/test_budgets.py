"""With 23,034 people every page costs fewer than fifteen queries, and none of them reads everybody."""

import secrets

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actor
from accounts.authority import approvals, recertification
from accounts.models import Grant
from accounts.people import person_links
from tests.accounts.admin.desks import crowd, desk, holder
from tests.worlds import channel, direct, person

PEOPLE = 23_034
LISTS = ("roles", "sessions", "tokens", "links", "conversations", "trail")
MOST_QUERIES = 14

_MANY = """
insert into "user" (username, name, email, password, kind, is_active, is_guest, is_factor_exempt)
select %(mark)s || '-' || n, 'Person ' || n, %(mark)s || '-' || n || '@example.org', '!', 'person', true, false, false
from generate_series(1, %(people)s) n
"""
_SEARCH = """
explain select * from "user" where upper(username::text) like upper(%(part)s)
    or upper(name::text) like upper(%(part)s) or upper(email::text) like upper(%(part)s)
"""
#: What a transaction says around its queries.
_AROUND = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET LOCAL")


def cost(client: Client, path: str) -> int:
    """Get a page and count its queries; the settings and the sizes are read once a second, whoever asks."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    queries = [query["sql"].upper() for query in captured]
    return sum(not query.startswith(_AROUND) and ' FROM "SETTING"' not in query for query in queries)


@pytest.fixture(scope="module")
def many():
    """Fill the workspace, by few statements."""
    mark = secrets.token_hex(4)
    with connection.cursor() as cursor:
        cursor.execute(_MANY, {"mark": mark, "people": PEOPLE})
    with connections["owner"].cursor() as cursor:
        cursor.execute('vacuum analyze "user"')
    return mark


@pytest.fixture(scope="module")
def places(many):
    """Give the addresses of every page, with what they show."""
    owner, administrator = holder("owner"), holder("administrator")
    alice = person("alice")
    asks = actor.Actor(owner, "session", stepped_up_at=timezone.now())
    asked = approvals.ask(asks, "owner.grant", {"user": alice.pk, "role": "owner"}, subject=alice, reason="because")
    person_links.link(asks, alice, administrator.username, "they said so")
    opened = recertification.open_quarter(actor.system("test"))
    room = channel(owner, alice, *[person("bob") for _ in range(3)])
    direct(owner, alice)
    crowd(alice)
    givers = [person("giver") for _ in range(30)]
    Grant.objects.bulk_create(Grant(user=giver, role="moderator", granted_by=giver) for giver in givers)
    return owner, [
        "/admin/",
        "/admin/people/",
        "/admin/people/?p=230",
        f"/admin/people/?q={many}-2303",
        "/admin/people/?state=active&role=owner&kind=member",
        "/admin/people/?o=-2&p=200",
        "/admin/people/?factor=no",
        f"/admin/people/{alice.pk}/",
        *(f"/admin/people/{alice.pk}/all/{name}/" for name in LISTS),
        f"/admin/people/{alice.pk}/role/",
        "/admin/people/imports/",
        "/admin/roles/",
        "/admin/roles/own/",
        "/admin/roles/quarters/",
        f"/admin/roles/quarters/{opened.pk}/",
        "/admin/approvals/",
        f"/admin/approvals/{asked.pk}/",
        "/admin/conversations/",
        f"/admin/conversations/{room}/",
        "/admin/barriers/",
        "/admin/settings/",
        "/admin/trail/",
        f"/admin/trail/?person={alice.username}",
    ]


def test_every_page_costs_fewer_than_fifteen_queries(places):
    owner, paths = places
    client = desk(owner)
    client.get("/admin/")  # the table of sizes is read once a second, and settings: those reads are of no page
    spent = {path: cost(client, path) for path in paths}
    assert {path: count for path, count in spent.items() if count > MOST_QUERIES} == {}


def test_a_search_goes_by_the_index(many):
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, {"part": f"%{many}-2303%"})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "user_any_part" in plan
    assert "Seq Scan" not in plan
