"""Writing: names are offered, long texts are counted, the keyboard is enough."""

import asyncio
import secrets

import pytest
from playwright.async_api import Route, expect

from messaging import user_groups
from messaging.database import rows
from messaging.models import UserGroup
from tests.browser.conftest import Seat
from tests.browser.screen import message
from tests.serving import Server
from tests.worlds import acting, appointed, built, channel, person, say_many

pytestmark = pytest.mark.browser


async def test_names_are_offered_once_the_members_are_known(seat: Seat, site: Server) -> None:
    """On a slow line one is faster than the list of members."""
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    page = await seat(alice, site.url)
    typed = asyncio.Event()

    async def hold(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await page.route("**/members*", hold)
    await page.goto(f"/c/{room}")
    await page.get_by_role("textbox", name="Message #harbour").press_sequentially("for @bo")
    typed.set()
    await expect(page.get_by_role("option", name=bob.username)).to_have_attribute("aria-selected", "true")


async def test_a_name_is_offered_while_one_types_it(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    page = await seat(alice, site.url, f"/c/{room}")
    await expect(page.get_by_role("button", name="2 members")).to_be_visible()
    box = page.get_by_role("textbox", name="Message #harbour")
    await box.press_sequentially("for @bo")
    await expect(page.get_by_role("option", name=bob.username)).to_have_attribute("aria-selected", "true")
    await box.press("Enter")
    await expect(box).to_have_value(f"for @{bob.username} ")
    await box.press_sequentially("now")
    await box.press("Enter")
    await expect(message(page, "now").locator(".mention")).to_have_text(f"@{bob.username}")


def _anew(handle: str, old: UserGroup | None = None) -> UserGroup:
    """Make a user group, whose handle another had that is closed now."""
    by = acting(appointed("boss", "administrator"))
    if old is not None:
        user_groups.close(by, old)
    return user_groups.make(by, handle, "On call")


def _bodies(room: int) -> list[str]:
    found = rows("select body from event where conversation_id = %(room)s and body <> '' order by seq", {"room": room})
    return [body for (body,) in found]


async def test_a_group_is_offered_and_stays_the_same_through_an_edit(seat: Seat, site: Server) -> None:
    alice, handle = await built(person, "alice"), f"oncall-{secrets.token_hex(4)}"
    room, group = await built(channel, alice, name="harbour"), await built(_anew, handle)
    page = await seat(alice, site.url, f"/c/{room}")
    box, editing = page.get_by_role("textbox", name="Message #harbour"), page.get_by_role("textbox", name="Edit")
    await box.press_sequentially("@her")
    await expect(page.get_by_role("option", name="here Everybody")).to_be_visible()
    await box.fill("")
    await box.press_sequentially(f"for @{handle[:10]}")
    await expect(page.get_by_role("option", name=handle)).to_have_attribute("aria-selected", "true")
    await box.press("Enter")
    await expect(box).to_have_value(f"for @{handle} ")
    await box.press_sequentially("now")
    await box.press("Enter")
    await expect(message(page, "now").locator(".mention")).to_have_text(f"@{handle}")
    await expect(message(page, "now")).to_have_attribute("data-seq", "2")

    await built(_anew, handle, group)
    async with page.expect_websocket() as opened:
        await page.reload()
    await expect(message(page, "now").locator(".mention")).to_have_text(f"@{handle}")
    await box.press("ArrowUp")
    await expect(editing).to_have_value(f"for @{handle} now")
    await editing.press("Enter")  # untouched: nothing is said
    await box.press("ArrowUp")
    await editing.press_sequentially(", please, and @chan")
    await editing.press("Escape")  # the names, and not the edit
    await editing.press_sequentially("n")
    await expect(page.get_by_role("option", name="channel Everybody")).to_be_visible()
    await editing.press("Enter")
    await expect(editing).to_have_value(f"for @{handle} now, please, and @channel ")
    socket = await opened.value
    async with socket.expect_event("framereceived", lambda frame: '"kind":"edit"' in frame):
        await editing.press("Enter")
    await expect(message(page, "now, please")).to_contain_text("edited")
    said = f"for <&{group.pk}> now"
    assert await built(_bodies, room) == [said, f"{said}, please, and <!channel>"]

    # Where there is no room for the names above, they are beneath.
    await built(say_many, alice, room, 20)
    await page.set_viewport_size({"width": 1440, "height": 480})
    await page.goto(f"/c/{room}/2")
    await message(page, "now, please").evaluate("one => one.scrollIntoView()")
    await message(page, "now, please").hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Edit").click()
    await editing.press_sequentially(" @")
    await expect(page.get_by_role("option").first).to_be_in_viewport(ratio=1)


async def test_a_text_that_is_too_long_is_counted_and_stays(seat: Seat, site: Server) -> None:
    alice = await built(person, "alice")
    room = await built(channel, alice, name="harbour")
    page = await seat(alice, site.url, f"/c/{room}")
    box = page.get_by_role("textbox", name="Message #harbour")
    await box.fill("😀" * 15_500)
    await expect(page.get_by_text("15,500 of 16,000")).to_be_visible()
    await box.fill("😀" * 16_001)
    await box.press("Enter")
    await expect(page.get_by_text("16,001 of 16,000")).to_be_visible()
    await box.fill("😀" * 16_000)
    await box.press("Enter")
    await expect(message(page, "😀")).to_have_attribute("data-seq", "2")
    await expect(page.get_by_role("button", name="Show all of it")).to_be_visible()


async def test_enter_within_a_composition_does_not_send(seat: Seat, site: Server) -> None:
    alice = await built(person, "alice")
    room = await built(channel, alice, name="harbour")
    page = await seat(alice, site.url, f"/c/{room}")
    box = page.get_by_role("textbox", name="Message #harbour")
    await box.fill("にほん")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await expect(box).to_have_value("にほん")


async def test_the_theme_is_kept(seat: Seat, site: Server) -> None:
    alice = await built(person, "alice")
    await built(channel, alice, name="harbour")
    page = await seat(alice, site.url)
    for _ in range(2):
        await page.get_by_role("button", name="Theme").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
