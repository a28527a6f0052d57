"""The proof finds what it is there to find: each promise is broken once, in what a client says it was told."""

import copy
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from tests import worlds
from tests.faults import proof
from tests.faults.client import Client
from tests.faults.outbox import Acked
from tests.faults.town import Person
from tests.faults.transports import WebSocket


def _swap(client: Client) -> None:
    events = client.held.stretches[0].events
    events[1], events[2] = events[2], events[1]


def _ack(client: Client, **fields: Any) -> None:
    acked = next(iter(client.outbox.acked.values()))
    acked.ack |= fields


def _sent_before(client: Client) -> None:
    first, second = list(client.outbox.acked.values())[:2]
    first.sent, second.sent = second.sent, first.sent


BROKEN: dict[str, Callable[[Client], object]] = {
    "never came": lambda client: client.held.stretches[0].events.pop(2),
    "twice or out of order": lambda client: client.held.stretches[0].events.insert(
        2, client.held.stretches[0].events[1]
    ),
    "out of order": _swap,
    "and the log has": lambda client: client.held.stretches[0].events[1].update(body="other words"),
    "was acknowledged, and the log has": lambda client: _ack(client, seq=1),
    "was sent after": _sent_before,
    "after 7: twice": lambda client: client.held.take(client.held.stretches[0].conversation, {"seq": 3}),
}


def _client(alice: User, bob: User) -> tuple[Client, Person]:
    """Make a client of bob's that has been told everything, and has said what bob said."""
    conversation = worlds.channel(alice, bob)
    for number in range(5):
        worlds.say(bob, conversation, f"word {number}")
    record = proof.Record(os.environ["DATABASE_URL"])
    client = Client("bob/json", lambda: WebSocket("", ""), random.Random(0))
    client.held.begin(conversation, 0)
    for number, event in enumerate(record.logs[conversation].values()):
        client.held.take(conversation, copy.deepcopy(event))
        if event["kind"] == "message":
            ack = {"conversation": conversation, "seq": event["seq"], "at": event["at"]}
            frame = {"id": event["id"], "body": event["body"]}
            client.outbox.acked[event["id"]] = Acked(frame, ack, [(1, number)])
    return client, Person("bob", bob.pk, "")


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_promise_is_found(alice: User, bob: User, sentence: str) -> None:
    client, person = _client(alice, bob)
    record = proof.Record(os.environ["DATABASE_URL"])
    assert proof.breaches(record, [person], [client]) == []
    BROKEN[sentence](client)
    found = proof.breaches(record, [person], [client])
    assert any(sentence in each for each in found), found


def test_a_message_that_redis_and_the_comparison_lost_is_a_gap(alice: User, bob: User) -> None:
    """What is in the log, and was never told, is missing at the end of the stretch."""
    client, person = _client(alice, bob)
    worlds.say(alice, client.held.stretches[0].conversation, "unheard")
    (found,) = proof.breaches(proof.Record(os.environ["DATABASE_URL"]), [person], [client])
    assert "1 never came: [8]" in found


def test_what_was_not_to_be_seen_is_found(alice: User, bob: User) -> None:
    client, person = _client(alice, bob)
    other = worlds.channel(alice)
    record = proof.Record(os.environ["DATABASE_URL"])
    client.held.begin(other, 0)
    client.held.take(other, record.logs[other][1])
    found = proof.breaches(record, [person], [client])
    assert any("1 came that were not to be seen: [1]" in each for each in found), found
