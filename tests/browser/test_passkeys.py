"""Passkeys in a real browser: made, shown alone and after the password, copied, shown to another page."""

import base64
import json
import time
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.async_api import Browser, Page, expect

from accounts.factors import totp
from accounts.models import Passkey, User
from tests.accounts.factors.doors import give_app, member
from tests.browser.authenticator import Authenticator
from tests.serving import Server
from tests.worlds import PASSWORD, built, channel

pytestmark = pytest.mark.browser

#: No passkey can be made for 127.0.0.1.
NAME = "localhost"


@pytest.fixture
async def page(browser: Browser, site: Server) -> AsyncIterator[Page]:
    """A page of the site by its name; a breach of its policy of contents fails the test."""
    complaints: list[str] = []
    context = await browser.new_context(base_url=site.url.replace("127.0.0.1", NAME), locale="en-GB")
    opened = await context.new_page()
    opened.set_default_timeout(15_000)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    await context.close()
    assert complaints == []


@pytest.fixture
async def alice() -> User:
    user = await built(member, "alice")
    await built(channel, user, name="harbour")
    return user


async def first_step(page: Page, user: User) -> None:
    """Give the password."""
    await page.goto("/signin/")
    await page.get_by_label("Username or e-mail").fill(user.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def make(page: Page, user: User) -> None:
    """Sign in by the password, and make a passkey."""
    await first_step(page, user)
    await page.get_by_role("navigation", name="Conversations").wait_for(state="attached")
    await page.goto("/settings/factors/")
    await page.get_by_label("Name, so that you know it again").fill("Work laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


async def sign_out(page: Page) -> None:
    await page.context.clear_cookies()


async def is_in(page: Page) -> bool:
    return (await page.request.get("/api/v1/me")).status == 200


async def test_made_and_shown_alone_and_after_the_password(page: Page, alice: User) -> None:
    await Authenticator.give(page)
    await make(page, alice)
    await expect(page.locator("[data-codes] code")).to_have_count(10)
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.get_by_text("Work laptop")).to_be_visible()
    assert await built(Passkey.objects.filter(user=alice).count) == 1

    await sign_out(page)
    await page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    await page.goto("/signin/?next=/settings/factors/")
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("heading", name="Second factors", exact=True)).to_be_visible()
    assert (await (await page.request.get("/api/v1/me")).json())["id"] == alice.pk

    await sign_out(page)
    await first_step(page, alice)
    await expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert not await is_in(page)
    await page.get_by_role("button", name="Use your passkey").click()
    await page.get_by_role("navigation", name="Conversations").wait_for(state="attached")
    assert (await built(Passkey.objects.get, user=alice)).sign_count > 1


async def test_offered_where_the_username_is_typed(page: Page, alice: User) -> None:
    await Authenticator.give(page)
    await make(page, alice)
    await sign_out(page)
    await page.goto("/signin/")  # the authenticator picks what is offered without being asked
    await page.get_by_role("navigation", name="Conversations").wait_for(state="attached")
    assert (await (await page.request.get("/api/v1/me")).json())["id"] == alice.pk


async def test_a_copy_with_an_old_counter_lets_nobody_in(page: Page, alice: User) -> None:
    key = await Authenticator.give(page)
    await make(page, alice)
    (stolen,) = await key.credentials()
    await sign_out(page)
    await page.goto("/settings/factors/")
    await page.get_by_role("heading", name="Second factors", exact=True).wait_for()  # signed in by the offer
    await sign_out(page)
    await key.put(stolen, signCount=0)
    await page.goto("/signin/")
    await expect(page.get_by_role("alert")).to_contain_text("it seems to have been copied")
    assert not await is_in(page)


async def test_one_without_verification_can_not_be_made(page: Page, alice: User) -> None:
    await Authenticator.give(page, hasUserVerification=False, isUserVerified=False)
    await first_step(page, alice)
    await page.get_by_role("navigation", name="Conversations").wait_for(state="attached")
    await page.goto("/settings/factors/")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("alert").filter(has_text="No passkey was used")).to_be_visible()
    assert not await built(Passkey.objects.filter(user=alice).exists)


class _Foreign(BaseHTTPRequestHandler):
    """A page of another origin, of the same host's name."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>not Parley</title>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


async def test_what_another_origin_was_shown_lets_nobody_in(page: Page, alice: User) -> None:
    await Authenticator.give(page)
    await make(page, alice)
    await sign_out(page)
    foreign = ThreadingHTTPServer(("127.0.0.1", 0), _Foreign)
    Thread(target=foreign.serve_forever, daemon=True).start()
    try:
        site = page.url.split("/settings")[0]
        token = (await page.request.get("/signin/")).headers["set-cookie"].split("csrftoken=")[1].split(";")[0]
        headers = {"X-CSRFToken": token, "Referer": site, "Accept": "application/json"}
        answer = await page.request.post("/passkeys/options/", form={"purpose": "signin"}, headers=headers)
        challenge = (await answer.json())["options"]["challenge"]
        await page.goto(f"http://{NAME}:{foreign.server_port}/")
        shown = await page.evaluate(
            """async ([challenge, rpId]) => {
                const bytes = Uint8Array.fromBase64(challenge, { alphabet: "base64url" });
                const publicKey = { challenge: bytes, rpId, userVerification: "required" };
                return JSON.stringify(await navigator.credentials.get({ publicKey }));
            }""",
            [challenge, NAME],
        )
        assert json.loads(shown)["response"]["signature"]
        refused = await page.request.post("/signin/passkey/", form={"passkey": shown}, headers=headers, max_redirects=0)
    finally:
        foreign.shutdown()
    assert refused.status == 401
    assert "not accepted" in await refused.text()
    assert not await is_in(page)


async def test_a_code_of_an_app_and_a_recovery_code_by_hand(page: Page, alice: User) -> None:
    """The way without a passkey, in the pages as they are."""
    await first_step(page, alice)
    await page.get_by_role("navigation", name="Conversations").wait_for(state="attached")
    await page.goto("/settings/factors/")
    await page.get_by_role("button", name="Add an authenticator app").click()
    key = "".join(await page.locator(".secret code").all_inner_texts())
    await page.get_by_label("Code", exact=True).fill(_code_of(key))
    await page.get_by_label("Name, so that you know it again").fill("Phone")
    await page.get_by_role("button", name="Confirm the app").click()
    codes = await page.locator("[data-codes] code").all_inner_texts()
    assert len(codes) == 10

    await sign_out(page)
    await first_step(page, alice)
    await page.get_by_text("Use a recovery code").click()
    await page.get_by_label("Recovery code", exact=True).fill(codes[0].upper())
    await page.get_by_role("button", name="Sign in with this code").click()
    await page.get_by_role("navigation", name="Conversations").wait_for(state="attached")


def _code_of(key: str) -> str:
    return totp.code_at(base64.b32decode(key), time.time())


async def test_at_an_address_in_numbers_no_passkey_is_offered(browser: Browser, site: Server, alice: User) -> None:
    await built(give_app, alice)
    page = await (await browser.new_context(base_url=site.url)).new_page()
    await page.goto("/signin/")
    await expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
