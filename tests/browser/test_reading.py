"""Reading a long record: paging back, staying where one is, links to messages."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from accounts.models import User
from messaging.database import rows
from tests.browser.conftest import Seat
from tests.browser.screen import entry, message, messages, say, shown, to_newest, top_of, tops
from tests.serving import Server
from tests.worlds import built, channel, person, say_many

pytestmark = pytest.mark.browser

MANY = 3000
MOST_IN_PAGE = 160
MOST_NODES = 12_000
_PATIENCE_S = 60.0


async def test_paging_back_to_the_beginning_keeps_the_page_small(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    seqs = await built(say_many, bob, room, MANY, "message number {}, and some more words to make it a sentence")
    page = await seat(alice, site.url, f"/c/{room}")
    await to_newest(page)
    await expect(message(page, f"number {MANY - 1},")).to_be_visible()

    most = 0
    async with asyncio.timeout(_PATIENCE_S):
        while seqs[0] not in await shown(page):
            await _wheel(page, -4000)
            most = max(most, await messages(page).get_by_role("article").count())
    await expect(message(page, "message number 0,")).to_be_visible()
    assert most <= MOST_IN_PAGE
    assert await _nodes(page) < MOST_NODES  # in memory, whether in the page or not

    await to_newest(page)
    await expect(message(page, f"number {MANY - 1},")).to_be_visible()


async def test_what_is_read_does_not_move(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    await built(say_many, bob, room, 600, "message {}\nof two lines")
    hers, his = await seat(alice, site.url, f"/c/{room}"), await seat(bob, site.url, f"/c/{room}")
    await to_newest(hers)
    await expect(message(hers, "message 599")).to_be_visible()

    stood = await tops(hers)
    for _ in range(60):  # pages come in above while one scrolls
        await _wheel(hers, -150)
        stands = await tops(hers)
        moved = {seq: stands[seq] - stood[seq] for seq in stood.keys() & stands.keys()}
        assert moved
        assert all(abs(each - 150) < 2 for each in moved.values()), moved
        stood = stands

    reading = (await shown(hers))[2]
    before = await top_of(hers, reading)
    for number in range(5):
        await say(his, f"late {number}")
    await expect(hers.get_by_role("button", name="5 new messages")).to_be_visible()
    assert await top_of(hers, reading) == before
    await hers.get_by_role("button", name="5 new messages").click()
    await expect(message(hers, "late 4")).to_be_visible()
    await expect(hers.get_by_role("button", name="new messages")).to_have_count(0)


async def test_a_link_leads_to_its_message(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    seqs = await built(say_many, bob, room, 1000)
    page = await seat(alice, site.url, f"/c/{room}/{seqs[300]}")
    await expect(message(page, "message 300").first).to_be_in_viewport()
    assert seqs[300] in await shown(page)
    async with asyncio.timeout(_PATIENCE_S):
        while seqs[-1] not in await shown(page):  # the way down from there is whole
            await _wheel(page, 3000)

    number = messages(page).locator(f'article[data-seq="{seqs[-3]}"]').get_by_role("link", name="Link to number")
    await number.focus()
    await number.press("Enter")
    await expect(page).to_have_url(f"{site.url}/c/{room}/{seqs[-3]}")


async def test_a_conversation_opens_at_the_first_unread(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    await built(channel, alice, bob, name="yard")
    seqs = await built(say_many, bob, room, 100, "old {}")
    page = await seat(alice, site.url, f"/c/{room}")
    await to_newest(page)
    await expect(entry(page, "harbour")).not_to_contain_text("unread")
    async with asyncio.timeout(_PATIENCE_S):
        while await _read_by(alice, room) < seqs[-1]:
            await page.wait_for_timeout(100)
    await page.goto("about:blank")
    await built(say_many, bob, room, 300, "fresh {}")
    await page.goto(f"/c/{room}")
    await expect(messages(page).get_by_text("New", exact=True)).to_be_in_viewport()
    await expect(message(page, "fresh 0").first).to_be_in_viewport()


async def _nodes(page: Page) -> int:
    """Count the nodes that are alive, those that something holds on to outside the page too."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    await session.send("HeapProfiler.collectGarbage")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return int(next(metric["value"] for metric in metrics if metric["name"] == "Nodes"))


async def _read_by(person: User, room: int) -> int:
    """Ask the server how far somebody has read."""
    query = "select read_seq from membership where conversation_id = %(room)s and person_id = %(person)s"
    return int((await built(rows, query, {"room": room, "person": person.pk}))[0][0])


async def _wheel(page: Page, pixels: int) -> None:
    """Turn the wheel over the timeline, and wait until what is on the screen has moved and stands still."""
    box = messages(page)
    await box.hover(position={"x": 300, "y": 200})
    await box.evaluate(_WATCH, pixels)
    await page.mouse.wheel(0, pixels)
    async with asyncio.timeout(_PATIENCE_S):
        await box.evaluate("box => box.moved")


#: Promises that a message on the screen has moved and stands still, or that the box stood at that edge. That the box
#: has scrolled says less: it scrolls too when rows come in above, to keep what is read where it is.
_WATCH = """(box, pixels) => {
    const frame = () => new Promise(done => requestAnimationFrame(done));
    const edge = box.getBoundingClientRect();
    const shown = [...box.querySelectorAll("article[data-seq]")].find(one => {
        const { top, bottom } = one.getBoundingClientRect();
        return top > edge.top && bottom < edge.bottom;
    });
    const top = () => shown?.isConnected ? shown.getBoundingClientRect().top : undefined;
    const left = pixels < 0 ? box.scrollTop : box.scrollHeight - box.clientHeight - box.scrollTop;
    const before = top();
    box.moved = (async () => {
        while (left >= 1 && top() !== undefined && Math.abs(top() - before) < 1) await frame();
        for (let still = 0, last = top(); still < 2; last = top()) {
            await frame();
            still = top() === last ? still + 1 : 0;
        }
    })();
}"""
