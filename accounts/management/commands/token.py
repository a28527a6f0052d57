"""`manage.py token USERNAME`: print a new bearer token."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actor
from accounts.access import tokens
from accounts.models import User


class Command(BaseCommand):
    """Prints a new bearer token for a person, and nothing else."""

    help = "Print a new bearer token for a person. It has a member's verbs only, and is put on the trail."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the username."""
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Issue the token; the trail has it with the operating system's user."""
        user = User.objects.filter(username=username).first() or User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no person named {username!r} here. Check the spelling of the username.")
        if not user.is_active:
            raise CommandError(f"{username!r} is deactivated, so a token would open nothing. Reactivate first.")
        self.stdout.write(tokens.issue(actor.shell("manage.py token"), user, lifetime=None))
