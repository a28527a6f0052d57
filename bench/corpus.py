"""Real conversations at a real size: a Slack export, taken in by the command that people use."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec

from chatproject.demo.fill import EXPORT
from chatproject.places import ROOT

_LARGE = ROOT.parent / "shared" / "corpus" / "irc-slack-export.zip"


def export() -> Path:
    """Find the export: `PARLEY_CORPUS`, else the large one beside the repository, else the demo's."""
    named = os.environ.get("PARLEY_CORPUS")
    return Path(named) if named else _LARGE if _LARGE.exists() else EXPORT


def notes() -> tuple[str, ...]:
    """Say which one it is."""
    path = export()
    return (f"The corpus is {path.name}: {size(path):,} messages.",)


def size(path: Path) -> int:
    """Count the messages of an export."""
    with zipfile.ZipFile(path) as archive:
        days = [name for name in archive.namelist() if name.endswith(".json") and "/" in name]
        return sum(len(msgspec.json.decode(archive.read(day), type=list[msgspec.Raw])) for day in days)


def take_in(path: Path, **environment: str) -> None:
    """Run `manage.py import_slack`. Raises CalledProcessError where it fails."""
    argv = [sys.executable, "manage.py", "import_slack", str(path)]
    subprocess.run(argv, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, check=True)
