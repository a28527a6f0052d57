"""People at their browsers: each in a context of their own, signed in through the sign-in page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, Page

from chatproject.places import ROOT
from tests.browser.screen import sign_in

if TYPE_CHECKING:
    from accounts.models import User

Seat = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session", autouse=True)
def _client_is_built() -> None:
    if not (ROOT / "client" / "dist" / ".vite" / "manifest.json").exists():
        pytest.fail("the client is not built: make install")


@pytest.fixture
async def seat(browser: Browser) -> AsyncIterator[Seat]:
    """Seat a person: `page = await seat(alice, site.url)`; what the page complains of fails the test."""
    complaints: list[str] = []

    async def sit(
        user: "User", url: str, path: str = "/", width: int = 1440, height: int = 900, **context: Any
    ) -> Page:
        # late: this file is read before Django is set up
        from tests.worlds import PASSWORD, built

        await built(_give_password, user)
        opened = await browser.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", base_url=url, **context
        )
        page = await opened.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.on("request", lambda asked: complaints.append(asked.url) if _is_foreign(asked.url, url) else None)
        await sign_in(page, user.username, PASSWORD, path)
        return page

    yield sit
    assert complaints == []


def _give_password(user: "User") -> None:
    from tests.worlds import PASSWORD

    user.set_password(PASSWORD)
    user.save(update_fields=["password"])


def _is_foreign(asked: str, own: str) -> bool:
    return not asked.startswith((own, own.replace("http", "ws"), "data:", "blob:"))
