"""uvicorn's protocols, with the transport in the application's reach.

An ASGI application can neither learn how much of what it sent is still unread nor cut off a peer that
reads nothing: uvicorn's own close waits behind the full buffer, for ever. Serve with
`uvicorn.run(..., http=TransportHttp, ws=TransportWebSockets, ws_per_message_deflate=False)`, and

- the scope's extension `hotelmate.transport` holds the connection's asyncio transport, and `drain`, which
  waits until no more than the transport's low-water mark is unsent, or the connection is lost. The
  application may write to the transport whole unmasked frames between `websocket.accept` and
  `websocket.close`, and whole chunks between the head of a chunked response and its end;
- a WebSocket is gone at most `close_timeout` seconds after the application has finished with it or the
  server shuts down, and at once when a keepalive ping was not answered.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "hotelmate.transport"


class TransportHttp(HttpToolsProtocol):
    """An HTTP connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport, "drain": self.flow.drain}}


class TransportWebSockets(WebSocketsSansIOProtocol):
    """A WebSocket connection that never outlives its purpose, whatever the peer does."""

    _abort_timer: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXTENSION] = {"transport": self.transport, "drain": self.writable.wait}
        await super().run_asgi()
        self._abort_unless_lost()

    def start_keepalive(self) -> None:
        super().start_keepalive()
        # The socket has been accepted, and what the handshake consisted of is never looked at again.
        del self.request, self.response

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        self._abort_unless_lost()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._abort_timer is not None:
            self._abort_timer.cancel()

    def _abort_unless_lost(self) -> None:
        if not self.disconnected and self._abort_timer is None:
            self._abort_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
