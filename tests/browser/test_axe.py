"""axe-core finds nothing wrong with any page, wide and narrow, in light and dark.

Every address that `chatproject.urls` serves is in exactly one of the tests below, by how it begins; a test fails for
an address of its own that it has not looked at. So a page that comes later is looked at, or says here why not.
"""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import resolve
from django.utils import timezone
from playwright.async_api import Browser, Page, expect

from accounts import workspace
from accounts.actor import shell
from accounts.mail import links
from accounts.models import Grant, User
from messaging import arrivals
from tests.accounts.admin.desks import desk, holder
from tests.accounts.factors.doors import give_app, give_codes, member
from tests.browser.axe import Inspection
from tests.browser.conftest import Seat
from tests.browser.gallery import hang
from tests.browser.refusals import Refusals
from tests.browser.screen import message, say
from tests.chatproject.addresses import walk
from tests.serving import Serve, Server
from tests.worlds import PASSWORD, acting, add, built, channel, delete, direct, done, edit, person, react
from tests.worlds import say as say_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: Addresses that no page has.
NO_PAGE = {
    "settings/": "leads to the first of the settings",
    "signout/": "leads to the sign-in page",
    "passkeys/options/": "JSON for the passkeys' script",
}


def _routes(is_mine: Callable[[str], bool]) -> set[str]:
    routes = {resolve(address.path).route for address in walk() if not address.is_api}
    return {route for route in routes - NO_PAGE.keys() if is_mine(route)}


def _is_client(route: str) -> bool:
    return route == "" or route.startswith("c/")


def _is_door(route: str) -> bool:
    return not (_is_client(route) or route.startswith(("admin/", "settings/")))


@pytest.fixture
async def page(browser: Browser, site: Server) -> AsyncIterator[Page]:
    """A browser that nobody is signed in at; by its name, for passkeys need one."""
    context = await browser.new_context(base_url=_named(site), locale="en-GB")
    opened = await context.new_page()
    await opened.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    yield opened
    await context.close()


def _named(server: Server) -> str:
    return server.url.replace("127.0.0.1", "localhost")


async def _sit_down(page: Page, url: str, user: User) -> None:
    """Let somebody use this browser, who has just stepped up."""
    key = (await built(desk, user)).cookies["sessionid"].value
    await page.context.add_cookies([{"name": "sessionid", "value": key, "url": url}])


async def test_the_administration(page: Page, site: Server) -> None:
    owner, inspection = await built(holder, "owner"), Inspection()
    places = await built(hang, owner)
    await _sit_down(page, _named(site), owner)
    for path in places.values():
        await inspection.open(page, path)
    await inspection.open(page, "/admin/people/?state=active&q=alice", "narrowed")
    await page.locator("summary", has_text="State").click()
    await inspection.look(page, "a filter open")
    await inspection.open(page, "/admin/people/?q=nobody-at-all", "nothing found")
    await inspection.open(page, "/admin/trail/?person=nobody-at-all", "refused")
    await inspection.open(page, "/admin/trail/")
    await page.locator(".entries summary").first.click()
    await inspection.look(page, "an entry open")
    await inspection.open(page, places["/admin/people/1/restore/"].removesuffix("restore/"), "suspended")
    await _press_where_something_is_wrong(page, inspection, places)
    await page.goto(places["/admin/people/1/token/"])
    await page.get_by_label("Name").fill("Build server")
    await page.get_by_label("Read").first.check()
    await inspection.press(page, "Make the token", "shown once")
    assert not inspection.faults, "\n".join(inspection.faults)
    assert _routes(lambda route: route.startswith("admin/")) == inspection.routes


async def _press_where_something_is_wrong(page: Page, inspection: Inspection, places: dict[str, str]) -> None:
    await page.goto(places["/admin/people/1/suspend/"])
    await inspection.press(page, "Suspend", "refused")
    await page.goto(places["/admin/people/1/token/"])
    await inspection.press(page, "Make the token", "refused")
    await page.goto("/admin/settings/")
    await page.get_by_role("spinbutton").first.fill("-1")
    await inspection.press(page, "Save", "refused")
    await page.goto("/admin/roles/own/define/")
    await inspection.press(page, "Define the role", "refused")


def _administrator(**fields: Any) -> User:
    """Make somebody of whom a second factor is wanted, in a while."""
    user = member("alice", **fields)
    Grant.objects.create(user=user, role="administrator", effective_at=timezone.now() - timedelta(days=2))
    return user


def _with_factors(name: str) -> User:
    user = member(name)
    give_app(user)
    give_codes(user)
    return user


async def test_the_settings(page: Page, site: Server) -> None:
    alice, bob, inspection = await built(_administrator), await built(_with_factors, "bob"), Inspection()
    own = sorted(address.path for address in walk() if address.path.startswith("/settings/"))
    own = [path for path in own if not path.startswith("/settings/factors/") and path != "/settings/"]
    await _sit_down(page, _named(site), alice)
    for path in own:
        await inspection.open(page, path, "a factor wanted")
    await page.goto("/settings/tokens/new/")
    await page.get_by_label("Good for (days)").fill("0")
    await page.get_by_label("Name").fill("Build server")
    await inspection.press(page, "Make the token", "refused")
    await page.get_by_label("Good for (days)").fill("9")
    await inspection.press(page, "Make the token", "made")
    await inspection.open(page, "/settings/tokens/", "with a token")
    await page.goto("/settings/password/")
    await page.get_by_label("New password").fill("password1234")
    await inspection.press(page, "Change the password", "refused")

    await inspection.open(page, "/settings/factors/", "none")
    await page.evaluate("document.querySelector('form.passkey').submit()")
    await page.wait_for_url("**/passkey/")
    await inspection.look(page, "refused")
    await inspection.press(page, "Add an authenticator app", "with its QR code")
    await page.get_by_label("Code", exact=True).fill("123")
    await inspection.press(page, "Confirm the app", "refused")
    await _sit_down(page, _named(site), bob)
    await inspection.open(page, "/settings/factors/", "some")
    await inspection.press(page, "Make new codes", "codes")
    await page.get_by_role("link", name="I have kept them").click()
    await page.get_by_role("link", name="Remove Phone").click()
    await inspection.look(page)
    assert not inspection.faults, "\n".join(inspection.faults)
    assert _routes(lambda route: route.startswith("settings/")) == inspection.routes


async def test_the_doors(page: Page, site: Server, server: Serve) -> None:
    inspection = Inspection()
    alice, carol = await built(_administrator), await built(member, "carol")
    bob, dora = await built(_with_factors, "bob"), await built(_with_factors, "dora")
    await _look_at_links(page, inspection, alice)
    await _look_at_signing_in(page, inspection, bob)
    await _sit_down(page, _named(site), alice)
    await inspection.open(page, "/signin/factor/")
    await inspection.open(page, "/stepup/", "by password")
    await page.get_by_label("Password").fill("wrong")
    await inspection.press(page, "Go on", "by password, refused")
    await _sit_down(page, _named(site), dora)
    await inspection.open(page, "/stepup/", "by an app")
    await _look_at_refusals(page, inspection, _named(site), carol)
    await page.goto(f"{_named(server(DATABASE_URL=''))}/signin/")
    await inspection.look_aside(page, "500")
    await built(
        workspace.change, shell("tests"), {"notice": "We read along.\n" * 60, "signup_domains": ["example.com"]}
    )
    try:
        started = server()  # it has no older settings in its memory, and `site` keeps those it has
        await page.context.clear_cookies()
        await _look_at_what_settings_open(page, inspection, _named(started), carol)
    finally:
        await built(workspace.change, shell("tests"), {"notice": "", "signup_domains": []})
    assert not inspection.faults, "\n".join(inspection.faults)
    assert _routes(_is_door) == inspection.routes


async def _look_at_links(page: Page, inspection: Inspection, boss: User) -> None:
    purpose = links.Purpose
    await inspection.open(page, "/reset/")
    await page.get_by_label("E-mail address").fill(boss.email)
    await inspection.press(page, "Send the link", "sent")
    await inspection.open(page, f"/reset/{await built(links.make, purpose.RESET, boss.email, boss)}")
    await page.get_by_label("New password").fill("password1234")
    await inspection.press(page, "Change the password", "refused")
    await inspection.open(page, "/verify/x", "not good", 404)
    await inspection.open(page, f"/verify/{await built(links.make, purpose.VERIFY, boss.email, boss)}")
    made = await built(lambda: arrivals.invite(acting(boss), site="https://parley.test", uses=2))
    await inspection.open(page, made.link.removeprefix("https://parley.test"))
    await page.get_by_label("Username").fill("a b")
    for label in ("E-mail address", "Your name", "Password"):
        await page.get_by_label(label).fill("a@example.org")
    await inspection.press(page, "Join", "refused")


async def _look_at_signing_in(page: Page, inspection: Inspection, user: User) -> None:
    await inspection.open(page, "/signin/")
    await page.get_by_label("Username or e-mail").fill(user.username)
    await page.get_by_label("Password").fill("wrong")
    await inspection.press(page, "Sign in", "refused")
    await page.get_by_label("Username or e-mail").fill(user.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_label("Code of your authenticator app").fill("12345")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_text("Use a recovery code").click()
    await inspection.look(page, "refused, and a recovery code's field")
    await page.goto("/signin/")
    await page.evaluate("document.querySelector('form.passkey').submit()")
    await page.wait_for_url("**/passkey/")
    await inspection.look(page, "not signed in")


async def _look_at_what_settings_open(page: Page, inspection: Inspection, url: str, user: User) -> None:
    await inspection.open(page, f"{url}/signup/")
    await page.get_by_label("E-mail address").fill("a@example.org")
    await inspection.press(page, "Send the link", "refused")
    await inspection.open(page, f"{url}/signup/{await built(links.make, links.Purpose.SIGNUP, 'a@example.com')}")
    await _sit_down(page, url, user)
    await inspection.open(page, f"{url}/notice/")


async def _look_at_refusals(page: Page, inspection: Inspection, url: str, user: User) -> None:
    """Look at what is answered instead of a page; faults of ours and of browsers are put in a page's place."""
    await _sit_down(page, url, user)
    await page.goto("/nothing-here")
    await inspection.look_aside(page, "404")
    await page.goto("/admin/")
    await inspection.look_aside(page, "403")
    await page.context.clear_cookies()
    await _send(page, "form.csrfmiddlewaretoken.remove()")
    await inspection.look_aside(page, "a form of others")
    await _send(page, "form.username.value = 'x'.repeat(3_000_000)")
    await inspection.look_aside(page, "400")
    await _send(page, "form.action = '/passkeys/options/'")
    await inspection.look_aside(page, "refused")


async def _send(page: Page, change: str) -> None:
    """Send the sign-in page's form, changed, as no page of ours would."""
    await page.goto("/signin/")
    async with page.expect_navigation():
        await page.evaluate(f"{{ const form = document.querySelector('form'); {change}; form.submit(); }}")


def _talk(alice: User, bob: User) -> tuple[int, int]:
    """Make a conversation with something of all that can be in one, and give its id and a thread's first message."""
    room = channel(bob, alice, name="harbour", is_private=False)
    add(bob, room, person("carol"))
    add(bob, room, alice, "owner")
    root = say_in(bob, room, f"*Two* _things_ about `linux`, <@{alice.pk}>: https://example.org/\n```\nreboot\n```")
    say_in(alice, room, "> Quoted, ~struck~\n- and a list\n1. of two kinds")
    say_in(alice, room, "In a thread", thread=root)
    say_in(bob, room, "In it too", thread=root)
    react_to = say_in(bob, room, "Well done")
    done(react(alice, room, react_to))
    done(react(bob, room, react_to, "🎉"))
    done(edit(bob, room, say_in(bob, room, "Teh minutes"), "The minutes"))
    done(delete(bob, room, say_in(bob, room, "Gone")))
    say_in(bob, room, "Long. " * 600)
    say_in(bob, direct(alice, bob), "Hello")
    return room, root


async def test_the_client(seat: Seat, site: Server) -> None:
    alice, bob, nobody, inspection = *[await built(person, name) for name in ("alice", "bob", "nobody")], Inspection()
    room, root = await built(_talk, alice, bob)
    page = await seat(nobody, _named(site))
    await expect(page.get_by_role("heading", name="Nothing to read yet")).to_be_visible()
    await inspection.look(page, "in no conversation")
    await page.goto("/c/999999999")
    await expect(page.get_by_role("alert")).to_be_visible()
    await inspection.look(page, "not here for you")

    page = await seat(alice, _named(site), f"/c/{room}")
    await expect(message(page, "Well done")).to_be_visible()
    await inspection.look(page)
    await page.goto(f"/c/{room}/{root}")
    await _look_at_deeds(page, inspection)
    await page.get_by_role("button", name="3 members").click()
    await expect(page.get_by_role("complementary", name="Members").get_by_text("Carol", exact=True)).to_be_visible()
    await inspection.look(page, "members")
    await page.get_by_role("button", name="2 replies").click()
    await expect(page.get_by_role("complementary", name="Thread").get_by_text("In it too")).to_be_visible()
    await inspection.look(page, "a thread")
    await _look_at_writing(page, inspection)
    assert not inspection.faults, "\n".join(inspection.faults)
    assert _routes(_is_client) == inspection.routes


async def _look_at_deeds(page: Page, inspection: Inspection) -> None:
    done = message(page, "Well done")
    await done.hover()
    await done.get_by_role("button", name="More actions").click()
    await inspection.look(page, "a message's acts and its menu")
    await page.get_by_role("menuitem", name="Report").click()
    await expect(page.get_by_role("dialog", name="Report this message")).to_be_visible()
    await inspection.look(page, "a report")
    await page.get_by_label("Spam").check()
    await page.get_by_role("button", name="Report", exact=True).click()
    await expect(page.get_by_text("Reported to the moderators")).to_be_visible()
    await page.get_by_role("button", name="You: Alice").click()
    await page.get_by_role("menuitem", name="What I reported").click()
    await expect(page.get_by_role("list", name="What I reported")).to_contain_text("Not decided yet")
    await inspection.look(page, "what I reported")
    await page.go_back()
    await page.get_by_role("button", name="Details").click()
    await expect(page.get_by_label("Slow mode")).to_be_visible()
    await inspection.look(page, "details")
    await page.get_by_role("link", name="Threads").click()
    await expect(page.get_by_role("list", name="Threads")).to_contain_text("2 replies")
    await inspection.look(page, "my threads")
    await page.go_back()
    await page.get_by_role("button", name="You: Alice").click()
    await page.get_by_role("menuitem", name="How I am").click()
    await page.get_by_role("button", name="On leave").click()
    await inspection.look(page, "how I am")
    await page.keyboard.press("Escape")


async def _look_at_writing(page: Page, inspection: Inspection) -> None:
    refusals = await Refusals.between(page)
    await page.get_by_role("button", name="Close thread").click()
    await page.reload()
    refusals.refuse = True
    await say(page, "What a rule keeps back")
    await expect(message(page, "What a rule").get_by_role("alert")).to_be_visible()
    refusals.refuse, refusals.hold = False, True
    await say(page, "On its way")
    await page.get_by_role("textbox", name="Message").press_sequentially("for @bo")
    await expect(page.get_by_role("option").first).to_be_visible()
    await inspection.look(page, "refused, on its way, and names to choose from")
    await page.get_by_role("button", name="New conversation").click()
    await page.get_by_role("searchbox", name="To").fill("bo")
    await page.get_by_role("list", name="People found").get_by_role("button").first.click()
    await page.get_by_role("searchbox", name="To").fill("bo")
    await expect(page.get_by_role("list", name="People found")).to_be_visible()
    await inspection.look(page, "a new conversation")
    await page.get_by_text("Create a channel").click()
    await page.get_by_label("Name").fill("New Harbour")
    await inspection.look(page, "a new channel")
