"""By the keyboard alone: every stop can be seen, nothing holds the focus back, and faults take it to where they are."""

import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from accounts.models import User
from tests.accounts.admin.desks import desk, holder
from tests.accounts.factors.doors import member
from tests.browser.conftest import Seat
from tests.serving import Server
from tests.worlds import PASSWORD, built, person

pytestmark = pytest.mark.browser

#: More stops than any of these pages has.
MOST = 150
_HAS_FOCUS = "one => one === document.activeElement"
#: What has the focus, where that can't be seen: out of sight, or marked neither on itself nor on what stands for it.
_UNSEEN = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const { width, height, top, bottom, left, right } = one.getBoundingClientRect();
    const isThere = width > 1 && height > 1 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    const isMarked = [one, one.closest("label"), one.closest(".composer")].filter(Boolean).some(shown => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 || shown !== one && boxShadow !== "none";
    });
    return isThere && isMarked ? null : one.outerHTML.slice(0, 200);
}"""
#: A field may have several stops: day, month, year.
_COMES_ROUND = """() => {
    const one = document.activeElement;
    if (one === been[0] && been.length > 1) return true;
    if (one !== been.at(-1)) been.push(one);
    return false;
}"""


async def _press(page: Page, key: str = "Tab") -> None:
    await page.keyboard.press(key)
    assert await page.evaluate(_UNSEEN) is None


async def _go_to(page: Page, target: Locator) -> None:
    """Press Tab until this has the focus."""
    await target.wait_for()
    for _ in range(MOST):
        if await target.evaluate(_HAS_FOCUS):
            return
        await _press(page)
    pytest.fail(f"Tab does not lead to {target}")


async def _follow(page: Page, role: str, name: str) -> None:
    """Go to a link or a button, and take it."""
    await _go_to(page, page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
    await page.keyboard.press("Enter")


async def _walk_round(page: Page) -> int:
    """Press Tab until it has come round to where it began, and count the stops. Nothing may hold it."""
    await page.evaluate("() => { window.been = []; }")
    for _ in range(MOST):
        await _press(page)
        if await page.evaluate(_COMES_ROUND):
            stops: int = await page.evaluate("been.length")
            return stops
    pytest.fail("Tab does not come round")


async def _skip(page: Page) -> None:
    """Take the skip link, which is a page's first stop."""
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def test_in_to_a_token_and_out(browser: Browser, site: Server) -> None:
    alice = await built(member, "alice")
    page = await (await browser.new_context(base_url=site.url)).new_page()
    await page.goto("/signin/")
    await expect(page.get_by_label("Username or e-mail")).to_be_focused()
    assert await page.get_by_role("button", name="Sign in").count() == 1
    await page.keyboard.type(alice.username)
    await _press(page)
    await page.keyboard.type(PASSWORD)
    await _follow(page, "button", "Sign in")
    await _follow(page, "link", "Settings")
    await page.wait_for_url("**/settings/password/")
    await _skip(page)
    await _press(page)
    await expect(page.get_by_label("New password")).to_be_focused()
    await _follow(page, "link", "Tokens")
    await page.wait_for_url("**/tokens/")
    await _skip(page)
    await _follow(page, "link", "Make a token")
    await _go_to(page, page.get_by_label("Name"))
    await page.keyboard.type("Build server")
    days = page.get_by_label("Good for (days)")
    await _go_to(page, days)
    await page.keyboard.press("Control+A")
    await page.keyboard.type("0")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(days).to_be_focused()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("9")
    await _follow(page, "button", "Make the token")
    await page.get_by_role("heading", name="The token for Build server").wait_for()
    await _follow(page, "link", "I have copied it")
    await _follow(page, "link", "Back to the conversations")
    await _follow(page, "button", "Sign out")
    await page.wait_for_url("**/signin/**")


async def _at_the_desk(browser: Browser, site: Server, user: User) -> Page:
    key = (await built(desk, user)).cookies["sessionid"].value
    context = await browser.new_context(base_url=site.url)
    await context.add_cookies([{"name": "sessionid", "value": key, "url": site.url}])
    return await context.new_page()


async def test_the_administration_to_a_suspension_and_back(browser: Browser, site: Server) -> None:
    owner, bob = await built(holder, "owner"), await built(person, "bob")
    page = await _at_the_desk(browser, site, owner)
    await page.goto("/settings/")
    await _follow(page, "link", "Administration")
    await page.wait_for_url("**/admin/")
    await _follow(page, "link", "People")
    await page.wait_for_url("**/people/")
    await _skip(page)
    await _go_to(page, page.get_by_role("searchbox"))
    await page.keyboard.type(bob.username)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=**")
    await _follow(page, "link", bob.name)
    await _follow(page, "link", "Suspend")
    why = page.get_by_label("Why")
    await _follow(page, "button", "Suspend")
    await expect(why).to_be_focused()
    await expect(why).to_have_accessible_description(re.compile("This field is required"))
    await page.keyboard.type("A lost laptop")
    await _follow(page, "button", "Suspend")
    await page.get_by_text("The account is suspended.").wait_for()
    await _follow(page, "link", "Let in again")
    await _follow(page, "button", "Let in again")
    await page.get_by_text("The account is open again.").wait_for()
    await built(bob.refresh_from_db)
    assert bob.is_active


async def test_a_group_of_choices_takes_the_focus_as_a_whole(browser: Browser, site: Server) -> None:
    page = await _at_the_desk(browser, site, await built(holder, "owner"))
    await page.goto("/admin/roles/own/define/")
    await _go_to(page, page.get_by_label("Title"))
    await page.keyboard.type("Help desk")
    await _press(page)
    await page.keyboard.type("help-desk")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("group", name="Lets its holders")).to_be_focused()


@pytest.mark.parametrize("path", ["/admin/people/", "/admin/settings/", "/admin/trail/", "/settings/tokens/new/"])
async def test_nothing_holds_the_focus_back(browser: Browser, site: Server, path: str) -> None:
    page = await _at_the_desk(browser, site, await built(holder, "owner"))
    await page.goto(path)
    assert await _walk_round(page) > 10


async def test_a_dialog_takes_the_focus_and_gives_it_back(seat: Seat, site: Server) -> None:
    page = await seat(await built(person, "alice"), site.url)
    for way_out in ("Escape", "Cancel", "Close"):
        await _follow(page, "button", "New conversation")
        dialog = page.get_by_role("dialog", name="New conversation")
        await expect(dialog.locator(":focus")).to_be_attached()
        await _go_to(page, dialog.get_by_role("searchbox", name="To"))
        if way_out == "Escape":
            await page.keyboard.press("Escape")
        else:
            await _follow(page, "button", way_out)
        await expect(dialog).not_to_be_attached()
        await expect(page.get_by_role("button", name="New conversation")).to_be_focused()
