"""The keys that sign checkpoints, one after the other, and whether each may be believed.

Each key signs its own entry, which names its predecessor, and the predecessor signs it too (the endorsement). Who has
pinned one fingerprint can so believe every later key, by the endorsements, and every earlier one, by its being named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import signatures


@dataclass(frozen=True)
class PublicKey:
    """A key's public half, with what was signed about it. It signs from `since` until its successor's `since`."""

    workspace: str
    public_key: bytes
    since: str
    previous: str | None
    signature: bytes = b""
    endorsement: bytes | None = None

    @property
    def fingerprint(self) -> str:
        """The key's name."""
        return signatures.fingerprint(self.public_key)

    def statement(self) -> dict[str, Any]:
        """Say what is signed."""
        return {
            "workspace": self.workspace,
            "public_key": signatures.encode(self.public_key),
            "since": self.since,
            "previous": self.previous,
        }


def introduce(
    workspace: str, since: datetime, key: Ed25519PrivateKey, previous: PublicKey | None, by: Ed25519PrivateKey | None
) -> PublicKey:
    """Make the entry of a new key, endorsed by the private half of its predecessor where that is still had."""
    unsigned = PublicKey(
        workspace,
        key.public_key().public_bytes_raw(),
        since.isoformat(timespec="microseconds"),
        previous.fingerprint if previous else None,
    )
    said = unsigned.statement()
    return PublicKey(
        unsigned.workspace,
        unsigned.public_key,
        unsigned.since,
        unsigned.previous,
        signatures.sign(key, signatures.KEY, said),
        signatures.sign(by, signatures.KEY, said) if by else None,
    )


def faults(keys: Sequence[PublicKey], pinned: str | None) -> list[str]:
    """Find what keeps the keys, in their order, from being believed, beginning with the pinned one if there is one."""
    found: list[str] = []
    names = [key.fingerprint for key in keys]
    if pinned and pinned not in names:
        found.append(f"The pinned key {pinned} is not one of this trail: another key has taken its place.")
    # A later pin stands for a decision to believe that key, however it came; what follows has to be endorsed.
    first = names.index(pinned) if pinned in names else 0
    for nth, key in enumerate(keys):
        said, name = key.statement(), f"Key {nth + 1} ({key.fingerprint})"
        if not signatures.is_signed(key.public_key, signatures.KEY, said, key.signature):
            found.append(f"{name} was changed: its own signature does not fit.")
        if key.previous != (names[nth - 1] if nth else None):
            found.append(f"{name} does not follow the key before it.")
        elif nth > first and not _is_endorsed(key, keys[nth - 1]):
            found.append(f"{name} is not endorsed by the key before it: somebody may have put in a key of their own.")
        if key.workspace != keys[0].workspace:
            found.append(f"{name} belongs to another workspace.")
    return found


def _is_endorsed(key: PublicKey, by: PublicKey) -> bool:
    return key.endorsement is not None and signatures.is_signed(
        by.public_key, signatures.KEY, key.statement(), key.endorsement
    )
