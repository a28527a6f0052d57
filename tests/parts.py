"""The real parts that the tests run on: one PostgreSQL for the run, a database and a Valkey for each worker."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chatproject.places import DATABASE_ROLES, ROOT
from chatproject.up import roles
from chatproject.up.folders import Folders
from chatproject.up.postgres import Postgres
from chatproject.up.valkey import Valkey

TEMPLATE = "parley_template"
#: Nothing of these runs outlives them; the tests of `up` itself run a server of their own that does sync.
UNSYNCED = {"fsync": "off", "full_page_writes": "off", "max_connections": "300", "shared_buffers": "128MB"}


def wait_until(condition: Callable[[], object], what: str, timeout: float = 30.0) -> None:
    """Wait for a condition, and fail with `what` when it does not come (seconds)."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {timeout:.0f} s")
        time.sleep(0.02)


class Cluster:
    """The one PostgreSQL of a test run, with a migrated template of which each worker gets a copy."""

    def __init__(self, folder: Path) -> None:
        self.folders = Folders(folder)
        self.folders.make()
        self.server = Postgres(self.folders, UNSYNCED)

    @classmethod
    def start(cls) -> "Cluster":
        """Make one in a folder of its own, migrated and ready."""
        cluster = cls(Path(tempfile.mkdtemp(prefix="parley-tests-")))
        cluster.server.prepare()
        cluster.server.initialise()
        cluster.process = cluster.server.program().spawn()
        try:
            wait_until(cluster.server.is_ready, "PostgreSQL")
            roles.make_roles(cluster.server)
            roles.make_database(cluster.server, TEMPLATE)
            cluster._migrate()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    process: subprocess.Popen[bytes]

    def environment(self, database: str) -> dict[str, str]:
        """Say where the database is, as every process of Parley reads it."""
        return {variable: self.server.dsn(role, database) for role, variable in DATABASE_ROLES.items()}

    def stop(self) -> None:
        """End the server, cutting off whoever is still connected, and remove its folders."""
        self.process.send_signal(self.server.program().ends_on)
        self.process.wait(30)
        shutil.rmtree(self.folders.data, ignore_errors=True)
        shutil.rmtree(self.folders.sockets, ignore_errors=True)

    def _migrate(self) -> None:
        environment = os.environ | self.environment(TEMPLATE) | {"PARLEY_DATA": str(self.folders.data)}
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


class Worker:
    """What one worker of the run has for itself: a database, a Valkey, a data folder."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.database = f"parley_{name}"
        roles.make_database(cluster.server, self.database, TEMPLATE)
        self.folders = Folders(cluster.folders.data / name)
        self.folders.make()
        self.valkey = Valkey(self.folders)
        self.valkey.prepare()
        self.process = self.valkey.program().spawn()
        wait_until(self.valkey.is_ready, "Valkey")
        os.environ |= cluster.environment(self.database)
        os.environ |= {"REDIS_URL": self.valkey.url(), "PARLEY_DATA": str(self.folders.data)}

    def stop(self) -> None:
        """End the Valkey and remove its socket."""
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folders.sockets, ignore_errors=True)
