"""A report from the queue to its decision, on a phone, with words that have no end; and for who made it."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Route, expect

from messaging import deciding
from messaging.deciding import Decision, Outcome
from tests.accounts.admin.desks import desk, holder
from tests.browser.conftest import Seat
from tests.browser.screen import message
from tests.browser.test_admin import _LOW, _RUNS_OFF
from tests.messaging.reported import Case, reported
from tests.messaging.reported import case as reported_case
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


def _more_than_a_page() -> Case:
    """Make 51 reports of one person, the first of them decided."""
    case = reported_case(is_claimed=True)
    for number in range(50):
        reported(case.alice, case.room, say(case.bob, case.room, f"More of it, {number}"))
    deciding.decide(case.by, case.report, Decision(Outcome.MUTED, "for moderators alone", for_s=3600))
    return case


async def test_who_reported_sees_what_became_of_it(seat: Seat, site: Server, settings: Any) -> None:
    settings.IS_RATE_LIMITED = False
    case = await built(_more_than_a_page)
    page = await seat(case.alice, site.url)
    await page.get_by_role("button", name="You: Alice").click()
    await page.get_by_role("menuitem", name="What I reported").click()
    rows = page.get_by_role("list", name="What I reported").get_by_role("listitem")
    await expect(rows).to_have_count(50)
    await expect(rows.first).to_contain_text("More of it, 49")
    await expect(rows.first).to_contain_text("Not decided yet")
    asked: list[str] = []
    pressed = asyncio.Event()

    async def line(route: Route) -> None:  # broken for the first time
        asked.append(route.request.url)
        await pressed.wait()
        await (route.abort() if len(asked) == 1 else route.continue_())

    await page.route("**/me/reports?cursor=*", line)
    await page.get_by_role("button", name="Show more").dblclick()
    pressed.set()
    await expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    await expect(rows).to_have_count(50)
    await page.get_by_role("button", name="Try again").click()
    await expect(rows).to_have_count(51)
    assert len(asked) == 2
    await expect(rows.last).to_contain_text("Its author may not write for a time")
    await expect(rows.last).to_contain_text("look at this")  # one's own note, and not the moderator's
    await expect(rows.last).not_to_contain_text("for moderators alone")
    await expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    await rows.last.get_by_role("link").click()
    await expect(message(page, "words")).to_be_visible()
