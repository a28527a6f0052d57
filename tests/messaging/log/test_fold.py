"""The fold's rules, as vectors that its twin in TypeScript passes too (`client/test/fold.test.ts`)."""

from typing import Any

import msgspec
import pytest

from chatproject.places import ROOT
from messaging.fold import fold, plain
from messaging.protocol.bodies import HistoryMessage
from messaging.protocol.events import Event

VECTORS = sorted((ROOT / "tests" / "vectors" / "fold").glob("*.json"))


class Vector(msgspec.Struct, forbid_unknown_fields=True):
    """A log in the form of the wire, and its messages in the form of HTTP."""

    events: list[Event]
    messages: list[dict[str, Any]]


def test_there_are_vectors():
    assert len(VECTORS) >= 25


@pytest.mark.parametrize("path", VECTORS, ids=[path.stem for path in VECTORS])
def test_the_fold_passes(path):
    text = path.read_bytes()
    vector = msgspec.json.decode(text, type=Vector)
    assert plain(fold(vector.events)) == vector.messages
    # the vector itself is in the form that travels: nothing is lost or added on the way
    assert [msgspec.to_builtins(event) for event in vector.events] == msgspec.json.decode(text)["events"]
    assert plain(msgspec.convert(vector.messages, list[HistoryMessage])) == vector.messages


@pytest.mark.parametrize("path", VECTORS, ids=[path.stem for path in VECTORS])
def test_the_fold_leaves_its_log_as_it_is(path):
    vector = msgspec.json.decode(path.read_bytes(), type=Vector)
    before = msgspec.to_builtins(vector.events)
    fold(vector.events)
    assert msgspec.to_builtins(vector.events) == before
