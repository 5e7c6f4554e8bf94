"""WebSocket frames as a client sends them, and the requests that open a connection.

Source: RFC 6455, "Base Framing Protocol" and "Opening Handshake".
"""

import struct
from collections.abc import Mapping

_TEXT = 0x81
_MASKED = 0x80
MARK = b"+"
"""In each event as often as in the next, by its times' offsets from UTC, and in nothing else that is sent."""

# Any mask will do; with this one the payload stays as it is.
_MASK = b"\0\0\0\0"


def text_frame(text: str) -> bytes:
    """Return a whole text message of a client."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", _TEXT, _MASKED | size)
    else:
        head = struct.pack("!BBH", _TEXT, _MASKED | 126, size)
    return head + _MASK + payload


def payload_bytes(frame_bytes: int) -> int:
    """How much of a server's frame, of up to 64 KiB, is payload."""
    return frame_bytes - (2 if frame_bytes < 128 else 4)


def constant(size: int) -> bytes:
    """Return so many bytes of text with one mark, to send in an event's place."""
    return MARK + b"x" * (size - len(MARK))


def upgrade(path: str, *, subprotocol: str | None = None) -> bytes:
    """Return the request that opens a WebSocket."""
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    if subprotocol is not None:
        headers["Sec-WebSocket-Protocol"] = subprotocol
    return request("GET", path, headers)


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return an HTTP request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
