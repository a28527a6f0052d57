"""Whatever is sent to a page or a call: an answer that says what is wrong, never a fault of ours, nothing half done."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from accounts import workspace
from accounts.mail import links
from accounts.models import Segment, Setting
from tests.accounts.admin.desks import desk, holder
from tests.chatproject import forms
from tests.chatproject.addresses import walk
from tests.worlds import PASSWORD, channel, log_of, person

#: What no form was made for. As bytes: what a form's field holds on the wire, percent-encoded.
BAD = {
    "nothing": b"",
    "long": b"x" * 70_000,
    "nul": b"a%00b",
    "surrogate": b"a%ED%A0%80b",
    "no utf-8": b"%FF%FE",
    "huge number": b"9" * 400,
    "beyond bigint": b"9223372036854775808",
    "negative": b"-1",
    "no number": b"1e400",
    "list": b"%5B%5D",
    "markup": b"%3Cscript%3Ealert(1)%3C/script%3E",
    "quotes": b"%27%22%3B--",
    "header": b"a%0D%0AX-Evil:%20b@example.org",
    "other digits": b"%D9%A1%D9%A2",
    "emoji": b"%F0%9F%99%82" * 300,
}
#: Those that are also put into one field at a time, while the others hold what they should.
ALONE = ("nothing", "long", "nul", "surrogate", "beyond bigint", "list")


def _client(client: Client) -> Client:
    client.raise_request_exception = False
    return client


@pytest.fixture(scope="module")
def places() -> dict[str, int]:
    """What the addresses' numbers stand for, by what stands before them."""
    alice = person("alice", password=PASSWORD)
    segment = Segment.objects.create(name=f"deal team {alice.pk}")
    return {
        "/admin/people/": alice.pk,
        "/admin/barriers/": segment.pk,
        "/admin/conversations/": channel(alice),
        "/c/": channel(alice),
    }


@pytest.fixture(autouse=True)
def _settings_as_they_were(settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a thousand passwords are tried
    yield
    Setting.objects.all().delete()
    workspace.forget()


def _fill(path: str, places: dict[str, int]) -> str:
    for before, number in places.items():
        if path.startswith(f"{before}1"):
            return path.replace(f"{before}1", f"{before}{number}", 1)
    return path


def _encoded(fields: dict[str, bytes]) -> bytes:
    return b"&".join(name.encode() + b"=" + value for name, value in fields.items())


def _abuse(client: Client, path: str) -> int:
    """Post every form of a page with bad values: in all fields at once, and in each. Gives how many posts it were."""
    page = client.get(path)
    assert page.status_code < 500, path
    if page.status_code != 200 or "html" not in page.headers["Content-Type"]:
        return 0
    count = 0
    for form in forms.read(path, page.content.decode()):
        if form.action == "/signout/":
            continue
        whole = {name: value.encode() for name, value in form.fields.items()}
        for kind, value in BAD.items():
            tries = [dict.fromkeys(whole, value)]
            if kind in ALONE:
                tries += [{**whole, name: value} for name in whole]
            for fields in tries:
                # from ever another address: who has tried too often is told to wait before anything is read
                here = f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
                answer = client.post(
                    form.action, _encoded(fields), content_type="application/x-www-form-urlencoded", REMOTE_ADDR=here
                )
                assert answer.status_code < 500, (form.action, kind, fields)
                assert "X-Evil" not in answer.headers
                assert b"<script>alert(1)" not in answer.content
                count += 1
    return count


def test_every_form_of_the_administration(places):
    client = _client(desk(holder("owner")))
    found = {
        path: _abuse(client, path) for path in (_fill(a.path, places) for a in walk()) if path.startswith("/admin/")
    }
    assert sum(found.values()) > 200
    assert found["/admin/settings/"]
    assert found[f"/admin/people/{places['/admin/people/']}/name/"]


def test_every_form_of_ones_own(places):
    alice = person("alice", password=PASSWORD)
    desk(alice).get("/settings/sessions/")  # another device, to sign out
    client = _client(desk(alice))
    found = {a.path: _abuse(client, a.path) for a in walk() if a.path.startswith(("/settings/", "/notice/"))}
    assert found["/settings/password/"]
    assert found["/settings/email/"]
    assert found["/settings/sessions/"]


def test_every_form_of_the_doors():
    Setting.objects.create(name="signup_domains", value=["example.org"])
    workspace.forget()
    alice = person("alice", password=PASSWORD)
    good = [
        f"/reset/{links.make(links.Purpose.RESET, alice.email, alice)}",
        f"/verify/{links.make(links.Purpose.VERIFY, alice.email, alice)}",
        f"/signup/{links.make(links.Purpose.SIGNUP, 'new@example.org')}",
    ]
    doors = ["/signin/", "/reset/", "/signup/", *good, "/signin/?next=%00", "/reset/%00", "/verify/%00", "/invite/%00"]
    client = _client(Client())
    found = {path: _abuse(client, path) for path in doors}
    assert all(found[path] for path in doors[:6])


@pytest.mark.parametrize("number", ["0", "9223372036854775808", "9" * 400, "-1", "%00", "x", "1%20"])
def test_addresses_with_numbers_that_are_none(number):
    client = _client(desk(holder("owner")))
    for address in walk():
        if "/1" in address.path:
            answer = client.get(address.path.replace("/1", f"/{number}"))
            assert answer.status_code < 500, (address.path, number)


@pytest.mark.parametrize("query", ["q=%00", "p=9999999999999999999999", "p=-1", "o=x", "after=x", "before=%FF", "e=1"])
def test_questions_that_no_page_asks(query):
    client = _client(desk(holder("owner")))
    for address in walk():
        answer = client.get(f"{address.path}?{query}")
        assert answer.status_code < 500, (address.path, query)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | st.text(max_size=40) | st.just("\x00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ("id", "body", "thread", "attachments", "said_at", "kind", "name", "private", "members", "user", "role")


@pytest.fixture(scope="module")
def caller() -> tuple[Client, int]:
    """Somebody in a room, whose client bears no token against forgery (Django's test client needs none)."""
    alice = person("alice")
    return _client(desk(alice)), channel(alice)


@hypothesis(max_examples=100, deadline=timedelta(seconds=10), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["messages", "members", ""]), st.dictionaries(st.sampled_from(_FIELDS), JSON, max_size=5) | JSON)
def test_bodies_of_calls(caller: tuple[Client, int], call: str, body: Any) -> None:
    client, room = caller
    path = f"/api/v1/conversations/{room}/{call}" if call else "/api/v1/conversations"
    before = len(log_of(room))
    try:
        data = msgspec.json.encode(body)
    except UnicodeEncodeError:
        data = b'{"body": "\\ud800"}'
    answer = client.post(path, data, content_type="application/json")
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert len(answer.json()["detail"]) > 10
        assert len(log_of(room)) == before


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'"' + b"\\ud800" * 10 + b'"',
        b'{"id": "00000000-0000-4000-8000-000000000001", "body": "\\ud800"}',
        b'{"id": "00000000-0000-4000-8000-000000000001", "body": "a\\u0000b"}',
        b'{"id": "00000000-0000-4000-8000-000000000001", "body": "x", "thread": 1e400}',
        b'{"id": "00000000-0000-4000-8000-000000000001", "body": "x", "said_at": "never"}',
        b"[" * 200_000,
        b'{"kind": "channel", "name": "' + b"x" * 500_000 + b'"}',
    ],
    ids=lambda data: data[:40].decode("latin-1"),
)
@pytest.mark.parametrize("call", ["/messages", "/members", ""])
def test_bodies_that_are_none(caller, call, data):
    client, room = caller
    before = len(log_of(room))
    path = f"/api/v1/conversations/{room}{call}" if call else "/api/v1/conversations"
    answer = client.post(path, data, content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(log_of(room)) == before
