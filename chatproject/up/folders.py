"""Where a running Parley keeps what: lasting data in the data folder, sockets in a short folder of their own."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from chatproject.up.refusal import Refusal

#: The data folder's path may be longer than a socket's may be (107 bytes), so sockets lie here.
SOCKETS_ROOT = Path("/tmp")  # noqa: S108 — each folder below is checked to be ours alone


@dataclass(frozen=True)
class Folders:
    """The places below one data folder."""

    data: Path

    @property
    def postgres(self) -> Path:
        """The database's own folder."""
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        """The queue's own folder."""
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        """What the embedded parts have to say."""
        return self.data / "log"

    @property
    def metrics(self) -> Path:
        """The measures of each process of this run, which `/metrics` adds up."""
        return self.data / "metrics"

    @property
    def passwords(self) -> Path:
        """The generated passwords of the embedded parts."""
        return self.data / "passwords.json"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: the same for the same data folder and user."""
        digest = hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:12]
        return SOCKETS_ROOT / f"parley-{os.getuid()}-{digest}"

    def make(self) -> None:
        """Make the folders that are missing; raises Refusal where the sockets' folder belongs to somebody else."""
        for folder in (self.data, self.logs, self.valkey, self.metrics):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        status = self.sockets.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise Refusal(f"{self.sockets} belongs to somebody else: remove it and start again.")
        # Root's PostgreSQL runs as somebody else, who has to pass through.
        self.sockets.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def forget_measures(self, process: int | None = None) -> None:
        """Begin to count anew; of one process that has ended forget only what it showed of its present."""
        for file in self.metrics.glob("*.db" if process is None else f"gauge_live*_{process}.db"):
            file.unlink(missing_ok=True)
