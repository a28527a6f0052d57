"""What is sent compressed, to whom, and what never is."""

import gzip

import httpx
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from chatproject import client
from messaging.api import compression
from tests import worlds
from tests.messaging.hub.browsing import Browser
from tests.serving import Server
from tests.worlds import built, person

GZIP = {"Accept-Encoding": "gzip"}


async def test_answers_of_the_api(site: Server) -> None:
    """To whoever asks: with a token, or from a page of ours; short ones are sent as they are."""
    alice: User = await built(person, "alice")
    conversation = await built(worlds.channel, alice)
    await built(worlds.say_many, alice, conversation, 50)
    path = f"/api/v1/conversations/{conversation}/messages"
    async with site.client(await built(worlds.bearer, alice)) as by_token:
        packed = await by_token.get(path, headers=GZIP)
        plain = await by_token.get(path, headers={"Accept-Encoding": "br, gzip;q=0"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.json() == plain.json()
        assert {answer.headers["vary"].lower().count("accept-encoding") for answer in (packed, plain)} == {1}
        assert int(packed.headers["content-length"]) < len(plain.content) / 3
        assert "content-encoding" not in (await by_token.get("/api/v1/me", headers=GZIP)).headers
    browser = await Browser.signed_in(site, alice)
    own = await browser.client.get(path, headers={**GZIP, "Sec-Fetch-Site": "same-origin"})
    assert own.headers["content-encoding"] == "gzip"
    for claimed in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}):
        answer = await browser.client.get(path, headers={**GZIP, **claimed})
        assert "content-encoding" not in answer.headers, claimed
    await browser.client.aclose()


async def test_never_a_page_that_holds_a_token_against_forgery(site: Server) -> None:
    browser = await Browser.signed_in(site, await built(person, "alice"))
    for path in ("/", "/signin/", "/account/"):
        page = await browser.client.get(path, headers={**GZIP, "Sec-Fetch-Site": "same-origin"})
        assert "content-encoding" not in page.headers, path
    await browser.client.aclose()


@pytest.mark.parametrize("coding", ["br", "gzip"])
async def test_files_of_the_client(site: Server, coding: str) -> None:
    """Packed when they are built."""
    async with site.client() as anybody:
        script = client.entry("src/main.tsx")["js"]
        async with anybody.stream("GET", script, headers={"Accept-Encoding": coding}) as packed:
            size = sum([len(chunk) async for chunk in packed.aiter_raw()])
        plain = await anybody.get(script, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == coding
        assert size < len(plain.content) / 2


def test_the_client_begins_with_little() -> None:
    """Of scripts, with the first view: dialogs and lists come when they are wanted."""
    first = client.entry("src/main.tsx")
    files = [settings.CLIENT_DIST / url.removeprefix(settings.STATIC_URL) for url in (first["js"], *first["parts"])]
    sizes = [[one.stat().st_size for one in file.parent.glob(f"{file.name}*")] for file in files]
    packed = sum(min(each) for each in sizes)
    assert 0 < packed <= 120_000
    parts = client.manifest()
    assert all(parts[f"src/ui/{name}.tsx"]["isDynamicEntry"] for name in ("details", "lists", "dialogs/later"))


@given(st.binary(max_size=5_000))
def test_what_is_packed_is_what_was_there(body: bytes) -> None:
    assert gzip.decompress(compression.compress(body)) == body


def test_lengths_vary() -> None:
    """What is of one length is not when it is packed."""
    assert len({len(compression.compress(b"x" * 2_000)) for _ in range(200)}) > 20


@pytest.mark.parametrize(
    ("accepted", "is_wanted"),
    [
        ("gzip", True), ("br, GZIP", True), ("gzip;q=0.5", True), ("deflate, gzip; q=1.0", True), ("", False),
        ("gzip;q=0", False), ("gzip; q=0.000", False), ("br", False), ("x-gzip2", False), ("identity", False),
    ],
)  # fmt: skip
def test_who_asks(accepted: str, is_wanted: bool) -> None:
    assert compression.is_wanted(httpx.Headers({"accept-encoding": accepted})) is is_wanted
