"""Parley's real web processes, as `manage.py up` runs them, on the worker's database and queue."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from chatproject.places import ROOT
from tests.parts import wait_until

#: What the `server` fixture gives: `server(workers=2, PARLEY_NAME="…")`.
Serve = Callable[..., "Server"]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_without_tables() -> str:
    """Name a database that is there and holds nothing: whatever is asked of it is a fault of ours."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()


class Server:
    """One or more web processes that share a port.

    `hurried` sets clocks of theirs faster: `{"messaging.upkeep.CONFIRMED_S": 4.0}` (see tests/hurried.py).
    """

    def __init__(
        self, logs: Path, workers: int = 1, hurried: Mapping[str, float] | None = None, **environment: str
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.socket_url = f"ws://127.0.0.1:{self.port}/ws/"
        self.log = logs / f"server-{self.port}.log"
        self.workers = workers
        self.hurried = [f"{name}={value}" for name, value in (hurried or {}).items()]
        self.environment = {**os.environ, "PARLEY_LIMITS": "off", **environment}
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> "Server":
        """Start the processes and wait until each of them listens."""
        self.processes = [self.spawn() for _ in range(self.workers)]
        wait_until(self._is_ready, f"a server ({self.log})", timeout=90)
        return self

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start one more process on the same port."""
        module = ["tests.hurried", *self.hurried] if self.hurried else ["chatproject.up.uvicorn"]
        argv = [sys.executable, "-m", *module, "--port", str(self.port)]
        with self.log.open("ab") as log:
            return subprocess.Popen(argv, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def stop(self) -> None:
        """End the processes; a test that cut them off already is no trouble."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """Open a client of the API, as the person whose token it is."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)

    def _is_ready(self) -> bool:
        for process in self.processes:
            if process.poll() is not None:
                raise RuntimeError(f"The server ended: {self.log.read_text()[-2000:]}")
        return listeners(self.port) >= len(self.processes)


def listeners(port: int) -> int:
    """Count the sockets that listen on a port of this machine (each process that shares it has its own)."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return sum(state == "0A" and int(local.rpartition(":")[2], 16) == port for _, local, _, state, *_ in fields)
