"""Who opens a socket."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import revocations, workspace
from accounts.access import identity, notice
from accounts.actor import shell
from accounts.models import NoticeAcceptance, Revocation, Token, User
from accounts.revocations import session_subject
from messaging.database import close_pool, fetch
from tests.worlds import bearer, built, expire, person

HOST = "chat.example.org"


@pytest.fixture(autouse=True)
async def _pool_closed() -> AsyncIterator[None]:
    yield
    await close_pool()


def _scope(scheme: str = "ws", **headers: str) -> dict[str, Any]:
    named = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "type": "websocket",
        "scheme": scheme,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
    }


async def _who(scope: Mapping[str, Any]) -> identity.Identity | None:
    return await identity.of_scope(scope, fetch)


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


async def test_by_a_bearer_token_whatever_the_origin():
    alice = await built(person, "alice")
    token = await built(bearer, alice)
    for scheme in ("Bearer", "bearer"):
        found = await _who(_scope(authorization=f"{scheme} {token}", origin="https://elsewhere.example"))
        assert found is not None
        assert (found.id, found.username, found.name) == (alice.pk, alice.username, "Alice")
        assert found.credential[0] == "token"


@pytest.mark.parametrize("state", ["wrong", "empty", "other scheme", "expired", "revoked", "deactivated"])
async def test_by_no_token_that_is_not_good_now(state):
    alice = await built(person, "alice")
    token = await built(bearer, alice)
    match state:
        case "wrong":
            token += "x"
        case "empty":
            token = ""
        case "expired":
            await built(expire, token)
        case "revoked":
            await built(lambda: revocations.revoke_token(Token.objects.get(user=alice)))
        case "deactivated":
            await built(revocations.deactivate, alice)
    scheme = "Basic" if state == "other scheme" else "Bearer"
    assert await _who(_scope(authorization=f"{scheme} {token}")) is None


async def test_by_the_session_of_a_page_of_our_own():
    alice = await built(person, "alice")
    key = await built(_session, alice)
    found = await _who(_scope(cookie=f"csrftoken=x; sessionid={key}; other=1", origin=f"http://{HOST}"))
    latest = await Revocation.objects.order_by("-seq").values_list("seq", flat=True).afirst() or 0
    credential = ("session", session_subject(key))
    assert found == identity.Identity(alice.pk, alice.username, "Alice", credential, as_of=latest)
    assert await _who(_scope("wss", cookie=f"sessionid={key}", origin=f"https://{HOST}")) is not None


@pytest.mark.parametrize(
    ("scheme", "origin"),
    [
        ("ws", "https://evil.example"),
        ("ws", f"https://{HOST}"),
        ("wss", f"http://{HOST}"),
        ("ws", f"http://{HOST}.evil.example"),
        ("ws", f"http://evil.example/{HOST}"),
        ("ws", f"http://{HOST}:8080"),
        ("ws", f"http://user@{HOST}"),
        ("ws", "null"),
        ("ws", ""),
        ("ws", None),
        ("ws", HOST),
        ("ws", "http://"),
    ],
)
async def test_by_no_session_of_a_foreign_page(scheme, origin):
    alice = await built(person, "alice")
    key = await built(_session, alice)
    headers = {} if origin is None else {"origin": origin}
    assert await _who(_scope(scheme, cookie=f"sessionid={key}", **headers)) is None


async def test_a_trusted_origin_is_one_of_ours(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://other.example.org"]
    alice = await built(person, "alice")
    key = await built(_session, alice)
    assert await _who(_scope(cookie=f"sessionid={key}", origin="https://other.example.org")) is not None


@pytest.mark.parametrize("state", ["wrong", "empty", "expired", "signed out", "deactivated", "new password", "garbled"])
async def test_by_no_session_that_is_not_good_now(state):
    alice = await built(person, "alice")
    key = await built(_session, alice)
    match state:
        case "wrong":
            key = key[::-1]
        case "empty":
            key = ""
        case "expired":
            past = timezone.now() - timedelta(seconds=1)
            await built(lambda: Session.objects.filter(session_key=key).update(expire_date=past))
        case "signed out":
            await built(lambda: Session.objects.filter(session_key=key).delete())
        case "deactivated":
            await built(revocations.deactivate, alice)
        case "new password":
            await built(lambda: User.objects.filter(pk=alice.pk).update(password="argon2$other"))
        case "garbled":
            await built(lambda: Session.objects.filter(session_key=key).update(session_data="garbled"))
    assert await _who(_scope(cookie=f"sessionid={key}", origin=f"http://{HOST}")) is None


@pytest.mark.parametrize("cookie", ["", ";;;", "sessionid", "sessionid=\xff", "=", "sessionid=a;b=\x01", "a=b" * 5000])
async def test_a_cookie_that_cannot_be_read_is_nobodys(cookie):
    assert await _who(_scope(cookie=cookie, origin=f"http://{HOST}")) is None


async def test_a_bad_bearer_is_not_saved_by_the_cookie():
    alice = await built(person, "alice")
    key = await built(_session, alice)
    scope = _scope(cookie=f"sessionid={key}", origin=f"http://{HOST}", authorization="Bearer parley_wrong")
    assert await _who(scope) is None


async def test_by_no_session_before_the_notice_is_accepted():
    alice = await built(person, "alice")
    key, token = await built(_session, alice), await built(bearer, alice)
    scope = _scope(cookie=f"sessionid={key}", origin=f"http://{HOST}")
    operator = shell("test")
    await built(workspace.change, operator, {"notice": "Conversations are kept for sieben Jahre – ünd länger."})
    try:
        assert await _who(scope) is None
        assert await _who(_scope(authorization=f"Bearer {token}")) is not None
        version = notice.version(await built(notice.text))
        await built(NoticeAcceptance.objects.create, user=alice, version=version)
        assert await _who(scope) is not None
    finally:
        await built(workspace.change, operator, {"notice": ""})
