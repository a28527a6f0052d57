"""The two encodings of one schema: JSON in text frames, MessagePack in binary ones."""

import json
import struct
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from messaging.protocol import limits
from messaging.protocol.commands import TYPES, Envelope, Frame
from messaging.protocol.frames import Code, Error

SURROGATE = "A text can't hold an unpaired surrogate (U+D800 to U+DFFF): leave it out."


class Refused(Exception):
    """A frame that is not of the protocol; it carries the answer."""

    def __init__(
        self, code: Code, detail: str, id: Any = None, type: Any = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        #: The `type` that the frame claims.
        self.type = type
        shown = str(id)[:64] if isinstance(id, (str, int, UUID)) and not isinstance(id, bool) else None
        if shown is not None and not _is_encodable(shown):
            shown = None
        self.error = Error(id=shown, code=code, detail=detail, retry_after=retry_after)


def _is_encodable(text: str) -> bool:
    """Tell whether a text holds no unpaired surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _explain(error: Exception) -> str:
    """Turn a decoder's complaint into a sentence."""
    text = str(error) or "the frame can't be read"
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


class Codec:
    """Encodes and decodes frames."""

    subprotocol: ClassVar[str]
    opcode: ClassVar[int]
    _encoder: Any
    _decoder: Any
    _envelope: Any

    def encode(self, value: Any) -> bytes:
        """Encode a struct."""
        return bytes(self._encoder.encode(value))

    def decode(self, data: bytes | str) -> Frame:
        """Decode a client's frame. Raises Refused with the answer to a frame that is not of the protocol."""
        try:
            frame: Frame = self._decoder.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._refusal(data, error) from None
        return frame

    def _refusal(self, data: bytes | str, error: Exception) -> Refused:
        try:
            envelope: Envelope = self._envelope.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self._unreadable(data, error)
        if isinstance(envelope.type, str) and envelope.type not in TYPES:
            known = ", ".join(sorted(TYPES))
            return Refused("unknown_type", f"There is no frame of this type; there are {known}.", envelope.id)
        return Refused("malformed", _explain(error), envelope.id, envelope.type)

    def _unreadable(self, data: bytes | str, error: Exception) -> Refused:
        return Refused("malformed", _explain(error))

    def event_payload(self, event: bytes) -> bytes:
        """Make the `event` frame's payload of an encoded event: the same fields, beside `type`."""
        raise NotImplementedError

    def events_payload(self, conversation: int, first: int, events: Sequence[bytes], more: bool, gap: bool) -> bytes:
        """Make the payload of an `events` frame of encoded events."""
        raise NotImplementedError


class _Json(Codec):
    subprotocol = "parley.json"
    opcode = 0x81

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(Frame)
        self._envelope = msgspec.json.Decoder(Envelope)

    def _unreadable(self, data: bytes | str, error: Exception) -> Refused:
        """Answer what msgspec can't read at all; the standard library still reads unpaired surrogates."""
        try:
            read = json.loads(data)
        except (ValueError, RecursionError):
            return Refused("malformed", _explain(error))
        if not isinstance(read, dict):
            return Refused("malformed", "A frame is one object with a `type`.")
        return Refused("malformed", SURROGATE, read.get("id"), read.get("type"))

    def event_payload(self, event: bytes) -> bytes:
        return b'{"type":"event",' + event[1:]

    def events_payload(self, conversation: int, first: int, events: Sequence[bytes], more: bool, gap: bool) -> bytes:
        head = b'{"type":"events","conversation":%d,"from":%d,"events":[' % (conversation, first)
        tail = b"]" + b',"more":true' * more + b',"gap":true' * gap + b"}"
        return head + b",".join(events) + tail


class _MessagePack(Codec):
    subprotocol = "parley.msgpack"
    opcode = 0x82

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Frame)
        self._envelope = msgspec.msgpack.Decoder(Envelope)

    def event_payload(self, event: bytes) -> bytes:
        # An event is a map of at most 15 entries (one byte of header, 0x80 | entries); `type` is one more.
        entries = (event[0] & 0x0F) + 1
        header = bytes((0x80 | entries,)) if entries < 16 else b"\xde\x00\x10"
        return header + b"\xa4type\xa5event" + event[1:]

    def events_payload(self, conversation: int, first: int, events: Sequence[bytes], more: bool, gap: bool) -> bytes:
        fields = {"type": "events", "conversation": conversation, "from": first}
        flags = {name: True for name, is_set in (("more", more), ("gap", gap)) if is_set}
        head = b"".join(self.encode(part) for pair in (fields | flags).items() for part in pair)
        array = b"\xa6events\xdd" + struct.pack(">I", len(events)) + b"".join(events)
        return bytes((0x80 | (len(fields) + len(flags) + 1),)) + head + array


JSON: Final = _Json()
MSGPACK: Final = _MessagePack()
BY_SUBPROTOCOL: Final[dict[str, Codec]] = {codec.subprotocol: codec for codec in (JSON, MSGPACK)}


def check_body(body: str, id: Any = None, characters: int = limits.BODY_CHARACTERS) -> None:
    """Refuse a body that is empty, too long, or holds what PostgreSQL or UTF-8 can't. Raises Refused."""
    if len(body) > characters:
        raise Refused(
            "too_large", f"A message has at most {characters:,} characters, and this one has {len(body):,}.", id
        )
    check_text(body, id)


def check_text(text: str, id: Any = None) -> None:
    """Refuse a text that is empty, or holds what PostgreSQL or UTF-8 can't. Raises Refused."""
    if not text.strip():
        raise Refused("malformed", "A text needs words: this one is empty.", id)
    if "\x00" in text:
        raise Refused("malformed", "A text can't hold the NUL character (U+0000): leave it out.", id)
    if not _is_encodable(text):
        raise Refused("malformed", SURROGATE, id)
