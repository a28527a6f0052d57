"""The real socket, with a hand on what is sent: sends can be held back, or refused."""

import json
from typing import Self

from playwright.async_api import Page, WebSocketRoute


class Refusals:
    """Stands between a page and its server from the next load on."""

    def __init__(self) -> None:
        self.hold = self.refuse = False
        self._held: list[str] = []
        self._server: WebSocketRoute | None = None

    @classmethod
    async def between(cls, page: Page) -> Self:
        """Stand between a page and its server."""
        refusals = cls()
        await page.route_web_socket("/ws/", refusals._connect)
        return refusals

    def let_go(self) -> None:
        """Pass on what was held back, and hold no more."""
        self.hold = False
        assert self._server is not None
        for text in self._held:
            self._server.send(text)

    def _connect(self, client: WebSocketRoute) -> None:
        self._server = server = client.connect_to_server()

        def forward(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["type"] == "send" and self.refuse:
                refusal = {"type": "error", "id": frame["id"], "code": "held", "detail": "A rule keeps this back."}
                client.send(json.dumps(refusal))
            elif frame["type"] == "send" and self.hold:
                self._held.append(str(text))
            else:
                server.send(text)

        client.on_message(forward)
