"""WebSocket frames (RFC 6455, 5.2): ours built once for all who get them, a client's read where one is a message."""

import zlib

from websockets.frames import apply_mask  # type: ignore[attr-defined] # in C where there is one

#: The first reserved bit marks a compressed message, whose last block is left out.
_COMPRESSED, _EMPTY_BLOCK = 0x40, b"\x00\x00\xff\xff"
#: Final frames of text and of bytes.
_MESSAGES = (0x81, 0x82)


def frame(opcode: int, payload: bytes) -> bytes:
    """Build an unmasked, final frame. `opcode` comes with the final bit: 0x81 text, 0x82 binary."""
    size = len(payload)
    if size < 126:
        return bytes((opcode, size)) + payload
    if size < 1 << 16:
        return bytes((opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((opcode, 127)) + size.to_bytes(8, "big") + payload


def deflated(opcode: int, payload: bytes) -> bytes:
    """Build a frame whose payload is compressed by itself (RFC 7692, 7.2.1), so that it is the same for everybody."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    compressed = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return frame(opcode | _COMPRESSED, compressed[: -len(_EMPTY_BLOCK)])


def whole(data: bytes, at: int) -> tuple[bytes, int] | None:
    """Read a message that is one whole, masked frame of up to 64 KiB, and where the next begins; None for all else."""
    if len(data) < at + 2 or data[at] not in _MESSAGES:
        return None
    size, begin = data[at + 1] - 0x80, at + 6
    if size == 126:
        size, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 8
    end = begin + size
    if size < 0 or data[at + 1] == 0xFF or end > len(data):
        return None
    return apply_mask(data[begin:end], data[begin - 4 : begin]), end
