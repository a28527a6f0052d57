"""Run everything."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatproject.up.preflight import Address
from chatproject.up.refusal import Refusal
from chatproject.up.run import Start


class Command(BaseCommand):
    """Start the database, the queue, the web and the workers, and stop them again."""

    help = "Run everything: PostgreSQL and Valkey (unless DATABASE_URL, REDIS_URL name others), web, workers."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address and what is to run there."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="web processes that share the port")
        parser.add_argument("--demo", action="store_true", help="fill an empty workspace")
        parser.add_argument("--certificate", type=Path, help="PEM file; with --key Parley speaks TLS itself")
        parser.add_argument("--key", type=Path)
        parser.add_argument("--behind-tls-proxy", action="store_true", help="a proxy in front of Parley speaks TLS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until somebody asks us to stop."""
        names = ("host", "port", "certificate", "key", "behind_tls_proxy")
        address = Address(**{name: options[name] for name in names})
        try:
            Start(address, max(1, options["workers"]), options["demo"], self._say).run()
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(1)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
