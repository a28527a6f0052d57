"""Where Parley's data and running parts are: the environment's variables, else what `manage.py up` wrote down.

Kept free of Django, so that settings may import it.
"""

import contextlib
import json
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

#: The roles of the database, each with the variable that holds its DSN (`docs/architecture.md`, database roles).
DATABASE_ROLES = {
    "owner": "DATABASE_OWNER_URL",
    "app": "DATABASE_URL",
    "retention": "DATABASE_RETENTION_URL",
    "audit": "DATABASE_AUDIT_URL",
    "backup": "DATABASE_BACKUP_URL",
}


def data_folder() -> Path:
    """Name the folder that holds everything Parley keeps on disk: `PARLEY_DATA`, else `var/`."""
    return Path(os.environ.get("PARLEY_DATA") or ROOT / "var").resolve()


def parts_file() -> Path:
    """Name the file in which `manage.py up` writes where its embedded parts listen (mode 0600: it holds passwords)."""
    return data_folder() / "parts.json"


def _parts() -> dict[str, Any]:
    try:
        return dict(json.loads(parts_file().read_text()))
    except (OSError, ValueError):
        return {}


def database_url(role: str) -> str | None:
    """Find the DSN of a database role: its own variable, else the embedded server's, else None."""
    url = os.environ.get(DATABASE_ROLES[role])
    if url:
        return url
    if os.environ.get("DATABASE_URL"):
        return None  # somebody else's server: nothing embedded stands in for a role that was not named
    return dict(_parts().get("database", {})).get(role)


def redis_url() -> str | None:
    """Find Redis: `REDIS_URL`, else the embedded server's, else None."""
    return os.environ.get("REDIS_URL") or _parts().get("redis")


def public_url() -> str:
    """Read `PARLEY_URL`, the address under which people reach the workspace, without a slash at its end.

    Empty where none is set. Raises ValueError with a sentence.
    """
    url = os.environ.get("PARLEY_URL", "").rstrip("/")
    if url and not re.fullmatch(r"https?://[^\s/?#@]+", url):
        raise ValueError("PARLEY_URL must look like https://chat.example.com, with nothing after the host or port.")
    return url


def secret_key() -> str:
    """Read the key that signs sessions: `PARLEY_SECRET_KEY`, else a random one kept under the data folder.

    Ends the process with a sentence where that folder can't be written.
    """
    key = os.environ.get("PARLEY_SECRET_KEY")
    if key:
        return key
    path = data_folder() / "secret_key"
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text().strip()
    except OSError as error:
        # Settings read this before any command runs, so here is where an operator is told.
        sys.exit(f"The data folder {path.parent} can't be written: {error.strerror}.")


def _write_once(path: Path, text: str) -> None:
    """Put the text there whole, unless another process of ours was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
