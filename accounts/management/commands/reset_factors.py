"""`manage.py reset_factors USERNAME`: for a lost device, where no two administrators can do it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actor
from accounts.factors import owned, reset
from accounts.models import User


class Command(BaseCommand):
    """Removes somebody's second factors."""

    help = "Remove every second factor of a person and end all sessions. It is put on the trail; the password stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the username."""
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Do it, or say in a sentence why not."""
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is nobody with the username {username!r}.")
        if not owned.has_any(user):
            raise CommandError(f"{username} has no second factor to reset.")
        count = reset.now(actor.shell("manage.py reset_factors"), user)
        self.stdout.write(f"{count} factors of {username} are removed, and all sessions are ended.")
