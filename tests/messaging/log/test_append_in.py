"""`append_in`: a deed and its events commit together, and only then does anything go out."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from channels.layers import get_channel_layer
from django.db import transaction

from messaging import publishing
from messaging.entry import Entry
from messaging.log import append_in
from messaging.models import Conversation
from tests.worlds import built, channel, log_of, message, person, put


class _RolledBack(Exception):
    pass


@pytest.fixture
def heard() -> Iterator[list[Entry]]:
    """Be this process's hub, and list what it is told."""
    entries: list[Entry] = []
    loop = asyncio.new_event_loop()
    publishing.attach(loop, entries.extend)
    yield entries
    publishing.detach()
    loop.close()


def _tell(heard: list[Entry]) -> list[object]:
    """Let the loop run what was handed to it, and list the ids."""
    assert publishing._here is not None
    loop = publishing._here[0]
    loop.call_soon(loop.stop)
    loop.run_forever()
    return [entry.event.id for entry in heard]


def test_a_deed_that_is_rolled_back_leaves_nothing_and_tells_nobody(heard):
    alice = person("alice")
    conversation = channel(alice, name="before")
    before = _tell(heard)
    with contextlib.suppress(_RolledBack), transaction.atomic():
        Conversation.objects.filter(pk=conversation).update(purpose="the deed")
        (verdict,) = append_in([message(alice, conversation, "never said")])
        assert verdict.seq == 2
        raise _RolledBack
    assert _tell(heard) == before
    assert len(log_of(conversation)) == 1
    assert Conversation.objects.get(pk=conversation).purpose == ""
    (verdict,) = put(message(alice, conversation, "said"))
    assert verdict.seq == 2


def test_it_tells_when_the_outermost_transaction_commits_and_not_before(heard):
    alice = person("alice")
    conversation = channel(alice)
    before = _tell(heard)
    commands = [message(alice, conversation, "one"), message(alice, conversation, "two")]
    with transaction.atomic():
        with transaction.atomic():
            append_in(commands)
        assert _tell(heard) == before
    assert _tell(heard) == [*before, commands[0].id, commands[1].id]


def test_refused_and_repeated_commands_are_not_told(heard):
    alice, mallory = person("alice"), person("mallory")
    conversation = channel(alice)
    said = message(alice, conversation, "said")
    put(said)
    before = _tell(heard)
    put(said, message(mallory, conversation, "refused"))
    assert _tell(heard) == before


def test_outside_a_transaction_it_refuses():
    alice = person("alice")
    conversation = channel(alice)
    with pytest.raises(AssertionError, match="transaction"):
        append_in([message(alice, conversation, "no deed")])
    assert len(log_of(conversation)) == 1


async def test_other_processes_hear_it_over_the_channel_layer():
    alice = await built(person, "alice")
    conversation = await built(channel, alice)
    layer = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add(publishing.GROUP, name)
    # the subscription delivers some time after it was asked for: say a first word until it is heard
    heard: set[int] = set()
    first = asyncio.create_task(layer.receive(name))
    while not first.done():
        await built(put, message(alice, conversation, "is anybody there?"))
        await asyncio.wait([first], timeout=0.05)
    command = message(alice, conversation, "hello, others")
    (verdict,) = await built(put, command)
    async with asyncio.timeout(20):
        while verdict.seq not in heard:
            sent = await layer.receive(name)
            heard |= {seq for where, seq, _n, _json in sent["events"] if where == conversation}
    await layer.flush()
