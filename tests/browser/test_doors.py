"""Coming in by mail: a password reset, an invitation, signing up; by the keyboard, and with what a listener hears."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from chatproject.places import ROOT
from tests.parts import wait_until
from tests.post import MailServer, deliver, link
from tests.serving import Serve, Server
from tests.worlds import PASSWORD, built, channel, person

pytestmark = pytest.mark.browser

NEW = "seven quiet lanterns"
PICTURES = ROOT / "tests" / "browser" / "artifacts"


async def _open(browser: Browser, url: str, path: str) -> Page:
    page = await (await browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})).new_page()
    page.set_default_timeout(15_000)
    await page.goto(path)
    return page


async def _picture(page: Page, name: str) -> None:
    """See that nothing is cut off, wide and on a phone; with PARLEY_PICTURES=1 take pictures, in light and dark."""
    PICTURES.mkdir(exist_ok=True)
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"
        for scheme in ("light", "dark") if os.environ.get("PARLEY_PICTURES") else ():
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=PICTURES / f"door-{name}-{width}-{scheme}.png", full_page=True)
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1280, "height": 800})


def _administrator() -> Any:
    from accounts.actor import shell
    from accounts.authority import grants

    boss = person("boss")
    grants.grant(shell("test"), boss, "administrator")
    return boss


def _invite(boss: Any, email: str, url: str, room: int) -> None:
    from django.utils import timezone

    from accounts.actor import Actor
    from messaging import arrivals

    by = Actor(boss, "session", "127.0.0.1", stepped_up_at=timezone.now())
    arrivals.invite(by, site=url, email=email, conversations=[room])


async def test_a_forgotten_password_by_the_link_of_a_mail(browser: Browser, site: Server, post: MailServer) -> None:
    alice = await built(person, "alice", password=PASSWORD)
    page = await _open(browser, site.url, "/signin/")
    await _picture(page, "signin")
    await page.get_by_role("link", name="Forgot your password?").click()
    await expect(page.get_by_label("E-mail address")).to_be_focused()
    await _picture(page, "reset")
    await page.keyboard.type(alice.email)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    await _picture(page, "reset-sent")
    await built(deliver)
    await page.goto(link(post.to(alice.email)[0]))
    await expect(page.get_by_label("New password")).to_be_focused()
    await page.keyboard.type("password1234")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("list of common")
    await expect(page.get_by_label("New password")).to_be_focused()
    await expect(page.get_by_label("New password")).to_have_accessible_description(re.compile("list of common"))
    await _picture(page, "reset-password")
    await page.keyboard.type(NEW)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_label("Username or e-mail").fill(alice.email)
    await page.get_by_label("Password").fill(NEW)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Conversations")).to_be_attached()
    await page.goto("/settings/password/")
    await expect(page.get_by_label("The password you have now")).not_to_be_attached()  # it was shown a moment ago
    await page.get_by_label("New password").fill("password1234")
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_label("New password")).to_be_focused()
    await _picture(page, "settings-password")
    await page.goto("/settings/email/")
    await _picture(page, "settings-email")


async def test_an_invitation_by_mail_leads_into_the_conversation(
    browser: Browser, site: Server, post: MailServer
) -> None:
    boss = await built(_administrator)
    room = await built(channel, boss, name="harbour")
    email = f"{boss.username}-friend@example.org"
    await built(_invite, boss, email, site.url, room)
    await built(deliver)
    path = link(post.to(email)[0])
    page = await _open(browser, site.url, path)
    await expect(page.get_by_text(f"Boss (@{boss.username}) invites you.")).to_be_visible()
    await _picture(page, "invitation")
    await page.get_by_label("Your name").fill("Fay Friend")
    await page.get_by_label("Username").fill("fay friend")
    await page.get_by_label("Password").fill(NEW)
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_label("Username")).to_be_focused()
    await expect(page.get_by_label("Your name")).to_have_value("Fay Friend")
    await _picture(page, "invitation-refused")
    await page.get_by_label("Username").fill(f"fay-{boss.username}")
    await page.get_by_label("Password").fill(NEW)
    await page.get_by_role("button", name="Join").click()
    await page.get_by_role("navigation", name="Conversations").get_by_role("link", name="harbour").click()
    await expect(page.get_by_role("heading", name="harbour", exact=True)).to_be_visible()
    used = await _open(browser, site.url, path)
    await expect(used.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    await _picture(used, "used")


@pytest.fixture
def _domain() -> Iterator[None]:
    from accounts import workspace
    from accounts.actor import shell

    workspace.change(shell("test"), {"signup_domains": ["example.com"]})
    yield
    workspace.change(shell("test"), {"signup_domains": []})


@pytest.mark.usefixtures("_domain")
async def test_whoever_has_an_address_at_the_domain_signs_up(browser: Browser, server: Serve, post: MailServer) -> None:
    started = server()
    page = await _open(browser, started.url, "/signin/")
    await page.get_by_role("link", name="Create an account").click()
    await page.get_by_label("E-mail address").fill("a@example.org")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("E-mail address")).to_be_focused()
    await expect(page.get_by_role("alert")).to_contain_text("Only addresses at example.com")
    await _picture(page, "signup")
    email = f"new{started.port}@example.com"
    await page.get_by_label("E-mail address").fill(email)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    await built(wait_until, deliver, "the link to sign up")
    await page.goto(link(post.to(email)[0]))
    await _picture(page, "signup-details")
    await page.get_by_label("Your name").fill("Nia New")
    await page.get_by_label("Username").fill(f"nia-{started.port}")
    await page.get_by_label("Password").fill(NEW)
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_role("navigation", name="Conversations")).to_be_attached()
