"""GraphQL over WebSockets: the subprotocol graphql-transport-ws, and no other.

Source: PROTOCOL.md of enisdenjo/graphql-ws. Its client comes back by itself, unless the code is 4400, 4401,
4406, 4409, 4429, one of its own, or most of 1xxx. Those are for the client's mistakes; what it should come
back from is closed with

    1001  the server is stopping
    1013  who opened the socket cannot be found out at present, as the database is away; or has too many open
    4403  the rights of whoever opened the socket have ended
    4408  no connection_init in time; or a ping without an answer, for which graphql-ws's recipes use it too

From an address that has too many open, a socket is not even accepted: that is HTTP's 429.
"""

from starlette.types import Receive, Scope, Send

from hotelmate.errors import RateLimited
from hotelmate.schema.context import Services
from hotelmate.schema.transports import messages
from hotelmate.schema.transports.asgi import header
from hotelmate.schema.transports.capacity import Capacity
from hotelmate.schema.transports.connections import Connections
from hotelmate.schema.transports.conversations import Conversation
from hotelmate.schema.transports.execution import Engine
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.subscriptions import Subscriptions
from hotelmate.sockets import Outbox, WebSocket
from hotelmate.sockets.addresses import client_address
from hotelmate.sockets.origins import is_trusted


class WebSocketTransport:
    """The ASGI application for the `websocket` scope."""

    def __init__(
        self,
        engine: Engine,
        subscriptions: Subscriptions,
        services: Services,
        connections: Connections,
        *,
        capacity: Capacity,
        limits: Limits,
    ) -> None:
        self._engine = engine
        self._subscriptions = subscriptions
        self._services = services
        self._connections = connections
        self._capacity = capacity
        self._outbox = Outbox()
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        await receive()
        origin, host = header(scope, b"origin"), header(scope, b"host")
        if not is_trusted(origin, host, self._services.settings.socket_origins):
            # Before the socket is accepted, this is HTTP's 403.
            await send({"type": "websocket.close"})
            return
        address = client_address(scope)
        try:
            place = self._capacity.from_address(address)
        except RateLimited as refusal:
            await _refuse(send, refusal)
            return
        with place:
            await self._converse(scope, receive, send, address)

    async def _converse(self, scope: Scope, receive: Receive, send: Send, address: str | None) -> None:
        offered: list[str] = scope["subprotocols"]
        if messages.SUBPROTOCOL not in offered:
            await _refuse_subprotocol(send, offered)
            return
        await send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
        conversation = Conversation(
            WebSocket(scope, send, unsent_bytes=self._limits.unsent_bytes),
            outbox=self._outbox,
            address=address,
            engine=self._engine,
            subscriptions=self._subscriptions,
            capacity=self._capacity,
            limits=self._limits,
        )
        with self._connections.opened(conversation):
            # Browsers send none; other clients do, as with any other request.
            credentials = header(scope, b"authorization")
            await conversation.hold(receive, self._services.rights, credentials=credentials)


async def _refuse(send: Send, refusal: RateLimited) -> None:
    """Answer the handshake with a status. Source: ASGI's extension "Websocket Denial Response"."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"retry-after", str(refusal.retry_after).encode()),
    ]
    await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": refusal.message.encode()})


async def _refuse_subprotocol(send: Send, offered: list[str]) -> None:
    # Accepted under the client's own name for it: a client that sees none of its names chosen fails the
    # handshake, and is never told why.
    await send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
    await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
