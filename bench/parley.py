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

from bench.running import answers, free_port, running
from chatproject.places import DATABASE_ROLES, ROOT
from chatproject.up.program import Program

#: What `up` says when everything is there, the workers too.
_READY = "Parley is at"


class Parley(NamedTuple):
    """A running Parley: where its folder is, and where it listens."""

    folder: Path
    port: int


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
        with running(program, lambda: _READY in log.read_text()):
            django.setup()
            yield Parley(Path(folder), port)


@contextlib.contextmanager
def web(parley: Parley, settings: str = "chatproject.settings") -> Iterator[tuple[int, int]]:
    """Run one more web process of a Parley, as `up` runs them, and tell its port and its process id."""
    port = free_port()
    argv = [sys.executable, "-m", "chatproject.up.uvicorn", "--port", str(port)]
    environment = {"DJANGO_SETTINGS_MODULE": settings}
    program = Program("uvicorn", argv, cwd=ROOT, log=parley.folder / "web.log", environment=environment)
    with running(program, lambda: answers(port)) as process:
        yield port, process.pid
