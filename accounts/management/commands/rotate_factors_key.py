"""`manage.py rotate_factors_key`: seal the secrets of authenticator apps under a new key."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import actor
from accounts.factors import authenticator


class Command(BaseCommand):
    """Rotates the key that seals factors."""

    help = "Seal the secrets of all authenticator apps under a new key, and drop the old one. Nobody notices."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how many secrets it were."""
        count = authenticator.rotate_key(actor.shell("manage.py rotate_factors_key"))
        self.stdout.write(f"{count} secrets are sealed under a new key.")
