"""The order of a start: refusals, database and queue, schema, web and workers, demo; then the watch until the end."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from chatproject import places
from chatproject.demo.signins import PEOPLE, SignIns
from chatproject.demo.signins import path as signins_path
from chatproject.up import children, preflight, private_file, roles
from chatproject.up.folders import Folders
from chatproject.up.postgres import DATABASE, ROLES, Postgres
from chatproject.up.preflight import Address
from chatproject.up.refusal import Refusal
from chatproject.up.schema import Stamp
from chatproject.up.supervisor import DATABASE as DATABASE_STAGE
from chatproject.up.supervisor import QUEUE, WEB, WORKER, Stopped, Supervisor
from chatproject.up.valkey import Valkey

#: How long a part may take to answer, a recovery after a crash included (seconds).
PATIENCE_S = 120.0


@dataclass
class Start:
    """One run of `up`."""

    address: Address
    workers: int
    with_demo: bool
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        self.folders = Folders(places.data_folder())
        self.known = children.environment(self.folders, self.address)
        self.stamp = Stamp(self.folders.data)

    def run(self) -> None:
        """Run everything until somebody asks us to stop; raises Refusal, with nothing started or all stopped again."""
        descriptor = self._check()
        try:
            with Supervisor(self.folders.forget_measures) as supervisor:
                try:
                    self._bring_up(supervisor)
                    supervisor.watch(self._is_serving)
                except Stopped:
                    self.say("Stopping…")
            places.parts_file().unlink(missing_ok=True)
            shutil.rmtree(self.folders.sockets, ignore_errors=True)
        finally:
            os.close(descriptor)

    def _check(self) -> int:
        preflight.check_address(self.address)
        preflight.check_database_variables()
        preflight.check_destinations()
        preflight.check_folder(self.folders.data)
        preflight.check_disk(self.folders.data)
        descriptor = preflight.lock(self.folders)
        # After a crash of ours alone its children are still letting go of the port.
        was_killed = places.parts_file().exists()
        preflight.check_port(self.address, patience=10.0 if was_killed else 0.0)
        self.folders.make()
        self.folders.forget_measures()
        return descriptor

    def _bring_up(self, supervisor: Supervisor) -> None:
        parts: dict[str, object] = {"pid": os.getpid()}
        server = None if os.environ.get("DATABASE_URL") else Postgres(self.folders)
        queue = None if os.environ.get("REDIS_URL") else Valkey(self.folders)
        if queue:
            queue.prepare()
            supervisor.start(queue.program(), QUEUE)
            parts["redis"] = queue.url()
        if server:
            self._start_database(supervisor, server)
            parts["database"] = {role: server.dsn(role) for role in ROLES}
        if queue and not supervisor.wait_for(queue.is_ready, PATIENCE_S):
            raise Refusal(f"Valkey did not start; {self.folders.logs / 'valkey.log'} says why.")
        private_file.write(places.parts_file(), json.dumps(parts, indent=1))
        self._migrate(supervisor, is_embedded=server is not None)
        self._start_ours(supervisor)

    def _start_database(self, supervisor: Supervisor, server: Postgres) -> None:
        server.prepare()
        if server.is_new:
            self.say("Making the database…")
            self.stamp.clear()
            signins_path(self.folders.data).unlink(missing_ok=True)
            server.initialise()
        supervisor.start(server.program(), DATABASE_STAGE)
        if not supervisor.wait_for(server.is_ready, PATIENCE_S):
            raise Refusal(f"PostgreSQL did not start; {self.folders.logs / 'postgres.log'} says why.")
        roles.make_roles(server)
        roles.make_database(server, DATABASE)

    def _migrate(self, supervisor: Supervisor, is_embedded: bool) -> None:
        """Migrate where needed; somebody else's database may have changed without us, so that is always looked at."""
        if is_embedded and self.stamp.is_current():
            return
        self.say("Migrating…")
        if supervisor.run(children.command(self.known, "migrate", "--verbosity=0", "--no-input")):
            raise Refusal("The database could not be migrated; what is above says why.")
        if is_embedded:
            self.stamp.set()

    def _start_ours(self, supervisor: Supervisor) -> None:
        for number in range(1, self.workers + 1):
            supervisor.start(children.uvicorn(self.known, number, self.address), WEB)
        if not supervisor.wait_for(self._answers, PATIENCE_S):
            raise Refusal(f"The web processes did not answer within {PATIENCE_S:.0f} s; what is above says why.")
        supervisor.start(children.worker(self.known), WORKER)
        supervisor.start(children.command(self.known, "checkpoints"), WORKER)
        supervisor.start(children.beat(self.known, self.folders), WEB)
        if self.with_demo:
            self._fill(supervisor)
        if not (places.ROOT / "client" / "dist").exists():
            sys.stderr.write("The client is not built, so pages stay empty: run make install.\n")
        self.say(f"Parley is at {self.address.url} (Ctrl-C stops it).")
        if self.with_demo and (signins := SignIns.read(self.folders.data)):
            self.say("Sign in to the demo as one of:")
            for username, password in signins.passwords.items():
                self.say(f"  {username}  {password}  ({PEOPLE[username][1]})")

    def _fill(self, supervisor: Supervisor) -> None:
        signins = SignIns.read(self.folders.data)
        if signins and signins.is_complete:
            return
        self.say("Filling the demo workspace…")
        if supervisor.run(children.command(self.known, "demo")):
            sys.stderr.write("The demo workspace could not be filled; Parley runs without it.\n")

    def _is_serving(self, process: int) -> bool:
        """Tell whether a process listens at our address."""
        try:
            listening = psutil.Process(process).net_connections("tcp")
        except psutil.Error:
            return False
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == self.address.port for each in listening)

    def _answers(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.address.host, self.address.host)  # noqa: S104
        try:
            socket.create_connection((host, self.address.port), timeout=1.0).close()
        except OSError:
            return False
        return True
