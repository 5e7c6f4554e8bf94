"""The limit for Python here: a loop over ASGI's `send` that sends every subscriber the same constant.

    python -m bench.servers.bare BYTES HOTELS

BYTES is how long a frame, or a chunk of an event stream, is on the wire. A subscriber follows the hotel whose
number is its path.
"""

import sys
from collections import defaultdict
from itertools import cycle
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from bench.load.frames import constant, payload_bytes
from bench.servers.controlled import serve


class Bare:
    """An ASGI application that knows nothing but whom to send to."""

    def __init__(self, frame_bytes: int, hotels: int) -> None:
        self._text: Message = {
            "type": "websocket.send",
            "text": constant(payload_bytes(frame_bytes)).decode(),
        }
        body = constant(frame_bytes - len(f"{frame_bytes:x}") - 4)
        self._chunk: Message = {"type": "http.response.body", "body": body, "more_body": True}
        self._sockets: dict[int, dict[Send, None]] = defaultdict(dict)
        self._streams: dict[int, dict[Send, None]] = defaultdict(dict)
        self._turns = cycle(range(hotels))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one subscriber until it leaves."""
        if scope["type"] == "lifespan":
            return
        hotel = int(scope["path"][1:])
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
            await _stay(self._sockets[hotel], receive, send)
        else:
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await _stay(self._streams[hotel], receive, send)

    async def publish(self) -> None:
        """Send the constant to each subscriber of the next hotel."""
        hotel = next(self._turns)
        for send in self._sockets[hotel]:
            await send(self._text)
        for send in self._streams[hotel]:
            await send(self._chunk)


async def _stay(members: dict[Send, None], receive: Receive, send: Send) -> None:
    members[send] = None
    gone: Any = {"websocket.disconnect", "http.disconnect"}
    while (await receive())["type"] not in gone:
        pass
    del members[send]


def _main() -> None:
    application = Bare(int(sys.argv[1]), int(sys.argv[2]))
    serve(application, application.publish)


if __name__ == "__main__":
    _main()
