"""The door: who comes in, who doesn't, and where one lands."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Seat
from tests.serving import Server
from tests.worlds import built, channel, person

pytestmark = pytest.mark.browser


async def test_a_wrong_password_is_said_and_a_right_one_leads_where_one_wanted(
    browser: Browser, seat: Seat, site: Server
) -> None:
    alice = await built(person, "alice")
    room = await built(channel, alice, name="harbour")
    stranger = await (await browser.new_context(base_url=site.url)).new_page()
    await stranger.goto(f"/c/{room}")
    await stranger.get_by_label("Username or e-mail").fill(alice.username)
    await stranger.get_by_label("Password").fill("wrong")
    await stranger.get_by_role("button", name="Sign in").click()
    await expect(stranger.get_by_role("alert")).to_be_visible()

    page = await seat(alice, site.url, f"/c/{room}")
    await expect(page).to_have_url(f"{site.url}/c/{room}")
    await expect(page.get_by_role("heading", name="harbour", exact=True)).to_be_visible()

    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()


async def test_what_is_not_mine_is_not_there(seat: Seat, site: Server) -> None:
    alice, mallory = await built(person, "alice"), await built(person, "mallory")
    room = await built(channel, alice, name="board")
    page = await seat(mallory, site.url, f"/c/{room}")
    await expect(page.get_by_role("alert")).to_contain_text("does not exist, or you are not in it")
    await expect(page.get_by_text("board")).to_have_count(0)
