"""The ready frame is what the `websockets` library reads: header, length and payload, of every size class."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from messaging.frames import frame
from messaging.protocol.codec import JSON, MSGPACK

SIZES = [0, 1, 125, 126, 127, 128, 255, 256, 65_534, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1]


def read(data: bytes) -> list[Frame]:
    """Read what a server wrote with somebody else's parser."""
    client = ClientProtocol(parse_uri("ws://localhost/ws/"), state=OPEN, max_size=None)
    client.receive_data(data)
    return [event for event in client.events_received() if isinstance(event, Frame)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("opcode", "kind"), [(JSON.opcode, Opcode.TEXT), (MSGPACK.opcode, Opcode.BINARY)])
def test_each_size_class(size: int, opcode: int, kind: Opcode) -> None:
    payload = bytes(ord("a") + at % 26 for at in range(size))
    (found,) = read(frame(opcode, payload))
    assert (found.opcode, found.fin, bytes(found.data)) == (kind, True, payload)
    # The shortest form of the length, and what the library itself would write.
    assert frame(opcode, payload) == Frame(kind, payload).serialize(mask=False)


def test_frames_follow_each_other() -> None:
    payloads = [b"x" * size for size in SIZES]
    found = read(b"".join(frame(MSGPACK.opcode, payload) for payload in payloads))
    assert [bytes(each.data) for each in found] == payloads
