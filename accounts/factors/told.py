"""Telling somebody by mail what became of the factors: whoever did it in the person's name can't keep it quiet."""

from typing import Literal

from accounts.actor import Actor
from accounts.mail import outbox
from accounts.models import User

Deed = Literal["add", "remove", "use_recovery", "reset"]


def tell(actor: Actor, user: User, deed: Deed, *, factor: str = "", left: int = 0) -> None:
    """Send the mail after the commit; who has no verified address is not told."""
    if user.email and user.email_verified_at:
        address = actor.address if actor.user is not None and actor.user.pk == user.pk else ""
        outbox.post("factors_changed", user.email, user=user, deed=deed, factor=factor, left=left, address=address)
