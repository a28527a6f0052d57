"""A file that only its owner may read, and that is never seen half written."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Put the text at the path in one step, with mode 0600."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
