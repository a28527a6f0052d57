"""Appending to the log from within its process, and storing a message a transaction."""

import contextlib
from collections.abc import Iterator, Sequence

import uvloop

from bench.pairs import Figure, Sides, Wrong
from bench.parley import Parley
from bench.people import channel, messages, people
from bench.steady import keep_up
from bench.yardsticks import one_transaction
from messaging import database
from messaging.commands import Command
from messaging.log import Log

AT_ONCE = 200
MEMBERS = 20
BODY = "x" * 300


def world() -> tuple[int, list[int]]:
    """Make the channels into which each of the many says something; gives also who says it."""
    members = [person.id for person in people(MEMBERS)]
    return members[0], [channel(f"append-{number}", members) for number in range(AT_ONCE)]


def append(author: int, channels: Sequence[int], seconds: float) -> Figure:
    """Append to these channels' logs, many at once, and make sure that all of it is there."""

    async def measure() -> Figure:
        log = Log(lambda entries: None)
        log.start()

        async def do(number: int) -> None:
            conversation = channels[number % len(channels)]
            command = Command(conversation=conversation, author=author, kind="message", body=BODY)
            verdict = await log.append(command)
            if verdict.code is not None:
                raise Wrong(f"the log refuses: {verdict.code}")

        try:
            return await keep_up(do, AT_ONCE, seconds)
        finally:
            await log.stop()

    before = messages(channels)
    figure = uvloop.run(measure())
    stored = messages(channels) - before
    if stored != figure.details["done"]:
        raise Wrong(f"{stored} of {figure.details['done']} messages were stored")
    return figure


def store(author: int, channels: Sequence[int], seconds: float) -> Figure:
    """Store as many messages as can be, a transaction each, many at once."""

    async def measure() -> Figure:
        async with one_transaction.connections(database.dsn()) as pool:
            await pool.wait()
            return await keep_up(
                lambda number: one_transaction.store(pool, channels[number], author, BODY), AT_ONCE, seconds
            )

    return uvloop.run(measure())


@contextlib.contextmanager
def beside_one_transaction(parley: Parley) -> Iterator[Sides]:
    """Measure both on the same channels, in this process."""
    author, channels = world()
    yield Sides(lambda s: store(author, channels, s), lambda s: append(author, channels, s))
