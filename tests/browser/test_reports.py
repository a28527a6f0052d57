"""A report from the queue to its decision, on a phone, with words that have no end."""

import pytest
from playwright.async_api import Browser, expect

from tests.accounts.admin.desks import desk, holder
from tests.browser.test_admin import _LOW, _RUNS_OFF
from tests.messaging.reported import Case, reported
from tests.serving import Server
from tests.worlds import built, channel, person, say

pytestmark = pytest.mark.browser


def _case() -> Case:
    moderator, alice, bob = holder("moderator"), person("alice", name="A" * 128), person("bob", name="B" * 128)
    room = channel(alice, bob, name="x" * 128)
    say(alice, room, "w" * 2000)
    seq = say(bob, room, "<b>words</b>\n" + "y" * 2000)
    return Case(moderator, alice, bob, room, seq, reported(alice, room, seq, "z" * 1000))


async def test_a_report_is_claimed_and_decided(browser: Browser, site: Server) -> None:
    case = await built(_case)
    key = (await built(desk, case.moderator)).cookies["sessionid"].value
    context = await browser.new_context(viewport={"width": 360, "height": 800}, base_url=site.url)
    await context.add_cookies([{"name": "sessionid", "value": key, "url": site.url}])
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)

    async def look() -> None:
        assert not await page.evaluate(_RUNS_OFF), page.url
        assert await page.evaluate(_LOW) == [], page.url

    await page.goto("/admin/")
    await expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    await look()
    await page.goto(f"/admin/reports/{case.report.pk}/")
    await expect(page.locator(".reported").first).to_contain_text("<b>words</b>")
    await look()
    await page.get_by_role("link", name="Claim").click()
    await page.get_by_role("button", name="Claim it").click()
    await expect(page.get_by_role("status")).to_have_text("It is yours to decide.")
    await page.get_by_role("link", name="Decide…").click()
    await look()
    await page.get_by_label("Delete the message", exact=True).check()
    await page.get_by_role("button", name="Decide").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Why").fill("Insults")
    await page.get_by_role("button", name="Decide").click()
    await expect(page.get_by_role("status")).to_have_text("Decided.")
    await expect(page.get_by_text("nobody in the conversation sees it any more")).to_be_visible()
    await look()
    assert complaints == []
    await context.close()
