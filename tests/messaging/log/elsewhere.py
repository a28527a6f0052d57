"""A log in a process of its own. `python -m tests.messaging.log.elsewhere` reads commands and writes verdicts."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Self

import msgspec

from chatproject.places import ROOT

#: How many commands a sender has on the way at once.
WINDOW = 40


class Elsewhere:
    """The other process, as its parent sees it. As a context it is ready, and ends with it."""

    def __init__(self, **environment: str) -> None:
        argv = [sys.executable, "-m", "tests.messaging.log.elsewhere"]
        self.process = subprocess.Popen(
            argv, cwd=ROOT, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        assert self._line() == b"ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def start(self, commands: Sequence[Any]) -> None:
        """Hand it commands, which it puts into its log in this order."""
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(commands) + b"\n")
        self.process.stdin.flush()

    def verdicts(self) -> list[Any]:
        """Wait for what became of the commands."""
        from messaging.commands import Verdict

        return msgspec.json.decode(self._line(), type=list[Verdict])

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


async def _run() -> None:
    from messaging.commands import Command, Verdict
    from tests.messaging.log.doors import running, until_taken

    async with running() as (log, _entries):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            commands = msgspec.json.decode(line, type=list[Command])
            verdicts: list[Verdict] = []
            for first in range(0, len(commands), WINDOW):
                window = commands[first : first + WINDOW]
                verdicts += await asyncio.gather(*(until_taken(log, command) for command in window))
            sys.stdout.buffer.write(msgspec.json.encode(verdicts) + b"\n")
            sys.stdout.flush()


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    django.setup()
    asyncio.run(_run())
