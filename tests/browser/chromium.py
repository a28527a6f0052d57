"""Which browser the tests drive: `PARLEY_BROWSER`, else the machine's Chromium, else the one that comes by npm."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from chatproject.places import ROOT

PACKAGE = ROOT / "tests" / "browser"
NAMES = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The machine's fonts, where it has any, and the one from the package.
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}/fonts</dir>
  <cachedir>{folder}/fonts-cache</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A browser's program, and the environment it needs beside our own."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Chromium:
    """Find the browser, unpacking the one from npm the first time. Raises FileNotFoundError where there is none."""
    if chosen := os.environ.get("PARLEY_BROWSER"):
        return Chromium(Path(chosen))
    for name in NAMES:
        if found := shutil.which(name):
            return Chromium(Path(found))
    return _from_npm()


def _from_npm() -> Chromium:
    manifest = PACKAGE / "node_modules" / "@sparticuz" / "chromium" / "package.json"
    if not manifest.exists():
        raise FileNotFoundError("There is no browser: run make browser, or name one in PARLEY_BROWSER.")
    version = json.loads(manifest.read_text())["version"]
    folder = ROOT / ".cache" / f"chromium-{version}"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "chromium.lock").open("w") as lock:  # the run's workers come here at the same moment
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _unpack(folder)
    environment = {"FONTCONFIG_FILE": str(folder / "fonts.conf")}
    if "not found" in subprocess.run(["ldd", folder / "chromium"], capture_output=True, text=True, check=False).stdout:
        environment["LD_LIBRARY_PATH"] = str(folder / "al2023" / "lib")
    return Chromium(folder / "chromium", environment)


def _unpack(folder: Path) -> None:
    """Unpack into a draft first, so that an interrupted attempt is not taken for whole."""
    draft = Path(tempfile.mkdtemp(prefix="chromium-draft-", dir=folder.parent))
    node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}")
    if node is None:
        raise FileNotFoundError("There is no Node to unpack the browser with: run make browser.")
    subprocess.run([node, PACKAGE / "unpack.mjs"], env={**os.environ, "TMPDIR": str(draft)}, check=True)
    (draft / "fonts.conf").write_text(_FONTS.format(folder=folder))
    draft.rename(folder)
