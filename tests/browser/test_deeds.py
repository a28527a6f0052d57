"""What is done with a message, between two browsers."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Seat
from tests.browser.screen import message, say
from tests.serving import Server
from tests.worlds import age, built, channel, person, rule
from tests.worlds import say as say_in

pytestmark = pytest.mark.browser


async def _choose(page: Page, of: Locator, name: str) -> None:
    """Choose from a message's menu."""
    await of.hover()
    await of.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name=name).click()


async def test_what_is_done_with_a_message_is_seen_by_the_other(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    await built(say_in, bob, room, "The tide turns at six")
    hers, his = await seat(alice, site.url, f"/c/{room}"), await seat(bob, site.url, f"/c/{room}")
    tide, his_tide = message(hers, "The tide"), message(his, "The tide")

    # By the keyboard alone: from the message's link to its tools, along them, and into the menu.
    await tide.get_by_role("link", name="Link to number").focus()
    await hers.keyboard.press("Tab")
    await expect(tide.get_by_role("button", name="React")).to_be_focused()
    await hers.keyboard.press("Enter")
    await hers.get_by_role("textbox", name="Any emoji").fill("⚓")
    await hers.keyboard.press("Enter")
    await his_tide.get_by_role("button", name="⚓ 1: Alice").click()
    await expect(tide.get_by_role("button", name="⚓ 2: Alice and Bob")).to_have_attribute("aria-pressed", "true")
    await tide.get_by_role("button", name="⚓ 2").click()
    await expect(his_tide.get_by_role("button", name="⚓ 1: Bob")).to_be_visible()

    await _choose(hers, tide, "Pin")
    await expect(his_tide).to_contain_text("Pinned by Alice")
    await _choose(hers, tide, "Save for later")
    await tide.hover()
    await tide.get_by_role("button", name="More actions").click()
    await expect(hers.get_by_role("menuitem", name="Take out of saved")).to_be_visible()
    await expect(hers.get_by_role("menuitem", name="Edit")).to_have_count(0)
    await hers.keyboard.press("Escape")
    await expect(tide.get_by_role("button", name="More actions")).to_be_focused()

    await say(hers, "Cast of at five")
    await expect(message(his, "Cast of")).to_be_visible()
    await hers.get_by_role("textbox", name="Message").press("ArrowUp")
    await hers.get_by_role("textbox", name="Edit message").fill(f"Cast off at five, @{bob.username}")
    await hers.keyboard.press("Enter")
    await expect(hers.get_by_role("textbox", name="Message")).to_be_focused()
    cast = message(his, "Cast off")
    await expect(cast.locator(".mention.mine")).to_have_text(f"@{bob.username}")
    await expect(cast).to_contain_text("edited")

    mine = message(hers, "Cast off")
    await _choose(hers, mine, "Delete")
    await hers.get_by_role("dialog", name="Delete this message?").get_by_role("button", name="Delete").click()
    await expect(message(his, "Deleted by its author")).to_contain_text(re.compile(r"\d\d:\d\d. Kept in the record"))


async def test_what_is_refused_is_undone_and_says_why(seat: Seat, site: Server) -> None:
    """The words of an edit are kept, since somebody thought about them."""
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    await built(say_in, bob, room, "Too late to change")
    page = await seat(bob, site.url, f"/c/{room}")
    said = message(page, "Too late")
    await said.hover()
    await said.get_by_role("button", name="Edit").click()
    await page.get_by_role("textbox", name="Edit message").fill("Changed after all")
    await built(rule, alice, room, edits_s=60)
    await built(age, room, timedelta(hours=1))
    await page.keyboard.press("Enter")
    await expect(said.get_by_role("alert")).to_contain_text("Not edited: ")
    await said.get_by_role("button", name="Edit again").click()
    await expect(page.get_by_role("textbox", name="Edit message")).to_have_value("Changed after all")
