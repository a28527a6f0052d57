"""`manage.py token USERNAME`: print a new bearer token."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import tokens
from accounts.models import User
from audit import trail


class Command(BaseCommand):
    """Prints a new bearer token for a person, and nothing else."""

    help = "Print a new bearer token for a person. It has a member's verbs only, and is put on the trail."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the username."""
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Issue the token and record it with the operating system's user."""
        user = User.objects.filter(username=username).first() or User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no person named {username!r} here. Check the spelling of the username.")
        if not user.is_active:
            raise CommandError(f"{username!r} is deactivated, so a token would open nothing. Reactivate first.")
        with transaction.atomic():
            token = tokens.issue(user)
            trail.record(
                actor=None, verb="token.issue", target=f"user:{user.pk}", origin=trail.command_line("manage.py token")
            )
        self.stdout.write(token)
