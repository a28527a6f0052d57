"""A file, on a disk that this host can't take back from: an object lock, another machine's, write once."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from audit.checkpoint import Checkpoint
from audit.destinations.destination import BadDestination, Destination


@dataclass(frozen=True)
class FileDestination(Destination):
    """`file:///path`: a line is added for each checkpoint, and is on the disk before it counts as delivered."""

    path: Path = Path()

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the path; its folder has to be there."""
        parts = urlsplit(url)
        path = Path(unquote(parts.path))
        if parts.netloc or not path.is_absolute() or parts.query:
            raise BadDestination(url, "must be file:///PATH, an absolute path on this machine")
        if not path.parent.is_dir() or path.is_dir():
            raise BadDestination(url, f"must name a file in a folder that is there, and {path} does not")
        return cls(url, path=path)

    def deliver(self, checkpoint: Checkpoint) -> None:
        """Add the line and wait for the disk."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        with os.fdopen(descriptor, "ab") as file:
            file.write(f"{checkpoint.line()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
