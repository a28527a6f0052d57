"""What people see of each other, and what one has on all of one's devices."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Seat
from tests.browser.screen import entry, message, say
from tests.serving import Server
from tests.worlds import PASSWORD, built, channel, direct, person, rule

pytestmark = pytest.mark.browser


async def test_two_people_see_where_the_other_is(seat: Seat, site: Server) -> None:
    """Here, writing, received, read; and with a rule what is said goes by itself."""
    alice, bob = await built(person, "alice"), await built(person, "bob")
    pair = await built(direct, alice, bob)
    yard = await built(channel, bob, name="yard")
    hers, his = await seat(alice, site.url, f"/c/{pair}"), await seat(bob, site.url, f"/c/{yard}")
    await expect(hers.get_by_text("Here now")).to_be_visible()
    await say(hers, "Are you there?")
    said = message(hers, "Are you there?")
    await expect(said.get_by_role("button", name="Delivered")).to_be_visible()
    await entry(his, "Alice").click()
    await expect(said.get_by_role("button", name=re.compile(r"Read \d\d:\d\d"))).to_be_visible()
    await his.get_by_role("textbox", name="Message").press_sequentially("Yes")
    await expect(hers.get_by_text("Bob is writing…")).to_be_visible()
    await his.keyboard.press("Enter")
    await expect(hers.get_by_text("Bob is writing…")).to_have_count(0)
    await said.get_by_role("button", name="Read").click()
    await expect(hers.get_by_role("dialog", name="Who has read it")).to_contain_text("Of 1 others it reached 1")
    await hers.keyboard.press("Escape")

    # Hidden from peers, at once.
    await his.get_by_role("button", name="You: Bob").click()
    await his.get_by_role("menuitem", name="Privacy").click()
    privacy = his.get_by_role("dialog", name="Privacy")
    await expect(privacy).to_contain_text("hidden from peers, not from the record")
    await privacy.get_by_label("Whether I am here").check()
    await expect(hers.get_by_text("Here now")).to_have_count(0)


async def test_my_devices_agree(seat: Seat, site: Server) -> None:
    """Drafts, also one that a lost session was about to take; what is saved; what is to be sent."""
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    desk = await seat(alice, site.url, f"/c/{room}")
    phone = await desk.context.new_page()
    await phone.goto(f"/c/{room}")
    box, other = (page.get_by_role("textbox", name="Message #harbour") for page in (desk, phone))
    await box.press_sequentially("half a thought")
    await expect(other).to_have_value("half a thought", timeout=1_500)
    await other.press_sequentially(", and the rest")
    await expect(box).to_have_value("half a thought, and the rest", timeout=1_500)
    await desk.get_by_role("button", name="Send later").click()
    later = desk.get_by_role("dialog", name="Send later")
    await later.get_by_role("button", name="Monday at 9:00").click()
    await later.get_by_role("button", name="Send then").click()
    await expect(other).to_have_value("")
    await entry(phone, "To be sent").click()
    item = phone.get_by_role("list", name="To be sent").get_by_role("listitem")
    await expect(item).to_contain_text("half a thought, and the rest")
    await expect(item).to_contain_text("Mon")
    await item.get_by_role("button", name="Take back").click()
    await expect(phone.get_by_role("heading", name="Nothing to be sent")).to_be_visible()
    await expect(entry(desk, "To be sent")).to_have_text("To be sent")

    # The session ends before the server has heard of it.
    await desk.evaluate("WebSocket.prototype.send = () => undefined")
    await desk.context.clear_cookies()
    await box.press_sequentially("not lost")
    await desk.goto(f"/signin/?next=/c/{room}")
    await desk.get_by_label("Username or e-mail").fill(alice.username)
    await desk.get_by_label("Password").fill(PASSWORD)
    await desk.get_by_role("button", name="Sign in").click()
    await expect(box).to_have_value("not lost")


async def test_how_it_goes_in_a_conversation(seat: Seat, site: Server) -> None:
    """A public channel is found and joined; its owner sets rules and mutes, and the composer says so."""
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, name=f"harbour-{bob.pk}", is_private=False)
    hers, his = await seat(alice, site.url, f"/c/{room}"), await seat(bob, site.url)
    await his.get_by_role("button", name="Look for channels").click()
    await his.get_by_role("searchbox", name="Look for").fill(f"harbour-{bob.pk}")
    await his.get_by_role("button", name=f"Join #harbour-{bob.pk}").click()
    box = his.get_by_role("textbox", name="Message #harbour")
    await expect(box).to_be_visible()

    await hers.get_by_role("button", name="Details").click()
    details = hers.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Change the topic").click()
    await hers.get_by_role("textbox", name="Topic").fill("Tides")
    await hers.get_by_role("button", name="Save").click()
    await expect(his.locator(".page > .bar")).to_contain_text("Tides")
    await details.get_by_label("Slow mode").select_option(label="5 minutes")
    await say(his, "one")
    await box.fill("two")
    await expect(his.get_by_text(re.compile(r"Slow mode: \d+ (seconds|minutes) to wait"))).to_be_visible()
    await expect(his.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await details.get_by_label("Slow mode").select_option(label="Off")
    await expect(his.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    await details.get_by_label("Only owners and moderators write").check()
    await expect(his.get_by_text("Only owners and moderators write here.")).to_be_visible()
    await built(rule, alice, room, read_only=False)

    await hers.get_by_role("button", name="2 members").click()
    await hers.get_by_role("button", name="What to do about Bob").click()
    await hers.get_by_role("menuitem", name="Mute for an hour").click()
    await expect(his.get_by_text("You are muted here until")).to_be_visible()
    await hers.get_by_role("button", name="Details").click()
    await details.get_by_role("button", name="Let write").click()
    await expect(box).to_have_value("two")
    await his.get_by_role("button", name="Details").click()
    await his.get_by_label("Notify me of").select_option(label="Nothing")
    await say(hers, "quietly")
    await entry(his, "Saved").click()
    await say(hers, "and again")
    await expect(entry(his, "harbour")).not_to_contain_text("unread")
    await entry(his, "harbour").click()
    await his.get_by_role("button", name="Details").click()
    await his.get_by_role("button", name="Leave…").click()
    await his.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await expect(entry(his, "harbour")).to_have_count(0)
