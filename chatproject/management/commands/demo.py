"""Fill the demo workspace."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatproject.demo.fill import fill


class Command(BaseCommand):
    """Fill an empty workspace with real conversations and three people."""

    help = "Fill an empty workspace with the demo. Run again it changes nothing; stopped in the middle it goes on."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill it, saying which conversation is in."""
        if not fill(settings.DATA_DIR, _report):
            self.stderr.write("This workspace has people in it already: it is left as it is, without the demo.")


def _report(title: str, done: int, of: int) -> None:
    if done >= of:
        sys.stdout.write(f"  {title}: {of:,}\n")
        sys.stdout.flush()
