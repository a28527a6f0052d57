"""What is on the screen, by the names that a person with a screen reader relies on."""

from playwright.async_api import Locator, Page


async def sign_in(page: Page, username: str, password: str, path: str = "/") -> None:
    """Come in through the sign-in page, and wait for the client."""
    await page.goto(f"/signin/?next={path}")
    await page.get_by_label("Username or e-mail").fill(username)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda now: "/signin" not in now)
    await page.get_by_role("navigation", name="Conversations").wait_for(state="attached")


def messages(page: Page) -> Locator:
    """Give the timeline."""
    return page.get_by_role("log", name="Messages")


def message(page: Page, words: str) -> Locator:
    """Give the message of the timeline that says this."""
    return messages(page).get_by_role("article").filter(has_text=words)


def entry(page: Page, name: str) -> Locator:
    """Give a conversation's line in the sidebar."""
    return page.get_by_role("navigation", name="Conversations").get_by_role("link", name=name)


async def say(page: Page, words: str, box: str = "Message") -> None:
    """Write and send, in the composer whose name begins so."""
    composer = page.get_by_role("textbox", name=box)
    await composer.fill(words)
    await composer.press("Enter")


async def shown(page: Page) -> list[int]:
    """Give the seqs of the messages that can be seen, from top to bottom."""
    return list(await tops(page))


async def tops(page: Page) -> dict[int, float]:
    """Give where on the screen each message stands that can be seen, from top to bottom, all at one moment."""
    found: list[tuple[str, float]] = await messages(page).evaluate(
        """box => {
            const edge = box.getBoundingClientRect();
            return [...box.querySelectorAll("article[data-seq]")].map(one => [one, one.getBoundingClientRect()])
                .filter(([, { top, bottom }]) => bottom > edge.top + 1 && top < edge.bottom - 1)
                .map(([one, { top }]) => [one.dataset.seq, top]);
        }"""
    )
    return {int(seq): top for seq, top in found}


async def top_of(page: Page, seq: int) -> float | None:
    """Give where on the screen a message stands; None if it is not in the page."""
    top: float | None = await messages(page).evaluate(
        "(box, seq) => box.querySelector(`article[data-seq='${seq}']`)?.getBoundingClientRect().top ?? null", seq
    )
    return top


async def to_newest(page: Page) -> None:
    """Go to the end of the timeline, from wherever it opened."""
    await page.get_by_role("button", name="Newest").click()
    await page.get_by_role("button", name="Newest").wait_for(state="hidden")
