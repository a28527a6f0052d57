"""Whether the database's schema and grants are those of this code: a second start then needs no migration."""

import hashlib
from pathlib import Path

from chatproject.places import ROOT
from chatproject.up import private_file


def fingerprint() -> str:
    """Give a digest of what decides the schema: migrations, grants, installed apps, versions of libraries."""
    digest = hashlib.sha256()
    for path in [
        *sorted(ROOT.glob("*/migrations/*.py")),
        ROOT / "chatproject" / "grants.py",
        ROOT / "chatproject" / "settings.py",
        ROOT / "requirements.txt",
    ]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Stamp:
    """The fingerprint of the last migration that went well, beside the embedded database."""

    def __init__(self, data: Path) -> None:
        self._path = data / "migrated"

    def is_current(self) -> bool:
        """Tell whether nothing has changed since."""
        return self._path.exists() and self._path.read_text() == fingerprint()

    def set(self) -> None:
        """Note that the database is as the code wants it."""
        private_file.write(self._path, fingerprint())

    def clear(self) -> None:
        """Forget it, for a database that is made anew."""
        self._path.unlink(missing_ok=True)
