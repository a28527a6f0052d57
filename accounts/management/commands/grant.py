"""`manage.py grant USERNAME ROLE`: set up the first owner, the first officer, and what no browser can mend."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actor
from accounts.authority import grants
from accounts.authority.roles import TITLES
from accounts.models import Approval, User
from accounts.refusal import Refusal


class Command(BaseCommand):
    """Give or end a role."""

    help = "Give a person a role, or end it with --end. It is put on the trail with the system's user."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a person and a role."""
        parser.add_argument("username")
        parser.add_argument("role", help=", ".join(TITLES))
        parser.add_argument("--end", action="store_true", help="end the role")

    def handle(self, *args: Any, username: str, role: str, end: bool, **options: Any) -> None:
        """Do it, or say in a sentence why not."""
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is nobody with the username {username!r}.")
        operator = actor.shell("manage.py grant")
        try:
            if end:
                held = user.grants.filter(role=role, ended_at=None).first()
                if held is None:
                    raise CommandError(f"{username} does not hold the role {role!r}.")
                grants.end(operator, held)
                self.stdout.write(f"{username} is {role} no longer.")
            else:
                made = grants.grant(operator, user, role)
                assert not isinstance(made, Approval)
                self.stdout.write(f"{username} is {role}.")
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
