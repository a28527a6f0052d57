"""Pages of second factors, for looking at: wide and on a phone, in light and dark. Nothing runs over the edge."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.async_api import Browser, Page, expect

from accounts.models import Grant, User
from chatproject.places import ROOT
from tests.accounts.factors.doors import code, give_app, give_codes, member
from tests.browser.authenticator import Authenticator
from tests.serving import Server
from tests.worlds import PASSWORD, built

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLDER = ROOT / "tests" / "browser" / "artifacts"
SIZES = {"wide": (1280, 900), "phone": (390, 844)}


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")], ids="-".join)
async def page(request: Any, browser: Browser, site: Server) -> AsyncIterator[Page]:
    size, scheme = request.param
    FOLDER.mkdir(parents=True, exist_ok=True)
    width, height = SIZES[size]
    context = await browser.new_context(
        base_url=site.url.replace("127.0.0.1", "localhost"),
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="en-GB",
    )
    opened = await context.new_page()
    await opened.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    opened.shot = f"{size}-{scheme}"  # type: ignore[attr-defined]
    yield opened
    await context.close()


async def picture(page: Page, name: str) -> None:
    assert page.viewport_size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    await page.screenshot(path=FOLDER / f"factors-{name}-{page.shot}.png", full_page=True)  # type: ignore[attr-defined]


async def first_step(page: Page, user: User) -> None:
    await page.goto("/signin/?next=/settings/factors/")
    await page.get_by_label("Username or e-mail").fill(user.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


def administrator(ago: timedelta) -> User:
    user = member("alice")
    Grant.objects.create(user=user, role="administrator", effective_at=timezone.now() - ago)
    return user


async def test_setting_up(page: Page) -> None:
    alice = await built(administrator, timedelta(days=2))
    await Authenticator.give(page)
    await page.goto("/signin/")
    await picture(page, "signin")
    await first_step(page, alice)
    await picture(page, "due")
    await page.get_by_role("link", name="Set it up now").click()
    await picture(page, "none")
    await page.get_by_role("button", name="Add an authenticator app").click()
    await page.get_by_label("Code", exact=True).fill("123")
    await page.get_by_role("button", name="Confirm the app").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await picture(page, "app")
    await page.goto("/settings/factors/")
    await page.get_by_label("Name, so that you know it again").fill("Work laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_role("heading", name="Your recovery codes").wait_for()
    await picture(page, "codes")
    await built(give_app, alice)
    await page.get_by_role("link", name="I have kept them").click()
    await picture(page, "list")
    await page.get_by_role("link", name="Remove Phone").click()
    await picture(page, "remove")
    await page.goto("/stepup/?next=/settings/factors/")
    await picture(page, "stepup")


async def test_signing_in(page: Page) -> None:
    alice, bob = await built(member, "alice"), await built(administrator, timedelta(days=9))
    await built(give_app, alice)
    await built(give_codes, alice)
    await first_step(page, alice)
    await page.get_by_label("Code of your authenticator app").fill("12345")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_text("Use a recovery code").click()
    await picture(page, "second")
    await page.get_by_label("Code of your authenticator app").fill(await built(code))
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_role("heading", name="Second factors", exact=True).wait_for()
    await page.context.clear_cookies()
    await first_step(page, bob)
    await page.goto("/")
    await picture(page, "overdue")
    await page.goto("/stepup/")
    await picture(page, "stepup-password")
