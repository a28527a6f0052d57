"""Django's migrate, as the role that owns the schema, followed by what every other role may do."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.commands import migrate

from chatproject import grants


class Command(migrate.Command):
    """Migrate, then apply the grants."""

    def add_arguments(self, parser: ArgumentParser) -> None:  # type: ignore[override]
        """Take Django's options, with the owner's connection by default."""
        super().add_arguments(parser)  # type: ignore[arg-type]
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the schema up to date and say anew what each role may do."""
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            grants.apply(options["database"])
