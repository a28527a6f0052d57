"""Ed25519 over canonical JSON, each kind of document with a word in front so that none can stand for another."""

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit import canonical

CHECKPOINT, KEY = "parley-checkpoint-1", "parley-trail-key-1"


def fingerprint(public_key: bytes) -> str:
    """Name a public key (32 bytes) by its SHA-256, in hexadecimal."""
    return sha256(public_key).hexdigest()


def sign(key: Ed25519PrivateKey, kind: str, document: Mapping[str, Any]) -> bytes:
    """Sign a document: Ed25519 over its kind, a line feed and its canonical JSON."""
    return key.sign(_signed(kind, document))


def is_signed(public_key: bytes, kind: str, document: Mapping[str, Any], signature: bytes) -> bool:
    """Tell whether the signature is the key's and over this document."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _signed(kind, document))
    except (InvalidSignature, ValueError):
        return False
    return True


def encode(raw: bytes) -> str:
    """Write bytes as base64."""
    return base64.b64encode(raw).decode()


def decode(text: str) -> bytes:
    """Read base64; raises ValueError for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError) as error:
        raise ValueError("is no base64") from error


def _signed(kind: str, document: Mapping[str, Any]) -> bytes:
    return f"{kind}\n{canonical.encode(dict(document))}".encode()
