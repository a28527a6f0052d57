"""When the line is cut, and when the server says no."""

import pytest
from playwright.async_api import Page, expect

from messaging.protocol import events
from tests.browser.cable import Cable
from tests.browser.conftest import Seat
from tests.browser.refusals import Refusals
from tests.browser.screen import message, say
from tests.serving import Server
from tests.worlds import built, channel, log_of, person
from tests.worlds import say as say_in

pytestmark = pytest.mark.browser


async def test_what_is_written_while_the_line_is_cut_arrives_once(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    async with Cable(site.port) as cable:
        page = await seat(alice, cable.url, f"/c/{room}")
        await say(page, "before")
        await expect(message(page, "before")).to_have_attribute("data-seq", "3")

        await cable.cut()
        await expect(_banner(page)).to_contain_text("Reconnecting")
        await say(page, "first, cut off")
        await say(page, "second, cut off")
        await expect(message(page, "second, cut off")).to_contain_text("Will be sent when the connection is back.")
        await built(say_in, bob, room, "meanwhile")

        await cable.mend()
        await expect(message(page, "meanwhile")).to_be_visible(timeout=30_000)
        await expect(message(page, "second, cut off")).to_have_attribute("data-seq", "6")
        await expect(_banner(page)).to_be_hidden()

    bodies = [event.body for event in await built(log_of, room) if isinstance(event, events.Message)]
    assert bodies == ["before", "meanwhile", "first, cut off", "second, cut off"]


async def test_sending_shows_at_once_and_a_refusal_can_be_tried_again(seat: Seat, site: Server) -> None:
    alice = await built(person, "alice")
    room = await built(channel, alice, name="harbour")
    page = await seat(alice, site.url)
    refusals = await Refusals.between(page)
    await page.goto(f"/c/{room}")

    refusals.hold = True
    await say(page, "a slow one")
    await expect(message(page, "a slow one")).to_have_attribute("data-state", "sending")
    refusals.let_go()
    await expect(message(page, "a slow one")).to_have_attribute("data-seq", "2")

    refusals.refuse = True
    await say(page, "not like this")
    failed = message(page, "not like this")
    await expect(failed.get_by_role("alert")).to_contain_text("Not sent: A rule keeps this back.")
    await failed.get_by_role("button", name="Retry").click()
    await expect(failed.get_by_role("alert")).to_be_visible()
    refusals.refuse = False
    await failed.get_by_role("button", name="Retry").click()
    await expect(message(page, "not like this")).to_have_attribute("data-seq", "3")

    refusals.refuse = True
    await say(page, "never")
    await message(page, "never").get_by_role("button", name="Discard").click()
    await expect(message(page, "never")).to_have_count(0)


def _banner(page: Page):
    return page.get_by_role("status").filter(has_text="What you write is kept")
