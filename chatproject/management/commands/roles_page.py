"""`manage.py roles_page`: write `docs/roles.md` from the tables of verbs, or check that it is what they say."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatproject import roles_page


class Command(BaseCommand):
    """Write or check the page."""

    help = "Write docs/roles.md from the tables of verbs; --check fails where it is stale."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="write nothing, fail where it would change")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Write, or compare."""
        path = settings.BASE_DIR / "docs" / "roles.md"
        page = roles_page.render()
        if not check:
            path.write_text(page)
        elif not path.exists() or path.read_text() != page:
            raise CommandError("docs/roles.md is stale: run manage.py roles_page.")
