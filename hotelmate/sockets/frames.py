"""WebSocket frames as a server sends them: unmasked, so the same for every receiver.

Source: RFC 6455, section 5.2.
"""

import struct

_FINAL_TEXT = 0x81
_TWO_BYTE_LENGTH = 126
_EIGHT_BYTE_LENGTH = 127
_two_bytes = struct.Struct("!BBH").pack
_eight_bytes = struct.Struct("!BBQ").pack


def text_frame(payload: bytes) -> bytes:
    """Return a whole text frame; `payload` is UTF-8."""
    return text_header(len(payload)) + payload


def text_header(length: int) -> bytes:
    """Return the header of a whole text frame with a payload of so many bytes."""
    if length < _TWO_BYTE_LENGTH:
        return bytes((_FINAL_TEXT, length))
    if length < 1 << 16:
        return _two_bytes(_FINAL_TEXT, _TWO_BYTE_LENGTH, length)
    return _eight_bytes(_FINAL_TEXT, _EIGHT_BYTE_LENGTH, length)
