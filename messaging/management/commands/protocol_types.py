"""`manage.py protocol_types`: generate the client's types."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.protocol import typescript


class Command(BaseCommand):
    """Writes `client/src/protocol.gen.ts`, or with --check tells whether it is up to date."""

    help = "Generate the client's TypeScript types from the protocol's structs."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail where the file is stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Generate the file and write or compare it."""
        path = settings.BASE_DIR / "client" / "src" / "protocol.gen.ts"
        generated = typescript.generate()
        if not check:
            path.write_text(generated)
        elif not path.exists() or path.read_text() != generated:
            raise CommandError(f"{path.name} is stale: run `manage.py protocol_types`.")
