"""A Pusher service that takes everything and is as far away as one wants, or that never answers.

    python -m bench.servers.pusher_service ROUND_TRIP_SECONDS|never

Prints its port. `GET /` is answered at once, with the number of events taken so far. Signatures are not
checked: the bridge makes them all the same.
"""

import asyncio
import sys

# One in each event of a batch.
_EVENT = b'"channel":'
_HEAD_ENDS = b"\r\n\r\n"


class Service(asyncio.Protocol):
    """One connection; all of them count together."""

    taken = 0

    def __init__(self, round_trip_seconds: float | None) -> None:
        self._round_trip_seconds = round_trip_seconds
        self._heard = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is answered on."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer whatever is whole."""
        self._heard += data
        while (request := self._next_request()) is not None:
            if request.startswith(b"GET"):
                self._answer(str(Service.taken).encode())
            elif self._round_trip_seconds is not None:
                Service.taken += request.count(_EVENT)
                asyncio.get_running_loop().call_later(self._round_trip_seconds, self._answer, b"{}")

    def _next_request(self) -> bytes | None:
        head, ends, rest = self._heard.partition(_HEAD_ENDS)
        size = _content_length(head)
        if not ends or len(rest) < size:
            return None
        self._heard = rest[size:]
        return head + rest[:size]

    def _answer(self, body: bytes) -> None:
        assert self._transport is not None
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve() -> None:
    told = sys.argv[1]
    seconds = None if told == "never" else float(told)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Service(seconds), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
