"""A whole Parley, started by `manage.py up` as an operator does, in a data folder of its own."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import psycopg

from chatproject.places import DATABASE_ROLES, ROOT
from chatproject.up.folders import Folders
from tests.parts import wait_until
from tests.serving import free_port

#: These would make `up` use the tests' own database and queue.
ELSEWHERE = {*DATABASE_ROLES.values(), "REDIS_URL", "PARLEY_DATA"}
#: How long anything may take here, on a machine that runs other tests as well (seconds).
PATIENCE_S = 90.0


def environment(data: Path, **more: str) -> dict[str, str]:
    """Give the environment of an operator who has set nothing but the data folder."""
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return {**kept, "PARLEY_DATA": str(data), **more}


class Up:
    """One `manage.py up`. As a context it starts, and leaves nothing running."""

    def __init__(self, data: Path, *options: str, **more: str) -> None:
        self.data = data
        self.port = free_port()
        self.options = options
        self.environment = environment(data, **more)
        self.output = data.with_name(f"{data.name}.output")
        self.scheme = "https" if "--certificate" in options else "http"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_tree()
        shutil.rmtree(Folders(self.data).sockets, ignore_errors=True)

    def spawn(self) -> None:
        """Start it without waiting."""
        argv = [sys.executable, "manage.py", "up", "--port", str(self.port), *self.options]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(argv, cwd=ROOT, env=self.environment, stdout=output, stderr=output)

    def start(self) -> None:
        """Start it and wait until it says where it is and answers there."""
        ready = "Parley is at "
        count = self.said().count(ready)
        self.spawn()
        wait_until(lambda: self.answers() and self.said().count(ready) > count, f"{ready} in {self.output}", PATIENCE_S)

    def answers(self) -> bool:
        """Tell whether `/` is served, after whatever redirections."""
        if self.process.poll() is not None:
            raise RuntimeError(f"up ended with {self.process.returncode}: {self.said()}")
        try:
            url = f"{self.scheme}://127.0.0.1:{self.port}/"
            return httpx.get(url, follow_redirects=True, timeout=5, verify=False).status_code < 500
        except httpx.HTTPError:
            return False

    def said(self) -> str:
        """Give all that it has printed."""
        return self.output.read_text() if self.output.exists() else ""

    def parts(self) -> dict[str, Any]:
        """Read where its parts listen."""
        return dict(json.loads((self.data / "parts.json").read_text()))

    def descendants(self) -> list[psutil.Process]:
        """List the processes below it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def children(self, pattern: str) -> list[psutil.Process]:
        """List its own children with a word in their command line."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if pattern in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def kill_tree(self) -> None:
        """Kill it and all below it at once, as a power cut would."""
        if self.process.poll() is not None:
            return
        doomed = [psutil.Process(self.process.pid), *self.descendants()]
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(PATIENCE_S)
        psutil.wait_procs(doomed, timeout=PATIENCE_S)

    def keep_row(self, key: str, until: str = "infinity") -> None:
        """Commit a row (a session, which runs out at a moment) as the application."""
        with psycopg.connect(self.parts()["database"]["app"], autocommit=True) as connection:
            connection.execute("INSERT INTO django_session VALUES (%s, '', %s)", [key, until])

    def has_row(self, key: str) -> bool:
        """Tell whether the row is there."""
        with psycopg.connect(self.parts()["database"]["app"]) as connection:
            found = connection.execute("SELECT 1 FROM django_session WHERE session_key = %s", [key]).fetchone()
        return found is not None

    def shell(self, code: str) -> None:
        """Run a line of Python as a process of Parley's own."""
        argv = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        subprocess.run(argv, cwd=ROOT, env=self.environment, check=True)
