"""A clock that a test sets, for all processes that are started with it, and no others.

`set_clock.c` stands between them and the C library, as their time comes from there: Python's, Valkey's, PostgreSQL's.
It takes a C compiler to make it, `cc`.
"""

import mmap
import shutil
import struct
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

SOURCE = Path(__file__).with_suffix(".c")


class SetClock:
    """By how much the clock of the processes is set, and that of PostgreSQL's (seconds, as of the machine's own)."""

    def __init__(self) -> None:
        if shutil.which("cc") is None:
            raise RuntimeError("The clock is set by a library that has to be compiled. On Debian: apt install gcc")
        # PostgreSQL runs as somebody else, who has to reach both files.
        self._folder = Path(tempfile.mkdtemp(prefix="parley-clock-"))
        self._folder.chmod(0o755)
        library, shared = self._folder / "set_clock.so", self._folder / "set_by_s"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        shared.write_bytes(bytes(16))
        with shared.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 16)
        #: What a process needs to be started with.
        self.environment = {"LD_PRELOAD": str(library), "PARLEY_SET_CLOCK": str(shared)}
        self.set(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shared.close()
        shutil.rmtree(self._folder)

    def set(self, by_s: int, database_by_s: int | None = None) -> None:
        """Set the whole host's clock; the database's to another time where it is on a host of its own."""
        self._by_s, self._database_by_s = by_s, by_s if database_by_s is None else database_by_s
        self._shared[:] = struct.pack("qq", self._by_s, self._database_by_s)

    def now(self) -> datetime:
        """Tell what the processes take for now."""
        return datetime.fromtimestamp(time.time() + self._by_s, UTC)

    def database_now(self) -> datetime:
        """Tell what PostgreSQL takes for now."""
        return datetime.fromtimestamp(time.time() + self._database_by_s, UTC)
