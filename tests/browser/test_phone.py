"""On a phone one thing is shown at a time."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Seat
from tests.browser.screen import entry, message, messages
from tests.serving import Server
from tests.worlds import built, channel, person, say_many
from tests.worlds import say as say_in

pytestmark = pytest.mark.browser

LEAST_TARGET = 44


async def test_list_conversation_thread_and_back(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    await built(say_many, bob, room, 50)
    await built(say_in, bob, room, f"a long word {'x' * 300} and\n```\n{'code ' * 60}\n```")
    await built(say_in, alice, room, "an answer", thread=3, payload={"also": True})
    page = await seat(alice, site.url, "/", 390, 844, has_touch=True, is_mobile=True)

    await expect(entry(page, "harbour")).to_be_visible()
    await expect(messages(page)).to_be_hidden()
    box = await entry(page, "harbour").bounding_box()
    assert box is not None
    assert box["height"] >= LEAST_TARGET
    await entry(page, "harbour").tap()
    await expect(message(page, "a long word")).to_be_visible()
    await expect(entry(page, "harbour")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390

    await message(page, "an answer").get_by_role("button", name="in reply to").tap()
    await expect(page.get_by_role("complementary", name="Thread")).to_be_visible()
    await expect(messages(page)).to_be_hidden()
    await page.get_by_role("button", name="Close thread").tap()
    await expect(messages(page)).to_be_visible()
    await page.get_by_role("button", name="Back to conversations").tap()
    await expect(entry(page, "harbour")).to_be_visible()
