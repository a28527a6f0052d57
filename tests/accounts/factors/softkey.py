"""An authenticator in software: makes and shows passkeys (WebAuthn level 3), and lies where a test says so."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """One passkey of one person."""

    def __init__(self, origin: str = "http://chat.example.org", party: str = "chat.example.org") -> None:
        self.origin, self.party = origin, party
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle = b""
        self.count = 0

    def make(self, options: dict[str, Any], flags: int = PRESENT | VERIFIED, **lies: Any) -> str:
        """Answer options for making a passkey."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(public)
        data = self._data(flags | ATTESTED) + attested
        response = {
            "clientDataJSON": self._client_data("webauthn.create", options, lies),
            "attestationObject": bytes_to_base64url(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "smoke-signals"],
        }
        return self._written(response)

    def show(self, options: dict[str, Any], flags: int = PRESENT | VERIFIED, **lies: Any) -> str:
        """Answer options for showing a passkey."""
        self.count += 1
        data = self._data(flags, lies.get("party"))
        client = self._client_data("webauthn.get", options, lies)
        signed = data + hashlib.sha256(base64url_to_bytes(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(lies.get("key", self.key).sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        handle = lies.get("handle", self.handle)
        if handle is not None:
            response["userHandle"] = bytes_to_base64url(handle)
        return self._written(response)

    def _data(self, flags: int, party: str | None = None) -> bytes:
        digest = hashlib.sha256((party or self.party).encode()).digest()
        return digest + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any], lies: dict[str, Any]) -> str:
        client = {
            "type": lies.get("kind", kind),
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": False,
        }
        return bytes_to_base64url(json.dumps(client).encode())

    def _written(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
