"""The administration at a desk and on a phone: nothing runs off the page, and the keyboard gets everywhere."""

from functools import partial

import pytest
from playwright.async_api import Browser, Page, expect

from tests.accounts.admin.desks import desk, holder
from tests.serving import Server
from tests.worlds import built, channel, person

pytestmark = pytest.mark.browser

PAGES = (
    "/admin/",
    "/admin/people/",
    "/admin/roles/",
    "/admin/roles/own/define/",
    "/admin/approvals/",
    "/admin/invitations/invite/",
    "/admin/conversations/",
    "/admin/barriers/",
    "/admin/settings/",
    "/admin/trail/",
)
#: What one touches that is lower than a fingertip; words within a sentence are read, not aimed at.
_LOW = """() => [...document.querySelectorAll("a, button, select, summary, textarea, input:not([type=hidden])")]
    .filter(one => {
        const { width, height } = one.getBoundingClientRect();
        return width > 1 && height < 43.5 && !["checkbox", "radio"].includes(one.type)
            && !one.closest("thead, .skip, p:not(.buttons, .doors)");
    }).map(one => `${one.tagName} ${one.textContent.trim()}`)"""
_RUNS_OFF = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def _sit(browser: Browser, site: Server, width: int, scheme: str = "light") -> tuple[Page, tuple[str, str]]:
    owner, alice = await built(holder, "owner"), await built(partial(person, "alice", name="W" * 128))
    room = await built(partial(channel, owner, alice, name="x" * 128))
    key = (await built(desk, owner)).cookies["sessionid"].value
    context = await browser.new_context(
        viewport={"width": width, "height": 844},
        base_url=site.url,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    await context.add_cookies([{"name": "sessionid", "value": key, "url": site.url}])
    return await context.new_page(), (f"/admin/people/{alice.pk}/", f"/admin/conversations/{room}/")


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_runs_off_the_side_or_breaks_the_policy(browser: Browser, site: Server, width: int) -> None:
    page, (alice, room) = await _sit(browser, site, width)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    for path in (*PAGES, alice, f"{alice}deactivate/", f"{alice}all/conversations/", room):
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert not await page.evaluate(_RUNS_OFF), path
        if width == 360:
            assert await page.evaluate(_LOW) == [], path
    assert complaints == []


async def test_the_keyboard_opens_a_filter_and_skips_to_the_content(browser: Browser, site: Server) -> None:
    page, _places = await _sit(browser, site, 1280, "dark")
    await page.goto("/admin/people/")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.locator("summary", has_text="Role").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?role=owner")
    await expect(page.locator("summary", has_text="Role: Owner")).to_be_visible()
