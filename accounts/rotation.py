"""Changing the key that seals, while everything goes on."""

from django.db import transaction

from accounts import sealing
from accounts.actor import Actor
from accounts.factors import authenticator
from accounts.mail import outbox
from audit import trail


def rotate(actor: Actor) -> int:
    """Seal whatever is sealed under a new key, drop the old ones, and count what it were. Raises sealing.Busy.

    Nobody waits but for the moment in which the new key is put in force. If it breaks off nothing is lost: the old keys
    stay beside the new one, and the next rotation goes on. Waits for mails that are being sent.
    """
    with transaction.atomic():
        key_id = sealing.begin_rotation()
    count = outbox.reseal(key_id)
    with transaction.atomic():
        count += authenticator.reseal()
        trail.record(
            actor=actor.id,
            verb="seal.rotate",
            target="key:factors",
            after={"fingerprint": key_id, "count": count},
            origin=actor.origin,
        )
    with transaction.atomic():
        sealing.end_rotation(key_id)
    return count
