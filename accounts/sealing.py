"""Sealing what is needed in clear again: AES-256-GCM (NIST SP 800-38D), its key in a file beside the database.

The file holds one key a line (base64), the one in force first; others are there while a rotation reseals.
"""

import base64
import contextlib
import hashlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import OperationalError, connection

_NONCE_BYTES = 12
#: Shared by whoever seals, until the transaction ends; alone by whoever puts a new key in force: what was sealed under
#: the old one is committed then, and can be found.
_LOCK = 0x7061726C65790105
#: Held by whoever writes the file.
_FILE_LOCK = 0x7061726C65790106
#: Whoever seals waits behind a rotation that waits: so it gives up soon.
_ROTATION_WAITS_MS = 1000


class Sealed(NamedTuple):
    """A secret as it is kept, with the name of the key that opens it."""

    key_id: str
    box: bytes


class Unopenable(Exception):
    """What was sealed can't be opened: its key is gone, or it was changed."""


class Busy(Exception):
    """A long transaction has sealed something, so that no new key can be put in force just now."""


def seal(secret: bytes, bound_to: str) -> Sealed:
    """Seal a secret, so that it opens only for what it is bound to. Needs a transaction, and locks out a rotation."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s)", [_LOCK])
    return _seal(_keys()[0], secret, bound_to)


def unseal(sealed: Sealed, bound_to: str) -> bytes:
    """Open what was sealed. Raises Unopenable where the key is not in the file, or the box was made for another."""
    for key in _keys():
        if key_id(key) == sealed.key_id:
            try:
                return AESGCM(key).decrypt(sealed.box[:_NONCE_BYTES], sealed.box[_NONCE_BYTES:], bound_to.encode())
            except InvalidTag:
                raise Unopenable("What was sealed has been changed, or belongs to somebody else.") from None
    raise Unopenable(f"The key {sealed.key_id} is not in {settings.FACTORS_KEY}: put it back from the backup of keys.")


def begin_rotation() -> str:
    """Put a new key in force beside those of before, and name it. Raises Busy.

    Needs a transaction, at whose end whatever is sealed under another key can be seen; nobody seals until then.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"set local lock_timeout = {_ROTATION_WAITS_MS}")
        try:
            cursor.execute("select pg_advisory_xact_lock(%s), pg_advisory_xact_lock(%s)", [_FILE_LOCK, _LOCK])
        except OperationalError as error:
            raise Busy from error
    keys = [secrets.token_bytes(32), *_keys()]
    _replace(keys)
    return key_id(keys[0])


def end_rotation(new: str) -> None:
    """Drop every key but this one, once nothing is sealed under them. Needs a transaction.

    Where another rotation has begun since, they are left to that one.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_FILE_LOCK])
    keys = _keys()
    if key_id(keys[0]) == new:
        _replace(keys[:1])


def key_id(key: bytes) -> str:
    """Name a key without giving it away."""
    return hashlib.sha256(b"parley factors key" + key).hexdigest()[:16]


def _seal(key: bytes, secret: bytes, bound_to: str) -> Sealed:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return Sealed(key_id(key), nonce + AESGCM(key).encrypt(nonce, secret, bound_to.encode()))


def _keys() -> list[bytes]:
    """Read the keys; the first time, make one."""
    path: Path = settings.FACTORS_KEY
    if not path.exists():
        draft = _draft(path, [secrets.token_bytes(32)])
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(draft, path)
        draft.unlink()
    return [base64.b64decode(line) for line in path.read_text().split()]


def _replace(keys: list[bytes]) -> None:
    _draft(settings.FACTORS_KEY, keys).replace(settings.FACTORS_KEY)


def _draft(path: Path, keys: list[bytes]) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(f"{base64.b64encode(key).decode()}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return draft
