"""Programs that run beside a measure, on the server's core, for as long as a block."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import psutil

from bench import cores
from chatproject.up.program import Program

PATIENCE_S = 120.0
#: All that we started together may use so much of a core and still count as at rest.
REST = 0.1


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def running(program: Program, is_ready: Callable[[], bool], core: int = cores.SERVER) -> Iterator[psutil.Process]:
    """Run a program until the block ends. Raises RuntimeError, with what it said last, where it does not come up."""
    with cores.on(core):
        started = program.spawn()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not is_ready():
            if started.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{program.name} did not come up. {_last_words(program)}")
            time.sleep(0.05)
        process = psutil.Process(started.pid)
        cores.check(process, core)
        yield process
    finally:
        _end(program, started)


def _end(program: Program, started: subprocess.Popen[bytes]) -> None:
    """Ask a program to end, and cut off what is left of it when it doesn't."""
    if started.poll() is not None:
        return
    below = psutil.Process(started.pid).children(recursive=True)
    started.send_signal(program.ends_on)
    with contextlib.suppress(subprocess.TimeoutExpired):
        started.wait(20)
        return
    for process in below:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    started.kill()
    started.wait()


def _last_words(program: Program) -> str:
    return program.log.read_text(errors="replace")[-2000:] if program.log and program.log.exists() else ""


def rest(patience_s: float = 60.0) -> None:
    """Wait until nothing that we started has anything left to do."""
    deadline, before = time.monotonic() + patience_s, _used_s()
    while time.monotonic() < deadline:
        time.sleep(1.0)
        used = _used_s()
        if sum(used.values()) - sum(before.get(pid, 0.0) for pid in used) < REST:
            return
        before = used


def _used_s() -> dict[int, float]:
    """Read how much of a core each process below this one has used."""
    used = {}
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used[process.pid] = times.user + times.system
    return used
