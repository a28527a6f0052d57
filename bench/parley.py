"""Parley as it is shipped, `manage.py up`, in a folder of its own; and this process as one of its own beside it."""

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import django
import psutil

from bench import cores
from bench.running import answers, free_port, running
from chatproject.places import DATABASE_ROLES, ROOT
from chatproject.up.program import Program

#: What `up` says when everything is there, the workers too.
_READY = "Parley is at"


class Parley(NamedTuple):
    """A running Parley: where its folder is, where it listens, and its process, whose children do the work."""

    folder: Path
    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        """Give the address of its sockets."""
        return sockets_at(self.port)


def sockets_at(port: int) -> str:
    """Give the address of the sockets of a web process on a port of its own."""
    return f"ws://127.0.0.1:{port}/ws/"


@contextlib.contextmanager
def up() -> Iterator[Parley]:
    """Run all of Parley, and set Django up here on the same database."""
    for variable in (*DATABASE_ROLES.values(), "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(variable, None)
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        os.environ |= {"PARLEY_DATA": f"{folder}/data", "PARLEY_LIMITS": "off"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
        port, log = free_port(), Path(folder) / "up.log"
        argv = [sys.executable, "manage.py", "up", "--port", str(port)]
        program = Program("manage.py up", argv, ends_on=signal.SIGINT, cwd=ROOT, log=log)
        with running(program, lambda: _READY in log.read_text()) as process:
            django.setup()
            yield Parley(Path(folder), port, process)


@contextlib.contextmanager
def web(
    parley: Parley, settings: str = "chatproject.settings", core: int = cores.SERVER
) -> Iterator[tuple[int, psutil.Process]]:
    """Run one more web process of a Parley, as `up` runs them, and give its port and its process."""
    port = free_port()
    argv = [sys.executable, "-m", "chatproject.up.uvicorn", "--port", str(port)]
    measures = parley.folder / "data" / "metrics"  # /metrics tells of this process too
    environment = {"DJANGO_SETTINGS_MODULE": settings, "PROMETHEUS_MULTIPROC_DIR": str(measures)}
    program = Program("uvicorn", argv, cwd=ROOT, log=parley.folder / "web.log", environment=environment)
    with running(program, lambda: answers(port), core) as process:
        yield port, process
