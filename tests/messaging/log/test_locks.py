"""A conversation that somebody else holds waits by itself."""

import asyncio

from messaging import database
from messaging.commands import Command, Verdict
from messaging.log import Log
from messaging.protocol.events import Leave
from tests.messaging.log.doors import running, send, until_taken
from tests.messaging.log.waiting import held, terminate, unfinished, until, waiting
from tests.worlds import built, channel, group, log_of, message, person, put, remove


def _sent(log: Log, commands: list[Command]) -> list[asyncio.Task[Verdict]]:
    return [asyncio.create_task(log.append(command)) for command in commands]


async def _is_waiting() -> bool:
    return bool(await asyncio.to_thread(waiting))


async def test_others_are_acked_meanwhile_and_it_comes_in_order_once_the_lock_is_free():
    alice = await built(person, "alice")
    locked, free = await built(channel, alice), await built(channel, alice)
    # more than one batch, so that some of both are still queued when the first comes back
    commands = [message(alice, conversation, f"{i}") for i in range(350) for conversation in (locked, free)]
    async with running(writers=1) as (log, entries):
        with held(locked):
            tasks = _sent(log, commands)
            acked = await asyncio.gather(*tasks[1::2])
            assert [verdict.seq for verdict in acked] == list(range(2, 352))
            await until(_is_waiting, "the locked conversation's lane")
            assert not any(task.done() for task in tasks[::2])
            assert {entry.conversation for entry in entries} == {free}
        after = await asyncio.gather(*tasks[::2])
    assert [verdict.code for verdict in after] == [None] * 350
    assert [verdict.seq for verdict in after] == list(range(2, 352))
    assert [entry.seq for entry in entries if entry.conversation == locked] == list(range(2, 352))


async def test_a_lock_that_is_never_released_is_answered_unavailable_and_nothing_is_stored(monkeypatch):
    monkeypatch.setattr(database, "OPTIONS", database.OPTIONS.replace("lock_timeout=5s", "lock_timeout=300ms"))
    alice = await built(person, "alice")
    locked, free = await built(channel, alice), await built(channel, alice)
    command = message(alice, locked, "patience")
    async with running(writers=1) as (log, entries):
        with held(locked):
            verdicts = await send(log, [command, message(alice, free, "beside")])
            assert [verdict.code for verdict in verdicts] == ["unavailable", None]
            assert [entry.conversation for entry in entries] == [free]
        assert len(await built(log_of, locked)) == 1
        taken = await until_taken(log, command)
    assert (taken.code, taken.seq, taken.is_duplicate) == (None, 2, False)


async def test_a_session_cut_off_while_it_waits_is_answered_unavailable_and_the_id_is_taken_once_later():
    alice = await built(person, "alice")
    locked = await built(channel, alice)
    command = message(alice, locked, "once")
    async with running() as (log, entries):
        with held(locked):
            (task,) = _sent(log, [command])
            await until(_is_waiting, "the locked conversation's lane")
            for pid in await asyncio.to_thread(waiting):
                await asyncio.to_thread(terminate, pid)
            assert await task == Verdict("unavailable")
            assert entries == []
        taken = await until_taken(log, command)
        again = await log.append(command)
    assert (taken.seq, taken.is_duplicate) == (2, False)
    assert again == taken._replace(is_duplicate=True)
    assert [event.id for event in await built(log_of, locked)][1:] == [command.id]


async def test_who_is_removed_while_the_lock_is_awaited_says_no_more():
    """The rights are read after the lock, in a snapshot of their own."""
    alice, bob = await built(person, "alice"), await built(person, "bob")
    conversation = await built(group, alice, bob)
    async with running() as (log, entries):
        with unfinished(lambda: remove(alice, conversation, bob)) as commit:
            (task,) = _sent(log, [message(bob, conversation, "one last word")])
            await until(_is_waiting, "the conversation's lane")
            await asyncio.to_thread(commit)
            assert await task == Verdict("not_found")
        assert entries == []
    assert isinstance((await built(log_of, conversation))[-1], Leave)


async def test_what_was_committed_while_the_lock_was_awaited_is_a_duplicate():
    alice = await built(person, "alice")
    conversation = await built(group, alice)
    command = message(alice, conversation, "twice at once")
    async with running() as (log, entries):
        with unfinished(lambda: put(command)) as commit:
            (task,) = _sent(log, [command])
            await until(_is_waiting, "the conversation's lane")
            await asyncio.to_thread(commit)
            verdict = await task
        assert (verdict.code, verdict.seq, verdict.is_duplicate) == (None, 2, True)
        assert entries == []
    assert len(await built(log_of, conversation)) == 2


async def test_an_outsider_learns_nothing_of_a_lock():
    alice, mallory = await built(person, "alice"), await built(person, "mallory")
    locked = await built(channel, alice)
    async with running(writers=1) as (log, _entries):
        with held(locked):
            assert await log.append(message(mallory, locked, "hello?")) == Verdict("not_found")
