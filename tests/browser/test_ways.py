"""Where a WebSocket doesn't get through: the client talks all the same, and goes back when it does again."""

import asyncio
import re
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from messaging.ways.request import beside
from tests.browser.cable import Cable
from tests.browser.conftest import Seat
from tests.browser.screen import message, say
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import bearer, built, channel, person
from tests.worlds import say as say_in

pytestmark = pytest.mark.browser


class Proxy(Cable):
    """A line over a proxy that reads HTTP: it refuses what it is told to, and passes on the rest."""

    def __init__(self, target: int, refuses: Callable[[bytes], bool]) -> None:
        super().__init__(target)
        self.refuses = refuses
        self.heads: list[bytes] = []

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request a connection, so that each is seen."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        self.heads.append(head.splitlines()[0])
        if self.refuses(head):
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        if not _is_upgrade(head):
            head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"\r\nConnection: close", head)
        back.write(head)
        self._writers |= {writer, back}
        await asyncio.gather(self._copy(reader, back), self._copy(there, writer))
        self._writers -= {writer, back}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from tests.browser.cable import _copy

        await _copy(reader, writer)

    def count(self, path: bytes) -> int:
        """Tell how many requests there were for a path."""
        return sum(path in head for head in self.heads)


async def _write(talker: Talker, room: int) -> None:
    """Say again and again that one is writing, as a client does."""
    while True:
        await talker.put("typing", conversation=room)
        await asyncio.sleep(3)


def _is_upgrade(head: bytes) -> bool:
    return b"\r\nupgrade: websocket" in head.lower()


def _is_no_poll(head: bytes) -> bool:
    return _is_upgrade(head) or b"/events/stream" in head


@pytest.mark.parametrize(
    ("refuses", "way"), [(_is_upgrade, b"/events/stream"), (_is_no_poll, b"/events/poll")], ids=["stream", "poll"]
)
async def test_talks_without_a_socket_and_goes_back_to_it(
    seat: Seat, site: Server, refuses: Callable[[bytes], bool], way: bytes
) -> None:
    alice, bob = await built(person, "alice"), await built(person, "bob")
    room = await built(channel, alice, bob, name="harbour")
    async with Proxy(site.port, refuses) as proxy:
        page = await seat(alice, proxy.url, f"/c/{room}")
        await say(page, "without a socket")
        await expect(message(page, "without a socket")).to_have_attribute("data-seq", "3", timeout=30_000)
        await built(say_in, bob, room, "and back")
        await expect(message(page, "and back")).to_be_visible(timeout=30_000)
        async with Talker(site.socket_url, await built(bearer, bob)) as other:
            await other.hello()
            async with beside(_write(other, room)):
                await expect(page.get_by_text("Bob is writing…")).to_be_visible(timeout=30_000)
        assert proxy.count(way) >= 1
        assert proxy.count(b"POST /api/v1/events/commands") >= 1

        proxy.refuses = lambda _head: False
        asked, sockets = proxy.count(way), proxy.count(b"/ws/")
        async with page.expect_websocket(lambda opened: opened.url.endswith("/ws/")):
            await page.evaluate("dispatchEvent(new Event('online'))")
        await say(page, "by the socket")
        await expect(message(page, "by the socket")).to_have_attribute("data-seq", "5", timeout=30_000)
        await built(say_in, bob, room, "heard by the socket")
        await expect(message(page, "heard by the socket")).to_be_visible(timeout=30_000)
        assert proxy.count(b"/ws/") >= sockets + 2  # one to see whether it gets through, one to talk
        assert proxy.count(way) <= asked + 1
