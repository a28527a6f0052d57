"""The ready frame is what the `websockets` library reads, and what that writes is read here, of every size class."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from messaging.framing import frame, whole
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


@pytest.mark.parametrize("size", [0, 125, 126, 65_535])
@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY])
def test_a_whole_message_is_read_with_where_the_next_begins(opcode: Opcode, size: int) -> None:
    sent = b"before" + Frame(opcode, bytes(size)).serialize(mask=True)
    assert whole(sent + b"after", 6) == (bytes(size), len(sent))
    for cut in {1, 2, size // 2, size + 3}:
        assert whole(sent[:-cut], 6) is None


@pytest.mark.parametrize(
    "sent",
    [
        frame(0x81, b"unmasked"),
        frame(0x81, bytes(200)),
        Frame(Opcode.TEXT, b"part", fin=False).serialize(mask=True),
        Frame(Opcode.CONT, b"part").serialize(mask=True),
        Frame(Opcode.PING, b"ping").serialize(mask=True),
        b"\xc1" + Frame(Opcode.TEXT, b"compressed").serialize(mask=True)[1:],
        Frame(Opcode.TEXT, bytes(65_536)).serialize(mask=True),
        b"\x81",
        b"",
    ],
    ids=["unmasked", "long", "first part", "last part", "ping", "compressed", "64 KiB", "cut", "nothing"],
)
def test_anything_else_is_left_to_the_library(sent: bytes) -> None:
    assert whole(sent, 0) is None
