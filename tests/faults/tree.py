"""The real tree, `manage.py up`, and what can be done to it."""

import contextlib
import re
import shutil
import signal
import time
from collections.abc import Iterator

import psutil
import psycopg

from tests.faults.proof import heads
from tests.faults.schedule import Fault
from tests.parts import wait_until
from tests.up.running import Up

#: Each role by what its command line has in it, and how many processes of it there must be.
ROLES = {
    "uvicorn": 2,
    "celery": 2,
    "manage.py checkpoints": 1,
    "valkey-server": 1,
    "postgres -D": 1,
}
#: In this time everything must be back; `up` pauses for 30 s at most before it starts a child again (seconds).
BACK_S = 90.0
OPTIONS = ("--workers", "2")
#: Who may put a traceback into the log where a part vanishes: the library that listens, Django with a 503, beat.
EXPLAINED = (
    "channels_redis.pubsub: Unexpected exception in receive task",
    "django.request: Service Unavailable",
    "Couldn't apply scheduled task",
)
#: A task of the worker's that found no database; the next one of its kind comes by itself.
_TASK = re.compile(r"ForkPoolWorker-\d+\] Task .*OperationalError: [^\n]*\s*\Z", re.DOTALL)
#: How a rolling restart ends.
_ROLLED = re.compile(r"The web processes are new\.|Another uvicorn \d does not serve")
#: Lines of a log that begin so are about something new.
_ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\d |\[\d{4}-\d\d-\d\d )", re.MULTILINE)


def unexplained(said: str) -> list[str]:
    """Give the entries of a log that have a traceback which no fault of ours explains."""
    entries = [each for each in _ENTRY.split(said) if "Traceback" in each]
    return [each for each in entries if not (any(known in each for known in EXPLAINED) or _TASK.search(each))]


class Tree:
    """One Parley that is hurt."""

    def __init__(self, up: Up) -> None:
        self.up = up
        #: Processes are stopped: nothing can be asked of them.
        self.is_stopped = False
        self.kills = 0

    @property
    def origin(self) -> str:
        """Where it is, as an address begins."""
        return f"http://127.0.0.1:{self.up.port}"

    @property
    def dsn(self) -> str:
        """Where its database is."""
        return str(self.up.parts()["database"]["app"])

    def suffer(self, fault: Fault) -> float:
        """Do what the fault says, and give how long it took until everything was back (seconds)."""
        self.kills += fault.is_kill
        match fault.victim, fault.deed:
            case "tree", _:
                self.up.kill_tree()
                began = time.monotonic()
                self.up.start()
            case _, "stop":
                with self._stopped(self._victims(fault)):
                    time.sleep(fault.lasts_s)
                began = time.monotonic()
            case _, "hang":
                with self._stopped(self._victims(fault)) as hung:
                    psutil.wait_procs(hung, timeout=BACK_S)
                began = time.monotonic()
            case _, "roll":
                began = time.monotonic()
                self.roll()
            case "redis", _:
                self._kill_redis_and_lose_its_data()
                began = time.monotonic()
            case _, deed:
                for process in self._victims(fault):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.send_signal(signal.SIGTERM if deed == "end" else signal.SIGKILL)
                began = time.monotonic()
        wait_until(self.is_whole, f"the tree, whole again after {fault}", BACK_S)
        return time.monotonic() - began

    def roll(self) -> None:
        """Let the web processes be replaced one by one, and wait until that is done or given up."""
        done = lambda: len(_ROLLED.findall(self.up.said()))  # noqa: E731
        before = done()
        self.up.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: done() > before, "the end of a rolling restart", 2 * BACK_S)

    def is_whole(self) -> bool:
        """Tell whether every process is there and answers."""
        with contextlib.suppress(OSError, psutil.Error, psycopg.Error, ValueError):
            if not all(len(self._alive(role)) == count for role, count in ROLES.items()):
                return False
            heads(self.dsn)
            return self.up.answers()
        return False

    def web(self) -> list[psutil.Process]:
        """List the socket processes."""
        return self._alive("uvicorn")

    def _alive(self, pattern: str) -> list[psutil.Process]:
        found = self.up.children(pattern)
        return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]

    def _victims(self, fault: Fault) -> list[psutil.Process]:
        """Choose whom it hits: one of the processes, a database as a whole, or one session of it."""
        if fault.victim != "postgres":
            role = {"web": "uvicorn", "celery": "celery", "redis": "valkey-server"}[fault.victim]
            found = sorted(self._alive(role), key=lambda process: process.pid)
            return found[int(fault.which * len(found)) :][:1]
        (server,) = self._alive("postgres -D")
        below = server.children(recursive=True)
        if fault.deed == "kill a session":
            sessions = [each for each in below if "parley_app" in " ".join(each.cmdline())]
            return sessions[int(fault.which * len(sessions)) :][:1]
        # Half of the kills hit the server alone, whose sessions end when they notice.
        return [server, *below] if fault.deed == "stop" or fault.which < 0.5 else [server]

    @contextlib.contextmanager
    def _stopped(self, processes: list[psutil.Process]) -> Iterator[list[psutil.Process]]:
        self.is_stopped = True
        for process in processes:
            process.suspend()
        try:
            yield processes
        finally:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()
            self.is_stopped = False

    def _kill_redis_and_lose_its_data(self) -> None:
        (server,) = self._alive("valkey-server")
        server.suspend()
        for kept in self.up.data.glob("valkey/appendonlydir"):
            shutil.rmtree(kept)
        server.kill()
