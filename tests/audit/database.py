"""A database of a test's own."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from chatproject.places import ROOT
from chatproject.up import roles
from tests.parts import TEMPLATE, Cluster


class Database:
    """A database of the test's own, with `manage.py migrate` on it."""

    def __init__(self) -> None:
        self.cluster = Cluster(Path(os.environ["PARLEY_TEST_CLUSTER"]))
        self.name = f"parley_own_{secrets.token_hex(4)}"
        roles.make_database(self.cluster.server, self.name, TEMPLATE)
        self.owner = self.cluster.server.dsn("owner", self.name)

    def migrate(self, *arguments: str) -> None:
        environment = os.environ | self.cluster.environment(self.name)
        command = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", *arguments]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    def say(self, statement: str, *values: object) -> list[Any]:
        with psycopg.connect(self.owner) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
