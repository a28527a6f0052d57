"""Who runs where: whatever serves on one core, whatever asks on another."""

import contextlib
import os
from collections.abc import Iterator

import psutil

_AVAILABLE = sorted(os.sched_getaffinity(0))
SERVER, CLIENT = _AVAILABLE[0], _AVAILABLE[:2][-1]
#: A machine of one core: the two sides take turns, and the figures say less.
IS_SHARED = SERVER == CLIENT


@contextlib.contextmanager
def on(core: int) -> Iterator[None]:
    """Run the block, and for good whatever it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def check(root: psutil.Process, core: int) -> None:
    """Make sure that every thread of a process and of all below it is where it belongs. Raises RuntimeError."""
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            for thread in process.threads():
                if os.sched_getaffinity(thread.id) != {core}:
                    raise RuntimeError(f"{process.name()} ({thread.id}) does not keep to core {core}")
