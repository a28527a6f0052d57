"""Secrets that open by being shown (tokens, links, invitations): what is kept of them is a hash."""

import hashlib


def digest(secret: str) -> bytes:
    """Hash a secret for storage and look-up. A fast hash will do: each has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
