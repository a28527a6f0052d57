"""Ask PyPI's and npm's services whether a locked dependency has a known vulnerability.

Exits 0 where all was asked and nothing found, 1 where something was found, and 3 where a service could not be asked
(and nothing was found as far as one could): then nothing is known, and it says so. `make audit` runs it; make itself
turns any failure into 2, so a program that wants to tell them apart calls this file.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt")
PACKAGES = ("client", "tests/browser")
CLEAN, FOUND, UNKNOWN = 0, 1, 3
#: A service that has not answered by then counts as one that can't be reached (seconds).
TIMEOUT_S = 300.0


def run(argv: Sequence[str], folder: Path) -> Any:
    """Run a program and read the JSON that it prints; None where it prints none or takes too long."""
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)  # noqa: S603
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def python(report: Any) -> tuple[int, list[str]]:
    """Read what pip-audit reports: a package that it skipped is one of which nothing is known."""
    if not isinstance(report, dict) or not report.get("dependencies"):
        return UNKNOWN, ["PyPI's service could not be asked."]
    packages = report["dependencies"]
    found = [
        f"{package['name']} {package.get('version', '')}: {vulnerability['id']}, "
        f"mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for package in packages
        for vulnerability in package.get("vulns", [])
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        found.append(
            f"Of {len(skipped)} of {len(packages)} packages nothing could be asked: {', '.join(skipped[:5])} …"
        )
    return (FOUND if len(found) > bool(skipped) else UNKNOWN if skipped else CLEAN), found


def node(report: Any) -> tuple[int, list[str]]:
    """Read what npm audit reports."""
    if not isinstance(report, dict) or "vulnerabilities" not in report:
        return UNKNOWN, ["npm's service could not be asked."]
    found = [f"{name}: {each['severity']}, in {each['range']}" for name, each in report["vulnerabilities"].items()]
    return (FOUND if found else CLEAN), found


def main() -> int:
    """Ask for every lock, say what came of each, and give the exit code."""
    pip_audit = [sys.executable, "-m", "pip_audit", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    answers = {name: python(run([*pip_audit, "-r", name], ROOT)) for name in REQUIREMENTS}
    answers |= {name: node(run(["npm", "audit", "--json"], ROOT / name)) for name in PACKAGES}
    words = {CLEAN: "nothing known against it", FOUND: "VULNERABLE", UNKNOWN: "NOT KNOWN"}
    for name, (code, lines) in answers.items():
        print(f"{name}: {words[code]}", *lines, sep="\n  ")  # noqa: T201
    codes = {code for code, _ in answers.values()}
    return FOUND if FOUND in codes else UNKNOWN if UNKNOWN in codes else CLEAN


if __name__ == "__main__":
    sys.exit(main())
