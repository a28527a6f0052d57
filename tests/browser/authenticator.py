"""Chromium's virtual authenticator: a security key that a test holds, with its counter and its copies."""

from typing import Any, Self

from playwright.async_api import CDPSession, Page

OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Authenticator:
    """An authenticator that a page's browser has."""

    def __init__(self, cdp: CDPSession, id: str) -> None:
        self.cdp = cdp
        self.id = id

    @classmethod
    async def give(cls, page: Page, **options: Any) -> Self:
        """Give one to a page."""
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("WebAuthn.enable", {"enableUI": False})
        made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS | options})
        return cls(cdp, made["authenticatorId"])

    async def credentials(self) -> list[dict[str, Any]]:
        """Give what it holds, private keys and all."""
        held = await self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(held["credentials"])

    async def put(self, credential: dict[str, Any], **changes: Any) -> None:
        """Put a copy of a passkey into it, in place of one of the same name."""
        fields = {"authenticatorId": self.id, "credentialId": credential["credentialId"]}
        if any(held["credentialId"] == credential["credentialId"] for held in await self.credentials()):
            await self.cdp.send("WebAuthn.removeCredential", fields)
        copy = {"authenticatorId": self.id, "credential": credential | changes}
        await self.cdp.send("WebAuthn.addCredential", copy)
