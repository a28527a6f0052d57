"""No secret gets into a log, at any level: not a password, a token, a session's key or a link by mail."""

import asyncio
import logging

import httpx
import pytest
from django.test import Client
from websockets.asyncio.client import connect

from accounts.mail import links
from chatproject import redaction
from tests.serving import Server, database_without_tables
from tests.worlds import PASSWORD, bearer, built, person

_FORGED = "a-password-that-is-wrong-9f2c"


async def _sign_in(client: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    token = (await client.get("/signin/")).cookies["csrftoken"]
    given = {"username": username, "password": password, "csrfmiddlewaretoken": token}
    return await client.post("/signin/", data=given)


async def test_a_web_process_that_logs_everything(server) -> None:
    site: Server = server(PARLEY_LOG_LEVEL="DEBUG")
    alice = await built(person, "alice", password=PASSWORD)
    token = await built(bearer, alice)
    async with site.client() as client:
        assert (await _sign_in(client, alice.username, _FORGED)).status_code == 401
        assert (await _sign_in(client, alice.username, PASSWORD)).status_code == 302
        key = client.cookies["sessionid"]
        assert (await client.get("/api/v1/me")).status_code == 200
        assert (await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}x"})).status_code == 401
        assert (await client.get(f"/reset/{_FORGED}")).status_code < 500
        forged = await client.post(
            "/reset/", data={"email": alice.email, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        )
        assert forged.status_code < 500
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(site.socket_url, additional_headers=headers) as socket:
        await socket.send('{"type": "hello", "v": 1, "conversations": {}}')
        await asyncio.wait_for(socket.recv(), 10)
    cookie = {"Cookie": f"sessionid={key}", "Origin": site.url}
    async with connect(site.socket_url, additional_headers=cookie) as socket:
        await socket.send('{"type": "hello", "v": 1, "conversations": {}}')
        await asyncio.wait_for(socket.recv(), 10)
    said = site.log.read_text()
    assert "DEBUG" in said
    for secret in (PASSWORD, PASSWORD.replace(" ", "+"), _FORGED, token, key):
        assert secret not in said


async def test_a_fault_of_ours_tells_no_password(server) -> None:
    site: Server = server(PARLEY_LOG_LEVEL="DEBUG", DATABASE_URL=database_without_tables())
    async with site.client() as client:
        client.cookies["csrftoken"] = "t" * 32
        given = {"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": "t" * 32}
        assert (await client.post("/signin/", data=given)).status_code == 500
    said = site.log.read_text()
    assert "Traceback" in said
    assert PASSWORD not in said
    assert PASSWORD.replace(" ", "+") not in said


def test_a_link_by_mail_that_is_still_good_and_was_refused_once(caplog: pytest.LogCaptureFixture) -> None:
    alice = person("alice", password=PASSWORD)
    token = links.make(links.Purpose.RESET, alice.email, alice)
    with caplog.at_level(logging.DEBUG):
        assert Client().post(f"/reset/{token}", {"password": "short"}).status_code >= 400
    assert any(token in record.getMessage() for record in caplog.records)  # Django's own words
    shown = redaction.Formatter("%(message)s")
    assert all(token not in shown.format(record) for record in caplog.records)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Not Found: /reset/abc_DEF-1", "Not Found: /reset/[hidden]"),
        ("< cookie: sessionid=abc; csrftoken=def", "< cookie: [hidden]"),
        ("< Authorization: Bearer parley_abc", "< Authorization: [hidden]"),
        ("token parley_abc-DEF_1 of alice", "token parley_[hidden] of alice"),
        ("GET /?password=abc&next=/c/1", "GET /?password=[hidden]&next=/c/1"),
        ("alice asked for /reset/ from /signup/", "alice asked for /reset/ from /signup/"),
    ],
)
def test_what_is_hidden_and_what_is_not(said: str, shown: str) -> None:
    assert redaction.redact(said) == shown
