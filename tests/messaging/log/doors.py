"""The two doors of the log, each taking commands as one batch."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from messaging import pending
from messaging.commands import Command, Verdict
from messaging.database import close_pool
from messaging.entry import Entry
from messaging.log import Log
from tests.worlds import put

#: Takes commands as one batch and gives their verdicts.
Door = Callable[[Sequence[Command]], list[Verdict]]


def deed(commands: Sequence[Command]) -> list[Verdict]:
    """`append_in`, inside a deed's transaction."""
    return put(*commands)


def socket(commands: Sequence[Command]) -> list[Verdict]:
    """`Log.put`, as the sockets of a process do: what is put before the writer is connected is its first batch."""

    async def sent() -> list[Verdict]:
        async with running(writers=1) as (log, _entries):
            return await send(log, commands)

    return asyncio.run(sent())


DOORS: dict[str, Door] = {"append_in": deed, "Log": socket}


@asynccontextmanager
async def running(writers: int = 2, queue_age_s: float = 60.0) -> AsyncIterator[tuple[Log, list[Entry]]]:
    """Run a log on this loop; with what it has handed out as committed.

    Its queue is patient: on a busy machine a burst takes longer than a server would let it wait.
    """
    entries: list[Entry] = []
    shipped_s, pending.QUEUE_AGE_S = pending.QUEUE_AGE_S, queue_age_s
    log = Log(entries.extend, writers)
    log.start()
    try:
        yield log, entries
    finally:
        await log.stop()
        await close_pool()
        pending.QUEUE_AGE_S = shipped_s


async def send(log: Log, commands: Sequence[Command]) -> list[Verdict]:
    """Put commands one after the other, without waiting, and wait for all verdicts."""
    return await asyncio.gather(*(log.append(command) for command in commands))


async def until_taken(log: Log, command: Command) -> Verdict:
    """Send a command again and again, as a client does, until the log is there to answer it."""
    while (verdict := await log.append(command)).code == "unavailable":  # noqa: ASYNC110 - it lies with the database
        await asyncio.sleep(0.02)
    return verdict
