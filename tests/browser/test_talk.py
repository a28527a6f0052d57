"""Two people in two browsers."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Seat
from tests.browser.screen import entry, message, messages, say
from tests.serving import Server
from tests.worlds import add, built, channel, direct, person, remove
from tests.worlds import say as say_in

pytestmark = pytest.mark.browser


async def test_two_people_talk(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    hers, his = await seat(alice, site.url, f"/c/{room}"), await seat(bob, site.url, f"/c/{room}")

    await say(hers, "The *ship* is `in`: https://example.org/log")
    arrived = message(his, "The ship is in")
    await expect(arrived).to_be_visible()
    await expect(arrived.get_by_role("link", name="https://example.org/log")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    await expect(arrived).to_contain_text("Alice")
    words = await arrived.inner_text()
    assert words.index("Alice") < words.index(":") < words.index("The ship")
    await expect(message(hers, "The ship is in")).to_have_attribute(
        "data-seq", await arrived.get_attribute("data-seq") or ""
    )

    await say(his, "line one\nline two")
    await expect(message(hers, "line two")).to_be_visible()
    await hers.reload()
    await expect(message(hers, "The ship is in")).to_be_visible()
    await expect(message(hers, "line two")).to_have_count(1)


async def test_enter_sends_shift_enter_does_not_and_a_draft_waits(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    await built(channel, alice, bob, name="yard")
    page = await seat(alice, site.url, f"/c/{room}")
    box = page.get_by_role("textbox", name="Message #harbour")
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    await entry(page, "yard").click()
    await expect(page.get_by_role("textbox", name="Message #yard")).to_have_value("")
    await entry(page, "harbour").click()
    await expect(box).to_have_value("one\ntwo")
    await box.press("Enter")
    await expect(box).to_have_value("")
    await expect(message(page, "two")).to_be_visible()


async def test_unread_and_mentions_are_counted_and_go_when_read(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    harbour = await built(channel, alice, bob, name="harbour")
    yard = await built(channel, alice, bob, name="yard")
    page = await seat(alice, site.url, f"/c/{yard}")
    his = await seat(bob, site.url, f"/c/{harbour}")
    other_tab = await page.context.new_page()
    await other_tab.goto(f"/c/{yard}")

    await say(his, "just words")
    await expect(entry(page, "harbour")).to_contain_text("1 unread")
    await say(his, f"@{alice.username}: look")
    await expect(entry(page, "harbour")).to_contain_text("1 mentions")
    await expect(page).to_have_title("(1) #yard · Parley")

    await page.bring_to_front()
    await entry(page, "harbour").click()
    await expect(message(page, "look").locator(".mention.mine")).to_have_text(f"@{alice.username}")
    await expect(entry(page, "harbour")).not_to_contain_text("mentions")
    await expect(entry(other_tab, "harbour")).not_to_contain_text("mentions")


async def test_a_thread_is_a_place_of_its_own(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    root = await built(say_in, alice, room, "Who takes the helm?")
    for number in range(3):
        await built(say_in, bob, room, f"between {number}")
    hers, his = await seat(alice, site.url, f"/c/{room}"), await seat(bob, site.url, f"/c/{room}")

    await message(his, "Who takes the helm?").hover()
    await message(his, "Who takes the helm?").get_by_role("button", name="Reply in thread").click()
    thread = his.get_by_role("complementary", name="Thread")
    await expect(thread).to_contain_text("Who takes the helm?")
    await say(his, "I can steer", box="Reply")
    await expect(thread.get_by_role("article").filter(has_text="I can steer")).to_be_visible()
    await expect(entry(hers, "Threads")).to_contain_text("1 with news")
    await his.get_by_role("checkbox", name="Also to #harbour").check()
    await say(his, "I do", box="Reply")

    at_root = messages(hers).locator(f'article[data-seq="{root}"]').get_by_role("button", name="2 replies")
    await expect(at_root).to_be_visible()
    await expect(message(hers, "I do")).to_contain_text("in reply to Alice: Who takes the helm?")
    await expect(message(hers, "I can steer")).to_have_count(0)
    await at_root.click()
    await expect(hers.get_by_role("complementary", name="Thread")).to_contain_text("I can steer")
    await expect(entry(hers, "Threads")).not_to_contain_text("with news")
    await hers.get_by_role("button", name="Follow this thread").click()
    await entry(hers, "Threads").click()
    await expect(hers.get_by_role("heading", name="No threads yet")).to_be_visible()
    await entry(his, "Threads").click()
    await his.get_by_role("list", name="Threads").get_by_role("link", name="Who takes the helm?").click()
    await expect(thread).to_contain_text("I can steer")
    await hers.go_back()
    await hers.keyboard.press("Escape")
    await expect(hers.get_by_role("complementary", name="Thread")).to_have_count(0)
    await hers.go_back()
    await expect(hers.get_by_role("complementary", name="Thread")).to_be_visible()


async def test_conversations_come_and_go(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, name="harbour")
    await built(direct, alice, bob)
    page = await seat(bob, site.url)
    await built(add, alice, room, bob)
    await entry(page, "harbour").click()
    await expect(page.get_by_role("textbox", name="Message #harbour")).to_be_visible()
    await built(remove, alice, room, bob)
    await expect(entry(page, "harbour")).to_have_count(0)
    await expect(page.get_by_role("alert")).to_contain_text("you are not in it")


async def test_a_conversation_is_begun(seat: Seat, site: Server) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    await built(channel, alice, bob, name="harbour")
    hers, his = await seat(alice, site.url), await seat(bob, site.url)

    await hers.get_by_role("button", name="New conversation").click()
    await hers.get_by_role("searchbox", name="To").fill(bob.username)
    await hers.get_by_role("button", name=f"Bob @{bob.username}").click()
    await hers.get_by_role("button", name="Open conversation").click()
    await say(hers, "psst", box="Message Bob")
    await entry(his, "Alice").click()
    await expect(message(his, "psst")).to_be_visible()

    await hers.get_by_role("button", name="New conversation").click()
    await hers.get_by_text("Create a channel").click()
    await hers.get_by_role("textbox", name="Name").fill("Rope Yard")
    await hers.get_by_role("searchbox", name="Members").fill(bob.username)
    await hers.get_by_role("button", name=f"Bob @{bob.username}").click()
    await hers.get_by_role("button", name="Create channel").click()
    await expect(hers.get_by_role("textbox", name="Message #rope-yard")).to_be_visible()
    await expect(entry(his, "rope-yard")).to_be_visible()
