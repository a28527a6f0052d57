"""What processes have used of a core."""

from collections.abc import Iterable

import psutil


def cpu_s(processes: Iterable[psutil.Process]) -> float:
    """Add up the CPU time that processes and all below them have used (seconds)."""
    below = {each.pid: each for process in processes for each in (process, *process.children(recursive=True))}
    return sum(times.user + times.system for times in (each.cpu_times() for each in below.values()))
