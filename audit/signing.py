"""Sign where the trail ends, and follow one key with the next. Runs in the signing process alone."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections, transaction

from audit import checkpoint, connection, keyring, keys, signatures, trail
from audit.keyring import KeyFault
from audit.keys import PublicKey
from audit.models import Checkpoint, Key, Link

_SIGNED_UNTIL = """
select max(substring(line from '"at":"([-+:.T0-9]+)"')::timestamptz) from audit_checkpoint where fingerprint = %s
"""


def sign(path: Path) -> Checkpoint | None:
    """Sign the end of the trail, where it has moved since the last checkpoint of this key; raises KeyFault."""
    alias = connection.alias()
    key, public = open_key(path)
    link = Link.objects.using(alias).order_by("-seq").first()
    if link is None:
        return None
    signed = checkpoint.Checkpoint(
        version=checkpoint.VERSION,
        workspace=public.workspace,
        at=_now(),
        seq=link.seq,
        entries=link.first + link.entries - 1,
        hash=bytes(link.hash).hex(),
        public_key=signatures.encode(public.public_key),
        fingerprint=public.fingerprint,
    ).signed(key)
    row = Checkpoint(link_seq=link.seq, fingerprint=public.fingerprint, line=signed.line())
    made = Checkpoint.objects.using(alias).bulk_create([row], ignore_conflicts=True)
    return made[0]


def open_key(path: Path) -> tuple[Ed25519PrivateKey, PublicKey]:
    """Read the key and find it in the database; makes the first one. Raises KeyFault where the two don't fit.

    A rotation that was cut off between database and file is finished here.
    """
    newest = _newest()
    if newest is None:
        return _make_first(path)
    draft = keyring.draft_of(path)
    if draft.exists() and _name(keyring.load(draft)) == newest.fingerprint:
        keyring.promote(path)
    key = keyring.load(path)
    if _name(key) != newest.fingerprint:
        raise KeyFault(
            f"{path} is not the key that signs this trail ({newest.fingerprint}): put the right file there, or follow "
            "a lost key by manage.py rotate_trail_key --lost."
        )
    return key, newest


def rotate(path: Path, origin: Mapping[str, Any], *, is_lost: bool = False) -> PublicKey:
    """Follow the key with a new one, endorsed by it unless it is lost, and put that on the trail; raises KeyFault.

    The trail is signed with the old key once more first, where there is one.
    """
    if not is_lost:
        sign(path)
    by = None if is_lost else open_key(path)[0]
    previous = _newest()
    if previous is None:
        raise KeyFault("There is no key yet: it is made when the signing process first starts.")
    made = keyring.make(keyring.draft_of(path))
    public = _introduce(made, previous, by, origin)
    keyring.promote(path)
    return public


def _make_first(path: Path) -> tuple[Ed25519PrivateKey, PublicKey]:
    if path.exists():
        key = keyring.load(path)
    else:
        keyring.make(keyring.draft_of(path))
        keyring.promote(path)
        key = keyring.load(path)
    return key, _introduce(key, None, None, trail.command_line("manage.py checkpoints"))


def _introduce(
    key: Ed25519PrivateKey, previous: PublicKey | None, by: Ed25519PrivateKey | None, origin: Mapping[str, Any]
) -> PublicKey:
    alias = connection.alias()
    workspace = previous.workspace if previous else str(uuid.uuid4())
    public = keys.introduce(workspace, _since(previous, by), key, previous, by)
    with transaction.atomic(using=alias):
        _one_at_a_time(alias)
        if (newest := _newest()) and newest != previous:
            raise KeyFault("Another process has put in a key at the same time: start again.")
        Key.of(public).save(using=alias, force_insert=True)
        after = {"fingerprint": public.fingerprint, "is_endorsed": by is not None}
        before = {"fingerprint": previous.fingerprint} if previous else None
        trail.record(
            actor=None, verb="trail.key", target="trail", before=before, after=after, origin=origin, using=alias
        )
    return public


def _one_at_a_time(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7236818340418417511)")


def _newest() -> PublicKey | None:
    key = Key.objects.using(connection.alias()).order_by("-id").first()
    return key.public() if key else None


def _name(key: Ed25519PrivateKey) -> str:
    return signatures.fingerprint(key.public_key().public_bytes_raw())


def _since(previous: PublicKey | None, by: Ed25519PrivateKey | None) -> datetime:
    """Tell from when a new key signs: now, but not before the one that it follows last did by its own words.

    The clock may have been set back meanwhile, and who verifies takes what a retired key signed later for a forgery.
    Of a key that is lost nobody's word counts.
    """
    now = datetime.now(UTC)
    if previous is None or by is None:
        return now
    with connections[connection.alias()].cursor() as cursor:
        cursor.execute(_SIGNED_UNTIL, [previous.fingerprint])
        (until,) = cursor.fetchone()
    return max(now, until) if until else now


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
