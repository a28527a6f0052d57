"""Payloads put together from encoded events are what an encoder of the whole would write, in both encodings."""

import json
from typing import Any
from uuid import UUID, uuid4

import msgpack  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.entry import Entry
from messaging.protocol import events
from messaging.protocol.codec import JSON, MSGPACK, Codec

CODECS = [JSON, MSGPACK]


def decoded(codec: Codec, payload: bytes) -> Any:
    """Read a payload with somebody else's decoder; nothing may be left over."""
    return json.loads(payload) if codec is JSON else msgpack.unpackb(payload)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
INTEGERS = st.integers(1, 2**53 - 1)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "conversation": INTEGERS,
    "seq": INTEGERS,
    "id": st.uuids(),
    "user": INTEGERS,
    "at": st.just("2026-11-24T15:04:05.000001Z"),
    "said_at": st.none() | st.just("2026-11-24T15:04:05.000001Z"),
    "source": st.none() | TEXTS,
}
EVENTS = st.one_of(
    st.builds(
        events.Message,
        body=TEXTS,
        thread=st.none() | INTEGERS,
        attachments=st.lists(INTEGERS, max_size=20),
        mentions=st.lists(INTEGERS | st.sampled_from(["channel", "here"]), max_size=20),
        me=st.booleans(),
        **COMMON,
    ),
    st.builds(events.Edit, target=INTEGERS, body=TEXTS, **COMMON),
    st.builds(events.React, target=INTEGERS, emoji=TEXTS, on=st.booleans(), **COMMON),
    st.builds(events.Join, member=INTEGERS, role=st.sampled_from(["member", "owner"]), **COMMON),
    st.builds(events.Leave, member=INTEGERS, **COMMON),
)


@pytest.mark.parametrize("codec", CODECS)
@given(event=EVENTS)
def test_an_event_frame_is_the_event_and_its_type(codec: Codec, event: events.Event) -> None:
    frame = decoded(codec, codec.event_payload(codec.encode(event)))
    assert frame.pop("type") == "event"
    assert frame == msgspec.to_builtins(event)


@pytest.mark.parametrize("codec", CODECS)
@given(
    listed=st.lists(EVENTS, max_size=20),
    conversation=INTEGERS,
    first=INTEGERS,
    more=st.booleans(),
    gap=st.booleans(),
)
def test_an_events_frame(
    codec: Codec, listed: list[events.Event], conversation: int, first: int, more: bool, gap: bool
) -> None:
    encoded = [codec.encode(event) for event in listed]
    frame = decoded(codec, codec.events_payload(conversation, first, encoded, more, gap))
    expected = {"type": "events", "conversation": conversation, "from": first, "events": msgspec.to_builtins(listed)}
    flags = {name: True for name, is_set in (("more", more), ("gap", gap)) if is_set}
    assert frame == expected | flags


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("fields", [1, 13, 14, 15])
def test_an_event_of_many_fields(codec: Codec, fields: int) -> None:
    """MessagePack's header of a map grows at sixteen entries, of which `type` is one: one byte, then three."""
    event = {f"field{number}": number for number in range(fields)}
    encoded = codec.encode(event)
    assert decoded(codec, codec.event_payload(encoded)) == {"type": "event", **event}


@pytest.mark.parametrize("count", [15, 16, 65_536])
def test_a_page_of_many_events(count: int) -> None:
    event = events.Leave(conversation=1, seq=1, id=UUID(int=1), user=1, at="now", member=2)
    for codec in CODECS:
        frame = decoded(codec, codec.events_payload(1, 1, [codec.encode(event)] * count, False, False))
        assert len(frame["events"]) == count


def test_the_kinds_have_at_most_fifteen_fields() -> None:
    """What `event_payload` takes for granted of each kind of today, `kind` itself included."""
    for struct in events.BY_KIND.values():
        assert len(struct.__struct_fields__) + 1 <= 15


def test_a_join_has_one_form_whichever_way_it_comes():
    """From a row, from another process, or made here: the role is a text of its own or the very default."""
    common = {"conversation": 1, "seq": 2, "id": uuid4(), "user": 3, "at": "2026-11-24T15:04:05.000000Z"}
    made = [
        events.event("join", common, payload=payload) for payload in ({"member": 4}, {"member": 4, "role": "member"})
    ]
    made.append(events.event("join", common, payload={"member": 4, "role": "".join(("mem", "ber"))}))
    made += [Entry.of_json(JSON.encode(event), 0).event for event in made]
    for codec in (JSON, MSGPACK):
        assert len({codec.encode(event) for event in made}) == 1
        assert b"role" in codec.encode(made[0])
