"""Verify the trail."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import checkpoint, trail, verification
from audit.checkpoint import Checkpoint


class Command(BaseCommand):
    """Says whether the trail of this database is whole."""

    help = "Verify the audit trail, against saved checkpoints if a FILE of them is named. Exit code 0: it is whole."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the saved checkpoints and the pinned key."""
        parser.add_argument("file", nargs="?", type=Path, help="saved checkpoints, one a line")
        parser.add_argument("--fingerprint", type=str.lower, help="of the key that the trail must be signed with")

    def handle(self, *args: Any, file: Path | None, fingerprint: str | None, **options: Any) -> None:
        """Verify, keep what was found, say it."""
        report = verification.run(list(_saved(file)) if file else [], fingerprint)
        verification.keep(report, trail.command_line("manage.py verify"))
        self.stdout.write("\n".join(report.lines()))
        if not report.is_ok:
            sys.exit(1)


def _saved(file: Path) -> Iterator[Checkpoint]:
    try:
        with file.open(encoding="utf-8") as lines:
            found = list(checkpoint.parse_lines(lines))
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is no text, and checkpoints are lines of JSON.") from error
    except checkpoint.Malformed as error:
        raise CommandError(str(error)) from error
    if not found:
        raise CommandError(f"There is no checkpoint in {file}.")
    yield from found
