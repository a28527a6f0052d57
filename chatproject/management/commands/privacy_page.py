"""`manage.py privacy_page`: write the tables of `docs/privacy.md` from what is declared beside the models."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatproject import privacy, privacy_page


class Command(BaseCommand):
    """Write or check the page."""

    help = "Write the tables of docs/privacy.md from the apps' privacy.py; fails for a field that is not declared."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="write nothing, fail where it would change")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Hold the declarations against the models; then write, or compare."""
        if faults := privacy.faults():
            raise CommandError("\n".join(faults))
        path = settings.BASE_DIR / "docs" / "privacy.md"
        now = path.read_text()
        page = privacy_page.render(now)
        if not check:
            path.write_text(page)
        elif now != page:
            raise CommandError("docs/privacy.md is stale: run manage.py privacy_page.")
