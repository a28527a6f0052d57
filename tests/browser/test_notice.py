"""A new version of the notice of monitoring comes to whoever is at a page."""

import pytest
from playwright.async_api import expect

from accounts import workspace
from accounts.actor import shell
from tests.browser.conftest import Seat
from tests.serving import Server
from tests.worlds import built, channel, person

pytestmark = pytest.mark.browser


async def test_a_new_notice_comes_to_a_page_that_is_open(seat: Seat, site: Server) -> None:
    """Its socket is closed (4401), and the way through the sign-in leads to the notice and back."""
    alice = await built(person, "alice")
    conversation = await built(channel, alice, name="harbour")
    page = await seat(alice, site.url, f"/c/{conversation}")
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible(timeout=15_000)
    await built(workspace.change, shell("test"), {"notice": "Conversations here are kept for seven years."})
    try:
        await expect(page.get_by_text("kept for seven years")).to_be_visible(timeout=15_000)
        await page.get_by_role("button", name="Accept and go on").click()
        await expect(page).to_have_url(f"{site.url}/c/{conversation}")
        await expect(page.get_by_role("textbox", name="Message")).to_be_visible(timeout=15_000)
    finally:
        await built(workspace.change, shell("test"), {"notice": ""})
