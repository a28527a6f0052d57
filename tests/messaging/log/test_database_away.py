"""The database goes away: nothing is handed out that may be lost, and what is sent again is in the log once."""

import asyncio

from messaging import log as log_module
from messaging import pending
from messaging.commands import Command, Verdict
from messaging.log import Log
from messaging.pending import UNAVAILABLE
from tests.messaging.log.doors import running, until_taken
from tests.messaging.log.line import Line
from tests.messaging.log.waiting import until
from tests.worlds import built, channel, log_of, message, person


async def _alone() -> tuple[int, list[Command]]:
    """Make a conversation and three commands of its one member."""
    alice = await built(person, "alice")
    conversation = await built(channel, alice)
    return conversation, [message(alice, conversation, f"{i}") for i in range(3)]


async def _ids(conversation: int) -> list[object]:
    return [event.id for event in (await built(log_of, conversation))[1:]]


async def _committed_unheard(line: Line, log: Log, conversation: int, command: Command) -> asyncio.Task[Verdict]:
    """Hold the line while a command is put, until it is committed: its answer does not come."""
    line.hold()
    on_the_way = asyncio.create_task(log.append(command))

    async def is_committed() -> bool:
        return command.id in await _ids(conversation)

    await until(is_committed, "the commit")
    return on_the_way


async def test_stopped_before_commit_no_event_goes_out_and_the_same_id_is_taken_once_later(line):
    conversation, (first, second, _third) = await _alone()
    async with running() as (log, entries):
        await until_taken(log, first)
        line.cut_before(b"commit")
        assert await log.append(second) == UNAVAILABLE
        assert line.is_cut.is_set()
        assert [entry.event.id for entry in entries] == [first.id]
        assert await _ids(conversation) == [first.id]
        taken = await until_taken(log, second)
        assert (taken.code, taken.seq, taken.is_duplicate) == (None, 3, False)
        assert await log.append(second) == taken._replace(is_duplicate=True)
        assert [entry.event.id for entry in entries] == [first.id, second.id]
    assert await _ids(conversation) == [first.id, second.id]


async def test_cut_before_the_answer_to_commit_the_sender_learns_by_sending_again(line):
    conversation, (first, second, _third) = await _alone()
    async with running() as (log, entries):
        await until_taken(log, first)
        sent = await _committed_unheard(line, log, conversation, second)
        assert not sent.done()
        line.cut()
        assert await sent == UNAVAILABLE
        taken = await until_taken(log, second)
        assert (taken.code, taken.seq, taken.is_duplicate) == (None, 3, True)
        assert [entry.event.id for entry in entries] == [first.id]
    assert await _ids(conversation) == [first.id, second.id]


async def test_while_the_database_hangs_commands_are_refused_at_once(line):
    conversation, (first, second, third) = await _alone()
    async with running(queue_age_s=pending.QUEUE_AGE_S) as (log, _entries):
        await until_taken(log, first)
        on_the_way = await _committed_unheard(line, log, conversation, second)
        queued = asyncio.create_task(log.append(third))
        await asyncio.sleep(0)
        refused: list[Verdict] = []

        async def is_refused() -> bool:
            log.put(message_like(third), refused.append)
            return bool(refused)

        await until(is_refused, "a refusal by the queue's age", 4)
        assert refused == [UNAVAILABLE]
        assert not on_the_way.done()
        line.release()
        assert (await on_the_way).seq == 3
        assert (await queued).seq == 4


async def test_no_more_than_so_many_wait_however_young_they_are(line, monkeypatch):
    monkeypatch.setattr(pending, "QUEUE_COMMANDS", 100)
    conversation, (first, second, third) = await _alone()
    async with running() as (log, _entries):
        await until_taken(log, first)
        on_the_way = await _committed_unheard(line, log, conversation, second)
        queued = [asyncio.create_task(log.append(message_like(third))) for _ in range(100)]
        await asyncio.sleep(0)
        assert log.waiting() == 100
        assert await log.append(third) == UNAVAILABLE
        line.release()
        assert {verdict.code for verdict in await asyncio.gather(on_the_way, *queued)} == {None}
        assert (await log.append(third)).code is None
        assert log.waiting() == 0


def message_like(command: Command) -> Command:
    """Make another command of the same kind."""
    return Command(conversation=command.conversation, author=command.author, kind="message", body="more")


async def test_a_batch_that_does_not_come_back_is_given_up(line, monkeypatch):
    monkeypatch.setattr(log_module, "BATCH_TIMEOUT_S", 0.3)
    _conversation, (first, second, third) = await _alone()
    async with running() as (log, entries):
        await until_taken(log, first)
        line.hold()
        async with asyncio.timeout(20):
            assert await log.append(second) == UNAVAILABLE
        line.cut()
        assert (await until_taken(log, third)).seq == 4
        assert (await log.append(second)).is_duplicate
        assert [entry.event.id for entry in entries] == [first.id, third.id]


async def test_a_log_that_stops_answers_what_is_on_the_way_and_what_is_queued_and_what_comes_later(line, monkeypatch):
    monkeypatch.setattr(log_module, "BATCH_TIMEOUT_S", 1.0)
    conversation, (first, second, third) = await _alone()
    async with running() as (log, _entries):
        await until_taken(log, first)
        on_the_way = await _committed_unheard(line, log, conversation, second)
        queued = asyncio.create_task(log.append(third))
        await asyncio.sleep(0)
        await log.stop()
        async with asyncio.timeout(20):
            assert await on_the_way == UNAVAILABLE
            assert await queued == UNAVAILABLE
            assert await log.append(third) == UNAVAILABLE
