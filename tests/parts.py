"""The real parts that the tests run on: one PostgreSQL for the run, a database and a Valkey for each worker."""

import contextlib
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
from chatproject.up.schema import fingerprint
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
        """Start one in a folder of its own: a copy of the last run's, unless the schema has changed since."""
        kept = ROOT / ".cache" / f"cluster-{os.getuid()}-{fingerprint()[:16]}"
        if not kept.exists():
            cls._keep(kept)
        folder = Path(tempfile.mkdtemp(prefix="parley-tests-"))
        _copy(kept, folder)
        cluster = cls(folder)
        cluster._run()
        return cluster

    @classmethod
    def _keep(cls, kept: Path) -> None:
        """Make a migrated cluster, for this run and the next ones to copy."""
        cluster = cls(Path(tempfile.mkdtemp(prefix="parley-tests-")))
        cluster.server.prepare()
        cluster.server.initialise()
        cluster._run()
        try:
            roles.make_roles(cluster.server)
            roles.make_database(cluster.server, TEMPLATE)
            cluster._migrate()
            cluster._end()
            kept.parent.mkdir(exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix="cluster-draft-", dir=kept.parent))
            _copy(cluster.folders.data, draft)
            for old in kept.parent.glob(f"cluster-{os.getuid()}-*"):
                shutil.rmtree(old, ignore_errors=True)
            with contextlib.suppress(OSError):  # another run was first
                draft.rename(kept)
        finally:
            cluster.stop()

    def _run(self) -> None:
        self.server.prepare()
        self.process = self.server.program().spawn()
        wait_until(self.server.is_ready, "PostgreSQL")

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.server.program().ends_on)
            self.process.wait(30)

    process: subprocess.Popen[bytes]

    def environment(self, database: str) -> dict[str, str]:
        """Say where the database is, as every process of Parley reads it."""
        return {variable: self.server.dsn(role, database) for role, variable in DATABASE_ROLES.items()}

    def stop(self) -> None:
        """End the server, cutting off whoever is still connected, and remove its folders."""
        self._end()
        shutil.rmtree(self.folders.data, ignore_errors=True)
        shutil.rmtree(self.folders.sockets, ignore_errors=True)

    def _migrate(self) -> None:
        environment = os.environ | self.environment(TEMPLATE) | {"PARLEY_DATA": str(self.folders.data)}
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _copy(source: Path, target: Path) -> None:
    """Copy what is in a folder, with its owners: root's PostgreSQL runs as somebody else."""
    subprocess.run(["cp", "-a", f"{source}/.", target], check=True)


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
