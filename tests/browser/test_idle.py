"""Automatic log-off: who has gone away from a page finds the sign-in page on it; who touches it stays."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.async_api import expect

from accounts import workspace
from accounts.models import DeviceSession, Setting, User
from tests.browser.conftest import Seat
from tests.serving import Serve
from tests.worlds import built, channel, person

pytestmark = pytest.mark.browser


@pytest.fixture
def _five_minutes() -> Iterator[None]:
    Setting.objects.create(name="idle_minutes", value=5)
    workspace.forget()
    yield
    Setting.objects.filter(name="idle_minutes").delete()
    workspace.forget()


def _leave_idle(user: User) -> None:
    DeviceSession.objects.filter(user=user).update(last_used_at=timezone.now() - timedelta(minutes=7))


@pytest.mark.usefixtures("_five_minutes")
async def test_a_page_that_nobody_touches_shows_the_sign_in(seat: Seat, server: Serve) -> None:
    """The client is told by its socket (4401); a page of Django's looks by itself."""
    path = "/settings/workspace/"
    site = server()
    alice = await built(person, "alice")
    await built(channel, alice, name="harbour")
    page = await seat(alice, site.url)
    await page.clock.install()
    await page.goto(path)
    await expect(page.get_by_role("navigation").first).to_be_visible()
    await page.clock.fast_forward("04:00")
    await page.keyboard.press("Shift")
    await page.clock.fast_forward("04:00")
    await expect(page).to_have_url(f"{site.url}{path}")
    await built(_leave_idle, alice)
    await page.clock.fast_forward("03:00")
    await expect(page).to_have_url(f"{site.url}/signin/?next=%2Fsettings%2Fworkspace%2F")
