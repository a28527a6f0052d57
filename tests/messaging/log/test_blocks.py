"""Who is blocked writes nothing to the direct conversation, and is not told why."""

from uuid import uuid4

import pytest

from messaging.protocol import commands
from tests.messaging.api.calls import Caller
from tests.messaging.log.doors import DOORS
from tests.worlds import channel, delete, direct, edit, keep, message, own_log, person, react, say


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_nothing_comes_from_who_is_blocked(door):
    alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
    room, with_carol, shared = direct(alice, bob), direct(alice, carol), channel(alice, bob)
    said = say(bob, room, "hello")
    assert keep(alice, own_log(alice), commands.Block(id=uuid4(), person=bob.pk, on=True)).code is None
    refused = [message(bob, room, "again"), edit(bob, room, said, "x"), react(bob, room, said), delete(bob, room, said)]
    assert [verdict.code for verdict in door(refused)] == ["forbidden"] * 4
    allowed = [message(alice, room, "no"), message(carol, with_carol, "hi"), message(bob, shared, "all")]
    assert [verdict.code for verdict in door(allowed)] == [None] * 3
    assert keep(alice, own_log(alice), commands.Block(id=uuid4(), person=bob.pk, on=False)).code is None
    assert [verdict.code for verdict in door([message(bob, room, "thanks")])] == [None]


def test_the_sentence_does_not_tell():
    alice, bob = person("alice"), person("bob")
    room = direct(alice, bob)
    keep(alice, own_log(alice), commands.Block(id=uuid4(), person=bob.pk, on=True))
    answer = Caller(bob).say(room, "hello?")
    assert answer.refusal == (403, "forbidden")
    assert answer.body["detail"] == "You can't write in this conversation."
