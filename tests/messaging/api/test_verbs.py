"""Each call asks for a verb: by standing, and by the scopes of a token."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.request import Request

from accounts.authority.verbs import VERBS
from accounts.models import User
from messaging.api.permission import MayDo
from messaging.protocol.codec import Refused
from tests.messaging.api.calls import Caller
from tests.worlds import add, bearer, channel, person, say

METHODS = ("get", "post", "put", "patch", "delete")

#: What to call, which scope it wants, and what comes where the scope is there.
CALLS: list[tuple[str, str, str, Any, int]] = [
    ("GET", "/me", "read", None, 200),
    ("GET", "/users?q=m", "read", None, 200),
    ("GET", "/conversations", "read", None, 200),
    ("GET", "/conversations/{}", "read", None, 200),
    ("GET", "/conversations/{}/messages", "read", None, 200),
    ("GET", "/conversations/{}/events", "read", None, 200),
    ("GET", "/conversations/{}/members", "read", None, 200),
    ("GET", "/conversations/{}/receipts", "read", None, 200),
    ("GET", "/schema/", "read", None, 200),
    ("POST", "/conversations/{}/messages", "write", {"id": "0197c0de-0000-7000-8000-000000000001", "body": "x"}, 201),
    ("POST", "/conversations/{}/messages/1/reports", "write", {"reason": "spam"}, 404),
    ("GET", "/me/reports", "read", None, 200),
    ("POST", "/conversations", "manage", {"kind": "channel", "name": "made"}, 201),
    ("POST", "/conversations/{}/members", "manage", {"user": "bob"}, 201),
    ("DELETE", "/conversations/{}/members/{bob}", "manage", None, 404),
    ("GET", "/channels", "manage", None, 200),
    ("GET", "/conversations/{}/pins", "read", None, 200),
    ("POST", "/conversations/{}/join", "manage", {}, 404),
    ("PATCH", "/conversations/{}", "manage", {"topic": "changed"}, 200),
    ("GET", "/conversations/{}/mutes", "manage", None, 200),
    ("POST", "/conversations/{}/mutes", "manage", {"user": "bob", "for_s": 60}, 404),
    ("DELETE", "/conversations/{}/mutes/{bob}", "manage", None, 404),
    ("GET", "/conversations/{}/bans", "manage", None, 200),
    ("POST", "/conversations/{}/bans", "manage", {"user": "bob"}, 201),
    ("DELETE", "/conversations/{}/bans/{bob}", "manage", None, 404),
]


def _views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback


def test_every_call_names_its_verb():
    found = [(path, view.view_class) for path, view in _views(get_resolver().url_patterns) if path.startswith("api/")]
    assert len(found) >= 9
    for path, view in found:
        offered = {method.upper() for method in METHODS if hasattr(view, method)}
        verbs = getattr(view, "verbs", {})
        assert offered, path
        assert verbs.keys() == offered, path
        assert set(verbs.values()) <= VERBS.keys(), path


def _call(caller: Caller, method: str, path: str, conversation: int, bob: User, body: Any) -> Any:
    path = path.format(conversation, bob=bob.pk)
    if body is not None and "user" in body:
        body = {**body, "user": bob.pk}
    if method == "GET":
        path, _, query = path.partition("?")
        return caller.get(path, **dict(pair.split("=") for pair in query.split("&") if pair))
    if method == "PATCH":
        return caller.patch(path, body)
    return caller.post(path, body) if method == "POST" else caller.delete(path)


@pytest.mark.parametrize(("method", "path", "scope", "body", "status"), CALLS, ids=[f"{c[0]} {c[1]}" for c in CALLS])
def test_a_token_does_what_its_scopes_say(method, path, scope, body, status):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice)
    for given in ("read", "write", "manage"):
        answer = _call(Caller(token=bearer(alice, given)), method, path, conversation, bob, body)
        if given == scope:
            assert answer.status == status, answer.body
        else:
            assert answer.refusal == (403, "forbidden")
            assert "scope" in answer.body["detail"]


def test_a_guest_reads_and_writes_where_invited_and_finds_nobody():
    alice, guest, bob = person("alice"), person("guest", is_guest=True), person("bob")
    conversation = channel(alice, guest)
    channel(alice, bob)
    say(alice, conversation, "welcome")
    caller = Caller(guest)
    assert caller.bodies(conversation) == ["welcome"]
    assert caller.say(conversation, "hello").status == 201
    assert caller.get(f"/conversations/{conversation}/members").status == 200
    ids = f"{alice.pk},{bob.pk},{guest.pk}"  # names stand beside what is said: of those alone who are there
    assert {each["id"] for each in caller.get("/users", ids=ids).body["users"]} == {alice.pk, guest.pk}
    for refused in (
        caller.get("/users", q=bob.username),
        caller.get("/users", q=alice.username),
        caller.post("/conversations", {"kind": "channel", "name": "mine"}),
        caller.post("/conversations", {"kind": "direct", "members": [bob.pk]}),
        caller.post(f"/conversations/{conversation}/members", {"user": bob.pk}),
    ):
        assert refused.refusal == (403, "forbidden")
    assert caller.delete(f"/conversations/{conversation}/members/{guest.pk}").status == 204


def test_what_is_not_offered_is_said_to_be_so():
    caller = Caller(person("alice"))
    assert caller.delete("/me").status == 405
    assert Caller().get("/me").status == 401


def test_a_member_of_a_member_is_added_by_the_scope_alone():
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    conversation = channel(alice, bob)
    add(alice, conversation, carol)
    caller = Caller(token=bearer(bob, "manage"))
    assert caller.delete(f"/conversations/{conversation}/members/{carol.pk}").refusal == (403, "forbidden")


class _Nameless:
    """A call that names no verb for what it does."""

    verbs = {"GET": "conversation.read"}

    def get(self) -> None:
        """Do nothing."""

    def post(self) -> None:
        """Do nothing either."""

    def options(self) -> None:
        """Say what there is."""


@pytest.mark.parametrize(
    ("method", "is_let_through"), [("GET", True), ("HEAD", True), ("OPTIONS", True), ("PUT", True), ("POST", False)]
)
def test_a_call_that_names_no_verb_is_open_to_nobody(method, is_let_through):
    """PUT is not there: the framework says so."""
    asked = RequestFactory().generic(method, "/")
    asked.session = SessionStore()
    request = Request(asked)
    request.user, request.auth = person("alice"), None
    if is_let_through:
        assert MayDo().has_permission(request, _Nameless())
    else:
        with pytest.raises(Refused, match="names no verb"):
            MayDo().has_permission(request, _Nameless())
    request.user = AnonymousUser()
    assert not MayDo().has_permission(request, _Nameless())


def test_who_is_shut_out_is_found_by_nobody_and_named_beside_what_was_said():
    alice, gone = person("alice"), person("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert Caller(alice).get("/users", q=gone.username).body["users"] == []
    assert [each["id"] for each in Caller(alice).get("/users", ids=str(gone.pk)).body["users"]] == [gone.pk]
