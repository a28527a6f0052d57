"""A browser's session, by the sign-in page: its cookie is what opens a socket."""

from typing import Self

import httpx

from accounts.models import User
from tests.serving import Server
from tests.talking import Talker
from tests.worlds import PASSWORD, built


class Browser:
    """Somebody signed in by a session."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = httpx.AsyncClient(base_url=server.url, timeout=30)

    @classmethod
    async def signed_in(cls, server: Server, user: User) -> Self:
        """Sign in at the page, with a password that the first time sets."""
        await built(_set_password, user)
        browser = cls(server)
        await browser.client.get("/signin/")
        answer = await browser._post("/signin/", username=user.username, password=PASSWORD)
        assert answer.status_code == 302
        return browser

    async def sign_out(self) -> None:
        """Sign out, and hang up."""
        assert (await self._post("/signout/")).status_code == 302
        await self.client.aclose()

    async def _post(self, path: str, **fields: str) -> httpx.Response:
        csrf = {"csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        return await self.client.post(path, data={**fields, **csrf}, headers={"Referer": self.server.url})

    @property
    def cookie(self) -> str:
        """The session's cookie, as a header."""
        return f"sessionid={self.client.cookies['sessionid']}"

    def talker(self, origin: str | None) -> Talker:
        """Make a socket of this session, that a page of some origin opens."""
        return Talker(self.server.socket_url, None, headers={"Cookie": self.cookie}, origin=origin)


def _set_password(user: User) -> None:
    if user.has_usable_password():
        return  # another would end the sessions that there are
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
