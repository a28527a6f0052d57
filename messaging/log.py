"""The one way into a conversation: `Log.put` (group commit, for sockets) and `append_in` (inside a deed's transaction).

Group commit: while one batch is at PostgreSQL the next gathers; there is no timer, so a lone sender waits for nobody.
A conversation belongs to one writer of the process, so that one socket's commands keep their order.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from typing import Any, cast

import psycopg
from django.db import connection, transaction

from messaging import batch, database, measures
from messaging.commands import Command, Verdict
from messaging.entry import Entry
from messaging.judgement import LOCKED
from messaging.pending import Done, Pending, Queue, fail
from messaging.publishing import publish

logger = logging.getLogger(__name__)

WRITERS = 2
#: A batch that is not back by then is given up; whether it committed, the sender learns by sending again.
BATCH_TIMEOUT_S = 5.0
RETRY_AFTER_S = 1.0
RECONNECT_S = (0.05, 2.0)

#: The append's plan goes by keys whatever is in the tables: making it anew costs as much as carrying it out.
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"

#: A row of the batch can't be stored; a text that is not UTF-8 is not even sent.
_REFUSALS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
    UnicodeError,
)


async def _commit(held: psycopg.AsyncConnection[Any], commands: Sequence[Command], lock: str) -> list[Verdict]:
    """Carry out a batch as one transaction in one round trip."""
    append, params = batch.append(commands)
    try:
        async with asyncio.timeout(BATCH_TIMEOUT_S), held.pipeline():
            await held.execute("begin")
            await held.execute(cast("Any", lock), batch.lock_params(commands), prepare=True)
            answer = await held.execute(cast("Any", append), params, prepare=True)
            await held.execute("commit")
        return [batch.verdict(row) for row in await answer.fetchall()]
    except BaseException:
        if held.closed or held.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            await held.close()  # given up in the middle: what the server still does with it is its own affair
        else:
            with contextlib.suppress(psycopg.Error):
                await held.execute("rollback")
        raise


async def _carry_out(
    held: psycopg.AsyncConnection[Any], pending: Sequence[Pending], lock: str, committed: Callable[[list[Entry]], None]
) -> list[Pending]:
    """Commit a batch, hand out what it made and its verdicts; give back what must wait for a lock.

    A batch that the database refuses as a whole is parted, so that one bad row fails alone.
    Raises psycopg.OperationalError or TimeoutError where the database is away; nothing is answered then.
    """
    try:
        verdicts = await _commit(held, [each.command for each in pending], lock)
    except _REFUSALS:
        if len(pending) == 1:
            logger.exception("the database refuses a command of kind %s", pending[0].command.kind)
            pending[0].answer(malformed := Verdict("malformed"))
            measures.answered([(malformed, pending[0].age_s())])
            return []
        half = len(pending) // 2
        parts = (pending[:half], pending[half:])
        return [each for part in parts for each in await _carry_out(held, part, lock, committed)]
    made = [
        Entry.of_command(each.command, verdict, None if each.command.said_at is None else "client")
        for each, verdict in zip(pending, verdicts, strict=True)
        if verdict.code is None and not verdict.is_duplicate
    ]
    locked: list[Pending] = []
    answered: list[tuple[Verdict, float]] = []
    for each, verdict in zip(pending, verdicts, strict=True):
        if verdict.code == LOCKED:
            locked.append(each)
        else:
            each.answer(verdict)
            answered.append((verdict, each.age_s()))
    committed(made)
    measures.answered(answered)
    return locked


class _Writer:
    """One connection that commits the batches of its conversations."""

    def __init__(self, committed: Callable[[list[Entry]], None]) -> None:
        self._committed = committed
        self._queue = Queue()
        #: Conversations whose lock was not to be had: each waits by itself.
        self._lanes: dict[int, Queue] = {}
        self._lane_tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self.is_away = False

    def put(self, pending: Pending) -> None:
        """Queue a command, or refuse it at once where the queue is full or the database away."""
        queue = self._lanes.get(pending.command.conversation, self._queue)
        if self.is_away or queue.is_full():
            fail([pending])
            return
        queue.append(pending)
        self._woken.set()

    def waiting(self) -> int:
        """Count the commands that are in no batch yet."""
        return len(self._queue) + sum(map(len, self._lanes.values()))

    async def run(self) -> None:
        """Connect, commit batch after batch, and connect again with back-off when the database went away."""
        delay_s = RECONNECT_S[0]
        while True:
            pending: list[Pending] = []
            try:
                async with await psycopg.AsyncConnection.connect(
                    database.dsn(PLANNED_ONCE), autocommit=True, connect_timeout=5
                ) as held:
                    self.is_away, delay_s = False, RECONNECT_S[0]
                    while True:
                        pending = []
                        while not self._queue:
                            self._woken.clear()
                            await self._woken.wait()
                        pending = self._queue.take()
                        self._wait_apart(await _carry_out(held, pending, batch.LOCK_FREE, self._committed))
            except (psycopg.Error, OSError, TimeoutError) as error:
                logger.warning("the log has lost the database: %s", str(error).strip() or type(error).__name__)
            except asyncio.CancelledError:
                fail(pending)
                raise
            except Exception:
                logger.exception("a batch failed by a fault of ours")
            self.is_away = True
            fail(pending)
            self._queue.fail()
            await asyncio.sleep(delay_s * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
            delay_s = min(delay_s * 2, RECONNECT_S[1])

    def _wait_apart(self, locked: list[Pending]) -> None:
        """Give each conversation that somebody else holds a lane of its own, with all that is queued for it."""
        if not locked:
            return
        for each in locked:
            self._lanes.setdefault(each.command.conversation, Queue()).append(each)
        later = self._queue.take_all()
        for each in later:
            self._lanes.get(each.command.conversation, self._queue).append(each)
        for conversation in {each.command.conversation for each in locked}:
            task = asyncio.create_task(self._run_lane(conversation))
            self._lane_tasks.add(task)
            task.add_done_callback(self._lane_tasks.discard)

    async def _run_lane(self, conversation: int) -> None:
        """Wait for one conversation's lock and commit what gathers for it, until nothing does."""
        lane, pending = self._lanes[conversation], []
        try:
            async with (await database.pool()).connection() as held:
                while lane:
                    pending = lane.take()
                    await _carry_out(held, pending, batch.LOCK_ALL, self._committed)
                    pending = []
        except (psycopg.Error, OSError, TimeoutError) as error:
            logger.warning("conversation %s could not be locked: %s", conversation, str(error).strip())
        finally:
            del self._lanes[conversation]
            fail(pending)
            lane.fail()

    async def stop(self) -> None:
        """End the lanes; their commands are answered `unavailable`, as is what comes later."""
        self.is_away = True
        for task in self._lane_tasks:
            task.cancel()
        await asyncio.gather(*self._lane_tasks, return_exceptions=True)
        self._queue.fail()


class Log:
    """Group commit for one event loop. `committed` is called with what each batch put into the log, after COMMIT."""

    def __init__(self, committed: Callable[[list[Entry]], None], writers: int = WRITERS) -> None:
        self._writers = [_Writer(committed) for _ in range(writers)]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the writers on the running loop."""
        self._tasks = [asyncio.create_task(writer.run()) for writer in self._writers]

    def put(self, command: Command, done: Done) -> None:
        """Queue a command; `done` is called once, with its verdict. Awaits nothing."""
        self._writers[command.conversation % len(self._writers)].put(Pending(command, done))

    async def append(self, command: Command) -> Verdict:
        """Queue a command and wait for its verdict."""
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self.put(command, lambda given: None if verdict.done() else verdict.set_result(given))
        return await verdict

    def writers_away(self) -> int:
        """Count the writers that have no database."""
        return sum(writer.is_away for writer in self._writers)

    def waiting(self) -> int:
        """Count the commands that are in no batch yet."""
        return sum(writer.waiting() for writer in self._writers)

    async def stop(self) -> None:
        """Stop the writers; what is not committed yet is answered `unavailable`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            await writer.stop()


def append_in(commands: Sequence[Command], *, source: str | None = None, is_published: bool = True) -> list[Verdict]:
    """Append inside the caller's transaction on Django's connection; what it makes is published when that commits.

    `source` is how the events' source is called on the wire. Locks the conversations until the transaction ends;
    raises django.db.OperationalError where a lock is not to be had within the session's lock_timeout.
    """
    assert connection.in_atomic_block, "append_in belongs into the transaction of the deed"
    if not commands:
        return []
    with connection.wrap_database_errors, database.raw_cursor() as cursor:
        cursor.execute(cast("Any", batch.LOCK_ALL), batch.lock_params(commands), prepare=True)
        append, params = batch.append(commands)
        cursor.execute(cast("Any", append), params, prepare=True)
        verdicts = [batch.verdict(row) for row in cursor.fetchall()]
    transaction.on_commit(lambda: measures.appended(verdicts))
    if is_published:
        made = [
            Entry.of_command(command, verdict, source or ("client" if command.said_at is not None else None))
            for command, verdict in zip(commands, verdicts, strict=True)
            if verdict.code is None and not verdict.is_duplicate
        ]
        if made:
            transaction.on_commit(lambda: publish(made))
    return verdicts
