"""Real conversations at a real size: a Slack export, taken in by the command that people use."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec

from chatproject.places import ROOT

_NAME = "irc-slack-export.zip"


def export() -> Path:
    """Find the export: `PARLEY_CORPUS`, else the shared one beside the repository. Raises FileNotFoundError."""
    path = Path(os.environ.get("PARLEY_CORPUS") or ROOT.parent / "shared" / "corpus" / _NAME)
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: name a Slack export by PARLEY_CORPUS.")
    return path


def size(path: Path) -> int:
    """Count the messages of an export."""
    with zipfile.ZipFile(path) as archive:
        days = [name for name in archive.namelist() if name.endswith(".json") and "/" in name]
        return sum(len(msgspec.json.decode(archive.read(day), type=list[msgspec.Raw])) for day in days)


def take_in(path: Path, **environment: str) -> None:
    """Run `manage.py import_slack`. Raises CalledProcessError where it fails."""
    argv = [sys.executable, "manage.py", "import_slack", str(path)]
    subprocess.run(argv, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, check=True)
