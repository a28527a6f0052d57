"""`manage.py rotate_factors_key`: seal the secrets of authenticator apps, and mails that wait, under a new key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import actor, rotation, sealing


class Command(BaseCommand):
    """Rotates the key that seals factors and mails."""

    help = "Seal the secrets of authenticator apps, and mails that wait, under a new key; drop the old one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how many secrets it were."""
        try:
            count = rotation.rotate(actor.shell("manage.py rotate_factors_key"))
        except sealing.Busy:
            raise CommandError("Something sealed is in use for long: nothing is lost, run this again.") from None
        self.stdout.write(f"{count} secrets are sealed under a new key.")
