"""Two processes write one conversation's log at the same time."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise

import pytest

from messaging.commands import Command, Verdict
from messaging.database import rows
from messaging.protocol.events import Message
from tests.messaging.log.elsewhere import Elsewhere
from tests.worlds import channel, log_of, message, person


@pytest.fixture(scope="module")
def two() -> Iterator[list[Elsewhere]]:
    with ExitStack() as stack:
        yield [stack.enter_context(process) for process in [Elsewhere(), Elsewhere()]]


def _both(two: list[Elsewhere], *parts: list[Command]) -> list[list[Verdict]]:
    for process, commands in zip(two, parts, strict=True):
        process.start(commands)
    return [process.verdicts() for process in two]


def test_one_log_without_gap_or_repeat_in_each_senders_order(two):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    parts = [[message(who, conversation, f"{who.username} {i}") for i in range(1500)] for who in (alice, bob)]
    acks = [ack for part in _both(two, *parts) for ack in part]

    log = log_of(conversation)
    assert [event.seq for event in log] == list(range(1, 3003))
    said = [event for event in log if isinstance(event, Message)]
    for who in (alice, bob):
        assert [event.body for event in said if event.user == who.pk] == [f"{who.username} {i}" for i in range(1500)]
    seqs = {event.id: event.seq for event in said}
    commands = [command for part in parts for command in part]
    assert [seqs[command.id] for command in commands] == [ack.seq for ack in acks]
    # they did take turns: neither waited for the other to be through
    assert sum(one.user != other.user for one, other in pairwise(said)) > 2


def test_time_never_runs_backwards_and_n_counts_messages(two):
    alice, bob = person("alice"), person("bob")
    conversation = channel(alice, bob)
    _both(two, *([message(who, conversation, f"{i}") for i in range(1000)] for who in (alice, bob)))
    found = rows("select at, n, kind from event where conversation_id = %s order by seq", [conversation])
    assert len(found) == 2002
    assert all(one[0] <= other[0] for one, other in pairwise(found))
    assert [n for _at, n, _kind in found] == [0, 0, *range(1, 2001)]
    head = rows("select seq, n, at from head where conversation_id = %s", [conversation])
    assert head == [(2002, 2000, found[-1][0])]


def test_an_id_sent_to_both_at_once_is_in_the_log_once_with_the_same_ack_for_all(two):
    alice = person("alice")
    conversation = channel(alice)
    commands = [message(alice, conversation, f"{i}") for i in range(400)]
    # one goes forwards, the other backwards, so that they meet in the middle
    first, second = _both(two, commands, commands[::-1])
    second.reverse()
    assert [(ack.code, ack.seq, ack.at) for ack in first] == [(ack.code, ack.seq, ack.at) for ack in second]
    assert all(one.is_duplicate != other.is_duplicate for one, other in zip(first, second, strict=True))
    log = log_of(conversation)
    assert [event.seq for event in log] == list(range(1, 402))
    assert {event.id for event in log[1:]} == {command.id for command in commands}
