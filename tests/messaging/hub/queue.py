"""A Valkey of a test's own, that it may stop as it likes."""

import shutil
import signal
import subprocess
from pathlib import Path

from chatproject.up.folders import Folders
from chatproject.up.valkey import Valkey
from tests.parts import wait_until


class Queue:
    """One Valkey. Web processes find it with `server(REDIS_URL=queue.url)`."""

    process: subprocess.Popen[bytes]

    def __init__(self, folder: Path) -> None:
        self.folders = Folders(folder)
        self.folders.make()
        self.valkey = Valkey(self.folders)
        self.url = self.valkey.url()

    def start(self) -> None:
        """Start it, or start it again."""
        self.valkey.prepare()
        self.process = self.valkey.program().spawn()
        wait_until(self.valkey.is_ready, "Valkey")

    def pause(self) -> None:
        """Let it hang: it takes what it is sent and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it was."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Cut it off."""
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        """End it, whatever state it is in, and remove its socket."""
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folders.sockets, ignore_errors=True)
