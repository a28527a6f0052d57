"""What every answer says to the browser, over real web processes."""

import os
import subprocess
import sys

import httpx
import pytest

from chatproject.places import ROOT
from tests.serving import Server, database_without_tables
from tests.worlds import bearer, built, person

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "media-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}
_ALWAYS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def _check(answer: httpx.Response, *, is_file: bool = False) -> None:
    headers = answer.headers
    assert {name: headers.get(name) for name in _ALWAYS} == _ALWAYS
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy == _POLICY
    for feature in ("camera", "microphone", "geolocation", "display-capture", "payment", "usb"):
        assert f"{feature}=()" in headers["permissions-policy"]
    for feature in ("publickey-credentials-get", "publickey-credentials-create"):
        assert f"{feature}=(self)" in headers["permissions-policy"]
    assert not {"server", "x-powered-by", "via", "access-control-allow-origin"} & headers.keys()
    if is_file:
        assert "no-store" not in headers["cache-control"]
    else:
        assert "no-store" in headers["cache-control"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/signin/", 200),
        ("GET", "/", 302),
        ("GET", "/admin/", None),
        ("GET", "/nothing-here", 404),
        ("GET", "/signout/", 405),
        ("POST", "/signin/", 403),
        ("GET", "/api/v1/me", 401),
        ("GET", "/api/v1/nothing-here", 404),
        ("GET", "/static/nothing-here.js", 404),
    ],
)
async def test_every_kind_of_answer_to_a_stranger(site: Server, method: str, path: str, status: int | None) -> None:
    async with site.client() as client:
        answer = await client.request(method, path)
    assert status in (None, answer.status_code)
    _check(answer)
    assert "strict-transport-security" not in answer.headers


async def test_answers_of_the_api(site: Server) -> None:
    alice = await built(person, "alice")
    async with site.client(await built(bearer, alice)) as client:
        shown = await client.get("/api/v1/me")
        _check(shown)
        assert shown.json()["id"] == alice.pk
        refused = await client.post("/api/v1/conversations", content=b"{")
        assert refused.status_code == 400
        _check(refused)


async def test_a_file_is_cached_and_is_no_site_of_others(site: Server) -> None:
    async with site.client() as client:
        answer = await client.get("/static/favicon.svg")
    assert answer.status_code == 200
    _check(answer, is_file=True)


async def test_a_fault_of_ours(server) -> None:
    broken = server(DATABASE_URL=database_without_tables())
    async with broken.client() as client:
        page = await client.get("/signin/")
        assert page.status_code == 500
        assert "Traceback" not in page.text
        _check(page)
        call = await client.get("/api/v1/me", headers={"Authorization": "Bearer parley_x"})
        assert call.status_code in (500, 503)
        _check(call)


async def test_where_tls_is_browsers_are_told_to_stay_with_it(server) -> None:
    proxied = server(PARLEY_TLS="1", PARLEY_BEHIND_TLS_PROXY="1", PARLEY_HSTS_SUBDOMAINS="1")
    async with proxied.client() as client:
        for path in ("/signin/", "/static/favicon.svg", "/api/v1/me", "/nothing-here"):
            answer = await client.get(path, headers={"X-Forwarded-Proto": "https"})
            assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        cookie = (await client.get("/signin/", headers={"X-Forwarded-Proto": "https"})).headers["set-cookie"].lower()
        assert "secure" in cookie
        assert "samesite=lax" in cookie


async def test_where_parley_has_the_certificate_what_is_not_https_is_led_there(server) -> None:
    own = server(PARLEY_TLS="1")
    async with own.client() as client:
        answer = await client.get("/signin/?next=/c/1")
        assert answer.status_code == 301
        assert answer.headers["location"] == own.url.replace("http:", "https:") + "/signin/?next=/c/1"
        _check(answer)


@pytest.mark.parametrize("more", [{"PARLEY_HSTS_SUBDOMAINS": "1"}, {"PARLEY_BEHIND_TLS_PROXY": "1"}])
def test_check_deploy_has_nothing_to_say(more: dict[str, str]) -> None:
    assert _check_deploy(PARLEY_TLS="1", **more).returncode == 0


def test_check_deploy_speaks_up_without_tls() -> None:
    said = _check_deploy()
    assert said.returncode == 1
    assert "security.W012" in said.stderr


def _check_deploy(**more: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environment = os.environ | {"PARLEY_HOSTS": "chat.example.com"} | more
    return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
