"""The passwords of the embedded parts: generated once, kept in one file that only its owner reads."""

import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from chatproject.up.private_file import write


def keep(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Read the password of each name from the file, making and writing those that are missing."""
    try:
        known: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        known = {}
    missing = {name: secrets.token_urlsafe(24) for name in names if name not in known}
    if missing:
        write(path, json.dumps(known | missing, indent=1))
    return known | missing
