"""Whatever a client sends: a frame of the protocol, or a refusal that can be encoded. Never another exception."""

import json
from typing import Any

import msgpack  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messaging.protocol import codec, commands
from messaging.protocol.codec import JSON, MSGPACK, Codec

CODECS = [JSON, MSGPACK]
ID = "0190b5f0-0000-7000-8000-000000000001"
DEEP = 10_000


def refusal(spoken: Codec, data: bytes | str) -> dict[str, Any] | None:
    """Give the answer to a frame that is refused, as it would be sent; None where it is taken."""
    try:
        frame = spoken.decode(data)
    except codec.Refused as refused:
        encoded = spoken.encode(refused.error)
        answer: dict[str, Any] = json.loads(encoded) if spoken is JSON else msgpack.unpackb(encoded)
        assert answer["type"] == "error"
        assert answer["code"] in ("malformed", "unknown_type")
        assert answer["detail"]
        return answer
    assert isinstance(frame, commands.Frame)
    return None


NOT_JSON: list[bytes] = [
    b"",
    b"{",
    b"nul",
    b"[]",
    b'"send"',
    b"1",
    b"\xff\xfe{}",
    b'{"type":"ping","type":"ping"',
    b'{"type":"ping"}{"type":"ping"}',
    b'{"type":"\xff"}',
    b'{"type":"send","id":"%s","conversation":1,"body":"\xc3\x28"}' % ID.encode(),
    b'{"type":"ping","n":NaN}',
    b'{"type":"ping","n":1e999}',
    b'{"type":"ping","n":' + b"9" * 5000 + b"}",
    b'{"type":"ping","id":' + b"9" * 5000 + b',"n":-1}',
    b"[" * DEEP,
    b'{"a":' * DEEP,
    b'{"type":"x","id":' + b"[" * DEEP + b"]" * DEEP + b"}",
    b'{"type":' + b'{"type":' * DEEP,
    b'{"type":["send"]}',
    b'{"type":{"a":1},"id":{"b":2}}',
    b'{"type":null}',
    b'{"id":"%s"}' % ID.encode(),
    b'{"type":"send","id":"\\ud800","conversation":1,"body":"\\ud800"}',
    b'{"type":"\\ud800"}',
    b'{"\\ud800":1}',
]
NOT_MSGPACK: list[bytes] = [
    b"",
    b"\x81",
    b"\xc1",
    b"\x90",
    b"\x01",
    b"\x91" * DEEP,
    b"\x81\xa1a" * DEEP,
    b"\x82\xa4type\xa1x\xa2id" + b"\x91" * DEEP + b"\x90",
    b"\xdf\xff\xff\xff\xff",
    b"\xdd\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\x82\xa4type\xa1x\xa2id\xc6\xff\xff\xff\xff",
    b"\x81\xa4type\xa1\xff",
    b"\x81\x80\x01",
    b"\x81\xa4type\x81\x80\x01",
    b"\x82\xa4type\xa1x\xa2id\x81\x81\x01\x02\x03",
    b"\x82\xa4type\xa1x\xa2id\xd6\xff\xff\xff\xff\xff",
    b"\x82\xa4type\xa1x\xa2id\xc7\x0c\xff" + b"\xff" * 12,
    b"\x82\xa4type\xa1x\xa2id\xc7\x05\x07hello",
    b"\x81\xa4type\xa4ping\x00",
    msgpack.packb({"type": "send", "id": b"\x00" * 16, "conversation": 1, "body": "x"})[:-1],
]


@pytest.mark.parametrize("data", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_no_json(data: bytes) -> None:
    assert refusal(JSON, data) is not None


@pytest.mark.parametrize("data", NOT_MSGPACK, ids=range(len(NOT_MSGPACK)))
def test_what_is_no_msgpack(data: bytes) -> None:
    assert refusal(MSGPACK, data) is not None


VALID: list[dict[str, Any]] = [
    {"type": "send", "id": ID, "conversation": 1, "body": "x", "thread": 1, "attachments": [1], "said_at": "now"},
    {"type": "edit", "id": ID, "conversation": 1, "seq": 1, "body": "x"},
    {"type": "delete", "id": ID, "conversation": 1, "seq": 1},
    {"type": "react", "id": ID, "conversation": 1, "seq": 1, "emoji": "🎉", "on": True},
    {"type": "hello", "cursors": {"1": 1}, "device": "laptop"},
    {"type": "sync", "cursors": {"9007199254740991": 0}},
    {"type": "read", "conversation": 1, "seq": 0},
    {"type": "delivered", "conversation": 1, "seq": 1},
    {"type": "watch", "users": [1], "conversations": [1]},
    {"type": "typing", "conversation": 1},
    {"type": "active"},
    {"type": "ping", "n": 1},
]


def encoded(spoken: Codec, frame: object) -> bytes:
    """Write a frame with somebody else's encoder."""
    return json.dumps(frame).encode() if spoken is JSON else bytes(msgpack.packb(frame))


@pytest.mark.parametrize("spoken", CODECS)
@pytest.mark.parametrize("frame", VALID, ids=lambda frame: frame["type"])
def test_each_frame_and_each_field_gone_wrong(spoken: Codec, frame: dict[str, Any]) -> None:
    """The answer to a command names its id, and a frame is read the same in both encodings."""
    assert refusal(spoken, encoded(spoken, frame)) is None
    assert spoken.decode(encoded(spoken, {**frame, "unknown": [1, {"x": None}]})) == JSON.decode(json.dumps(frame))
    for field in frame:
        for wrong in WRONG:
            if field == "type" or (field, wrong) in ALLOWED:
                continue
            answer = refusal(spoken, encoded(spoken, {**frame, field: wrong}))
            assert answer is not None, (field, wrong)
            assert answer["code"] == "malformed"
            if "id" in frame and field != "id":
                assert answer["id"] == ID


WRONG: list[Any] = [{}, [[]], -1, 1.5, "x" * 200, True, 2**63, None]
#: Values that are not wrong for these fields.
ALLOWED: list[tuple[str, Any]] = [
    *[(field, None) for field in ("thread", "said_at", "device", "n")],
    ("body", "x" * 200),
    ("said_at", "x" * 200),
    ("on", True),
    ("cursors", {}),
]


@pytest.mark.parametrize("spoken", CODECS)
def test_an_unknown_type(spoken: Codec) -> None:
    answer = refusal(spoken, encoded(spoken, {"type": "watch out", "id": ID}))
    assert answer is not None
    assert (answer["code"], answer["id"]) == ("unknown_type", ID)


@pytest.mark.parametrize("spoken", CODECS)
def test_a_long_id_is_shortened(spoken: Codec) -> None:
    answer = refusal(spoken, encoded(spoken, {"type": "send", "id": "x" * 100_000}))
    assert answer is not None
    assert answer["id"] == "x" * 64


@pytest.mark.parametrize("spoken", CODECS)
@settings(max_examples=500)
@given(data=st.binary(max_size=200))
@example(data=b"\xdf\x00\x00\x00\x01\xa4type\xa4ping")
def test_random_bytes(spoken: Codec, data: bytes) -> None:
    refusal(spoken, data)


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([ID, "send", "hello"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=500)
@given(frame=st.sampled_from(VALID), changes=st.dictionaries(st.sampled_from([*VALID[0], "seq", "cursors"]), ANYTHING))
def test_well_formed_nonsense(frame: dict[str, Any], changes: dict[str, Any]) -> None:
    nonsense = {**frame, **changes}
    refusal(JSON, json.dumps(nonsense))
    refusal(MSGPACK, msgspec.msgpack.encode(_within(nonsense)))


def _within(value: Any) -> Any:
    """Leave out what MessagePack has no form for: integers beyond 64 bits, surrogates."""
    if isinstance(value, dict):
        return {_within(key): _within(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_within(each) for each in value]
    if isinstance(value, int):
        return value % 2**64
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


@pytest.mark.parametrize("spoken", CODECS)
@settings(max_examples=300)
@given(frame=st.sampled_from(VALID), at=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans())
def test_a_frame_with_one_byte_wrong_or_cut_short(
    spoken: Codec, frame: dict[str, Any], at: float, byte: int, cut: bool
) -> None:
    data = encoded(spoken, frame)
    place = int(at * (len(data) - 1))
    refusal(spoken, data[:place] + (b"" if cut else bytes([byte]) + data[place + 1 :]))


def test_an_event_of_another_process_that_this_release_does_not_know() -> None:
    """Across processes it is JSON too: a kind of tomorrow is an error that the hub catches, not a crash."""
    from messaging.entry import Entry

    with pytest.raises(msgspec.MsgspecError):
        Entry.of_json(b'{"kind":"tomorrow","conversation":1,"seq":1}', 1)
