"""No page breaks the policy that its own headers set, and what they forbid does not happen."""

from functools import partial

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page

from tests.browser.conftest import Seat
from tests.chatproject.addresses import walk
from tests.serving import Server
from tests.worlds import appointed, built, channel

pytestmark = pytest.mark.browser

_TELL = """document.addEventListener("securitypolicyviolation", event =>
    console.error(`Content Security Policy: ${event.effectiveDirective} ${event.blockedURI}`))"""
_MARKS = ("Content Security Policy", "Permissions-Policy", "Cross-Origin", "Trusted", "Refused to")


def _names(directive: str, said: ConsoleMessage) -> bool:
    return directive in said.text


async def _listen(page: Page) -> list[str]:
    """Give a list that fills with what the browser says of policies, and of scripts that fail."""
    heard: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if any(mark in said.text for mark in _MARKS):
            heard.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    await page.add_init_script(_TELL)
    return heard


async def test_every_page_keeps_to_its_policy(seat: Seat, site: Server) -> None:
    alice = await built(appointed, "alice", "owner")
    room = await built(channel, alice)
    page = await seat(alice, site.url)
    heard = await _listen(page)
    seen = set()
    for address in walk():
        path = address.path.replace("/c/1", f"/c/{room}")
        if address.is_api or not (await (await page.request.get(path)).text()).lstrip().startswith("<!"):
            continue
        await page.goto(path)
        assert heard == [], path
        seen.add(path)
    assert {"/", f"/c/{room}", "/settings/workspace/", "/admin/", "/admin/people/"} <= seen
    await page.goto("/nothing-here")
    assert heard == []


#: What a page's script might try, and the directive that forbids it.
_DEEDS = {
    "document.head.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))": "style-src",
    "Object.assign(document.createElement('script'), {text: '1'})": "require-trusted-types-for",
    "document.body.innerHTML = '<p>words</p>'": "require-trusted-types-for",
    "document.body.append(Object.assign(new Image(), {src: 'https://evil.example/x.png'}))": "img-src",
    "fetch('https://evil.example/').catch(() => null)": "connect-src",
    "new WebSocket('wss://evil.example/')": "connect-src",
}


async def test_the_policy_bites(browser: Browser, site: Server) -> None:
    page = await (await browser.new_context(base_url=site.url)).new_page()
    await _listen(page)
    for deed, directive in _DEEDS.items():
        await page.goto("/signin/")
        async with page.expect_event("console", partial(_names, directive)):
            await page.evaluate(f"() => {{ try {{ {deed} }} catch {{}} }}")
