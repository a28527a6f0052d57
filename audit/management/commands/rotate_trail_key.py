"""Follow the key of the trail with a new one."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import signing, trail
from audit.keyring import KeyFault


class Command(BaseCommand):
    """Makes a new key, endorsed by the old one."""

    help = (
        "Make a new key for the checkpoints of the audit trail, endorsed by the one before, and print its fingerprint."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether the old key is there."""
        parser.add_argument("--lost", action="store_true", help="the old key is gone: the new one has no endorsement")

    def handle(self, *args: Any, lost: bool, **options: Any) -> None:
        """Rotate and print the new fingerprint."""
        try:
            public = signing.rotate(settings.TRAIL_KEY, trail.command_line("manage.py rotate_trail_key"), is_lost=lost)
        except KeyFault as error:
            raise CommandError(str(error)) from error
        self.stdout.write(public.fingerprint)
