"""One program that runs as a child: how it is started, and how one that outlived its parent is found again."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from chatproject.up.pulse import Pulse

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
#: A log longer than this is put aside when its program next starts (bytes).
LOG_LIMIT = 8 * 1024 * 1024


class Account(NamedTuple):
    """The operating system's user that a program runs as."""

    uid: int
    gid: int


def unprivileged() -> Account | None:
    """Name the user to whom root steps down for programs that refuse root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _end_with_parent(number: int) -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, number)


@dataclass(frozen=True)
class Program:
    """What to run, as whom, where, and which signal asks it to end in order."""

    name: str
    argv: Sequence[str]
    ends_on: signal.Signals = signal.SIGTERM
    cwd: Path | None = None
    log: Path | None = None
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    #: It takes connections at an address that it may share with others of its kind.
    is_serving: bool = False
    #: It writes to its pulse once a second (`pulse.py`), and is killed where that ceases.
    has_pulse: bool = False

    def spawn(self, pulse: Pulse | None = None) -> subprocess.Popen[bytes]:
        """Start it, in a session of its own, so that only its parent, and never the terminal, tells it to end.

        Call it from the main thread: on Linux the kernel ends the child when the thread that made it is gone.
        """
        output = self._open_log()
        try:
            return subprocess.Popen(
                list(self.argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.cwd,
                env={**os.environ, **self.environment, **(pulse.environment if pulse else {})},
                pass_fds=[pulse.writer] if pulse else [],
                start_new_session=True,
                preexec_fn=partial(_end_with_parent, self.ends_on),  # noqa: PLW1509 — one system call, no lock
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
        finally:
            if output is not None:
                os.close(output)

    def _open_log(self) -> int | None:
        if self.log is None:
            return None
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def read_pid(pid_file: Path) -> int | None:
    """Read the process id on a file's first line; None where there is no such file or no number."""
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def runs_in(pid: int, folder: Path) -> bool:
    """Tell whether the process works in the folder, which both embedded parts do in their data's.

    A number alone proves nothing: after a crash it may have passed to somebody else's process.
    """
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:
        return False


def end_leftover(pid_file: Path, folder: Path, number: signal.Signals, timeout: float = 15.0) -> bool:
    """End the process of an earlier start that still works on the folder, and tell whether there was one (seconds)."""
    pid = read_pid(pid_file)
    if pid is None or not runs_in(pid, folder):
        return False
    deadline = time.monotonic() + timeout
    os.kill(pid, number)
    while runs_in(pid, folder):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    return True
