"""Django's migrate, as the role that owns the schema, followed by what every other role may do."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from chatproject import grants


class Command(migrate.Command):
    """Migrate, then apply the grants."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take Django's options, with the owner's connection by default."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the schema up to date and say anew what each role may do."""
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            grants.apply(options["database"])
