"""The private key of the trail: one file, outside the database, read by the signing process and by nobody else."""

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


class KeyFault(Exception):
    """The key can't be used; the text is a whole sentence that says what to do."""


def load(path: Path) -> Ed25519PrivateKey:
    """Read the key; raises KeyFault where it is missing, is no Ed25519 key, or others may read it."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyFault(f"{path} can be read by others: chmod 600 it, and rotate the key if somebody may have.")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyFault(f"The trail's key {path} can't be read: {error.strerror}.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFault(f"{path} holds no private key in PEM without a password.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFault(f"{path} holds a key of another kind than Ed25519.")
    return key


def make(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it down, with mode 0600 and on the disk for good, in place of a draft left over there."""
    key = Ed25519PrivateKey.generate()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)
    except OSError as error:
        raise KeyFault(f"The trail's key {path} can't be written: {error.strerror}.") from error
    return key


def draft_of(path: Path) -> Path:
    """Name the file in which a key waits for the database to know it."""
    return path.with_name(f"{path.name}.new")


def promote(path: Path) -> None:
    """Put the draft in the key's place."""
    draft_of(path).replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
