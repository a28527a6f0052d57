"""`manage.py import_slack FILE.zip`: bring in a Slack export."""

import gc
import getpass
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from messaging.slack import load, report
from messaging.slack.archive import UnusableExport

#: Seconds between two lines of progress: in place on a terminal, a line each elsewhere.
TERMINAL_S, LINE_S = 0.2, 5.0
#: New objects between two looks for cycles.
GARBAGE = 100_000


class Command(BaseCommand):
    """Import a Slack export."""

    help = "Import a Slack export (a zip). Run again it changes nothing; stopped in the middle it goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the file, who is who, and who imports."""
        parser.add_argument("file", type=Path, metavar="FILE.zip")
        parser.add_argument(
            "--map",
            type=Path,
            metavar="FILE.csv",
            help="lines of `Slack id or e-mail,username`: Slack users who are people here already",
        )
        parser.add_argument("--by", default=getpass.getuser(), help="who imports, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and print what became of it."""
        began = time.monotonic()
        # An import makes objects by the million that live for a moment, and none in a cycle.
        gc.set_threshold(GARBAGE)
        progress = _Progress()
        try:
            done = load.run(options["file"], by=options["by"], mapping=options["map"], progress=progress)
        except UnusableExport as unusable:
            raise CommandError(str(unusable)) from unusable
        except OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"The database stopped it ({reason}); run the same command again to go on.") from error
        except KeyboardInterrupt as stopped:
            raise CommandError("Stopped; run the same command again to go on.") from stopped
        progress.end()
        for line in report.lines(done.tally, done.left_out):
            self.stdout.write(line)
        seconds = time.monotonic() - began
        self.stdout.write(f"{seconds:.1f} s, {done.tally.records / seconds:,.0f} records/s")


class _Progress:
    """Says on stderr how far the import is: in place on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._said_at = self._called_at = self._began = time.monotonic()
        self._title = ""

    def __call__(self, title: str, done: int, of: int) -> None:
        """Say how much of a conversation, or of the first reading, is through."""
        now = time.monotonic()
        if title != self._title:
            self._title, self._began = title, self._called_at
        self._called_at = now
        pause = TERMINAL_S if self._is_terminal else LINE_S
        if now - self._said_at < pause and done < of:
            return
        self._said_at = now
        line = f"{title}: {done:,} of {of:,}, {done / max(now - self._began, 0.001):,.0f}/s"
        sys.stderr.write(f"\r\033[K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the terminal's line."""
        if self._is_terminal:
            sys.stderr.write("\r\033[K")
