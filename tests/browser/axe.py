"""axe-core looks at a page: what shuts out who listens to it, magnifies it, or has no mouse."""

from typing import Literal
from urllib.parse import urlsplit

from django.urls import resolve
from playwright.async_api import Page

from tests.browser.chromium import PACKAGE

_SOURCE = PACKAGE / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 at AA with all that it stands on, and what axe's makers recommend besides. No rule is turned off.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WIDTHS = (1280, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT = 900
#: What a page's scheme may change is its colours: these alone read them, and the others take most of the time.
_OF_COLOURS = ("color-contrast", "link-in-text-block")
#: Evaluated by the debugger's protocol, so a page's policy need not let it in.
_RUN = """async runOnly => {
    const { violations } = await axe.run({ runOnly, resultTypes: ["violations"], preload: false });
    return violations.map(({ id, nodes }) =>
        `${id}, ${nodes.length} times: ${nodes[0].html} ${nodes[0].failureSummary.replace(/\\s+/g, " ")}`);
}"""
_RULES = {
    "light": {"type": "tag", "values": list(TAGS)},
    "dark": {"type": "rule", "values": list(_OF_COLOURS)},
}


def _source() -> str:
    if not _SOURCE.exists():
        raise FileNotFoundError("There is no axe-core: run make browser.")
    return _SOURCE.read_text()


class Inspection:
    """Looks at pages, and keeps what is wrong with them and which addresses they were of."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.routes: set[str] = set()

    async def look(self, page: Page, state: str = "") -> None:
        """Look at a page of ours as it is now, at each width, in light and dark."""
        path = urlsplit(page.url).path
        self.routes.add(resolve(path).route)
        await self.look_aside(page, f"{path} {state}".rstrip())

    async def look_aside(self, page: Page, name: str) -> None:
        """Look at what is shown in a page's place: a refusal, a fault."""
        await page.evaluate(_source())
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": HEIGHT})
            await page.evaluate("new Promise(requestAnimationFrame)")  # what listens to the width has heard of it
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found = await page.evaluate(_RUN, _RULES[scheme])
                self.faults += [f"{name} at {width}, {scheme}: {fault}" for fault in found]
        await page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        await page.emulate_media(color_scheme=SCHEMES[0], reduced_motion="reduce")

    async def open(self, page: Page, path: str, state: str = "", status: int = 200) -> None:
        """Open an address that answers with a page, and look at it."""
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == status, path
        assert urlsplit(page.url).path == urlsplit(path).path, f"{path} led to {page.url}"
        await self.look(page, state)

    async def press(self, page: Page, button: str, state: str) -> None:
        """Press a button that leads to another page, and look at that."""
        async with page.expect_navigation():
            await page.get_by_role("button", name=button, exact=True).click()
        await self.look(page, state)
