"""What one sender puts into a conversation is numbered in the order in which it was put."""

import random

from tests.messaging.log.doors import running, send
from tests.worlds import built, channel, log_of, message, person


async def test_a_senders_commands_keep_their_order_in_each_of_many_conversations():
    alice = await built(person, "alice")
    conversations = [await built(channel, alice) for _ in range(8)]
    choose = random.Random(4)
    commands = [message(alice, choose.choice(conversations), f"{i}") for i in range(3000)]
    async with running() as (log, entries):
        verdicts = await send(log, commands)
    assert {verdict.code for verdict in verdicts} == {None}
    for conversation in conversations:
        put_in = [command.id for command in commands if command.conversation == conversation]
        assert [event.id for event in (await built(log_of, conversation))[1:]] == put_in
        assert [entry.event.id for entry in entries if entry.conversation == conversation] == put_in


async def test_what_is_handed_out_is_what_is_read_back():
    alice, bob = await built(person, "alice"), await built(person, "bob")
    conversation = await built(channel, alice, bob)
    commands = [message(alice, conversation, f"<@{bob.pk}> and <!here>: {i}") for i in range(50)]
    async with running() as (log, entries):
        await send(log, commands)
    assert [entry.event for entry in entries] == (await built(log_of, conversation))[2:]
    assert [entry.n for entry in entries] == list(range(1, 51))
