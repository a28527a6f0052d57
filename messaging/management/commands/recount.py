"""`manage.py recount USERNAME`: hold what is shown as unread against the logs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from accounts.models import User
from messaging import recount
from messaging.database import rows


class Command(BaseCommand):
    """Prints what differs, a line a conversation, and fails where something does."""

    help = "Count anew from the logs what somebody has still to read, and print what differs from what is shown."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the username."""
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Count both ways at one moment, and compare."""
        person = User.objects.filter(username__iexact=username).first()
        if person is None:
            raise CommandError(f"There is nobody with the username {username}.")
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
            counted, shown = recount.recount(rows, person.pk), recount.shown(rows, person.pk)
        differing = [id for id in sorted({*counted, *shown}) if counted.get(id) != shown.get(id)]
        for id in differing:
            self.stdout.write(f"conversation {id}: shown {shown.get(id)}, counted {counted.get(id)}")
        if differing:
            raise CommandError(f"{len(differing)} of {len({*counted, *shown})} conversations differ.")
        self.stdout.write(f"{len(counted)} conversations, each as the log has it.")
