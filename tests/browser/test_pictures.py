"""Pictures of the demo workspace, for the docs and for looking at: wide, narrow and on a phone, in light and dark.

They go to `tests/browser/artifacts`, or with PARLEY_PICTURES=1 to `docs/pictures`.
"""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from chatproject.places import ROOT
from tests.browser.refusals import Refusals
from tests.browser.screen import entry, message, messages, say, sign_in
from tests.up.running import Up

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLDER = ROOT / "docs" / "pictures" if os.environ.get("PARLEY_PICTURES") else ROOT / "tests" / "browser" / "artifacts"
WIDE, NARROW, PHONE = (1440, 900), (1024, 768), (390, 844)
TOUCH = {"has_touch": True, "is_mobile": True}

QUESTION = "The kernel in the archive boots"
CODE = "```\napt-get install linux-image-2.6.24-19-generic\nupdate-grub && reboot\n```"
TALK = (
    (
        "alice",
        "Welcome all. The agenda is on the wiki; first the blockers for the release candidate, then @bob reports.",
    ),
    (
        "alice",
        f"{QUESTION} on all but two laptops. `linux 2.6.24-19` has the fix and wants a second pair of eyes:\n{CODE}",
    ),
    ("carol", "Tested on the two that failed: both boot now. I’ll note the hardware in the bug."),
    ("bob", "The report: https://wiki.ubuntu.com/Testing/ReleaseCandidate\n> Two regressions, both understood."),
)
THREAD = (
    ("carol", "Which chipset? Mine is the older one."),
    ("alice", "Both. I asked the lab for the third."),
    ("bob", "The lab says *tomorrow morning*."),
)
LATER = (
    ("bob", "@alice could you take the installer page? The partitioner’s text is still the old one."),
    ("alice", "Yes, today. Draft by five."),
)


Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


class Desk:
    """The demo, and its people's browsers."""

    def __init__(self, parley: Up, browser: Browser) -> None:
        self.url = f"http://127.0.0.1:{parley.port}"
        self.passwords: dict[str, str] = json.loads((parley.data / "demo.json").read_text())["passwords"]
        self.browser = browser

    async def open(self, size: tuple[int, int], scheme: Scheme = "light", **context: Any) -> Page:
        """Open a browser that nobody is signed in at."""
        width, height = size
        viewport = ViewportSize(width=width, height=height)
        opened = await self.browser.new_context(
            viewport=viewport, color_scheme=scheme, locale="en-GB", timezone_id="UTC", base_url=self.url, **context
        )
        return await opened.new_page()

    async def seat(self, username: str, size: tuple[int, int] = WIDE, scheme: Scheme = "light", **context: Any) -> Page:
        """Sign somebody in."""
        page = await self.open(size, scheme, **context)
        await sign_in(page, username, self.passwords[username])
        return page


@pytest.fixture
async def desk(browser: Browser, tmp_path: Path) -> AsyncIterator[Desk]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Up(tmp_path / "var", "--demo", PARLEY_NAME="Open Commons") as parley:
        yield Desk(parley, browser)


async def test_pictures(desk: Desk) -> None:
    people = {username: await desk.seat(username) for username in ("alice", "bob", "carol")}
    for page in people.values():
        await entry(page, "ubuntu-meeting").click()
        await messages(page).get_by_role("article").last.wait_for()
    for username, words in TALK:
        await _say(people[username], words)
    for page in people.values():
        await message(page, QUESTION).hover()
        await message(page, QUESTION).get_by_role("button", name="Reply in thread").click()
    for username, words in THREAD:
        await _say(people[username], words, "Reply")
    for username, words in LATER:
        await _say(people[username], words)
    path = people["alice"].url.removeprefix(desk.url)
    for page in people.values():
        await page.context.close()

    await _pictures_of_conversations(desk, path)
    await _pictures_of_a_phone(desk)
    await _pictures_of_states(desk, path)


async def _pictures_of_conversations(desk: Desk, path: str) -> None:
    for scheme in SCHEMES:
        page = await desk.seat("alice", WIDE, scheme)
        await page.goto(path)
        await _open_thread(page)
        await message(page, "Tested on the two").hover()
        await _picture(page, f"conversation-{scheme}")

        page = await desk.seat("alice", NARROW, scheme)
        await page.goto(path)
        await expect(message(page, "Draft by five")).to_be_visible()
        await _picture(page, f"narrow-{scheme}")
        await _open_thread(page)
        await _picture(page, f"narrow-thread-{scheme}")


async def _pictures_of_a_phone(desk: Desk) -> None:
    for scheme in SCHEMES:
        page = await desk.seat("alice", PHONE, scheme, **TOUCH)
        await _picture(page, f"phone-list-{scheme}")
        await entry(page, "ubuntu-meeting").tap()
        await expect(message(page, "Draft by five")).to_be_visible()
        await _picture(page, f"phone-{scheme}")
        await _open_thread(page)
        await _picture(page, f"phone-thread-{scheme}")


async def _pictures_of_states(desk: Desk, path: str) -> None:
    page = await desk.open(WIDE)
    await page.goto("/signin/")
    await _picture(page, "signin")

    page = await desk.seat("alice", NARROW)
    refusals = await Refusals.between(page)
    await page.goto(path)
    await expect(message(page, "Draft by five")).to_be_visible()
    refusals.refuse = True
    await say(page, "The minutes, with everybody’s telephone number")
    await expect(message(page, "The minutes").get_by_role("alert")).to_be_visible()
    refusals.refuse, refusals.hold = False, True
    await say(page, "The minutes are on the wiki")
    await _picture(page, "sending-and-failed")

    await page.get_by_role("button", name="New conversation").click()
    await page.get_by_role("searchbox", name="To").fill("car")
    await expect(page.get_by_role("button", name="Carol")).to_be_visible()
    await _picture(page, "new-conversation")


async def _open_thread(page: Page) -> None:
    await message(page, QUESTION).get_by_role("button", name="3 replies").click()
    await expect(page.get_by_role("complementary", name="Thread").get_by_text("The lab says")).to_be_visible()


async def _say(page: Page, words: str, box: str = "Message") -> None:
    await say(page, words, box)
    plain = words.split("\n", maxsplit=1)[0].replace("*", "").replace("`", "")[:40]
    await expect(page.locator("article[data-seq]").filter(has_text=plain).first).to_be_visible()


async def _picture(page: Page, name: str) -> None:
    await page.wait_for_timeout(300)  # names, fonts, and what slides in
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.screenshot(path=FOLDER / f"{name}.png")
