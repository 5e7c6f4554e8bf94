"""The server as an ASGI application: a door for sockets, one for requests, and one within the process.

    server = ChannelsServer([App(id="1000", key="…", secret="…")])

It serves `/app/{key}` to clients, and `/apps/…` and `/users/…` to server libraries, as the hosted Pusher
does. Clients need uvicorn with `ws=TransportWebSockets` of `hotelmate.sockets`.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from starlette.types import Receive, Scope, Send

from hotelmate.channels import frames
from hotelmate.channels.api import Api
from hotelmate.channels.backplane import Backplane
from hotelmate.channels.cluster import Cluster
from hotelmate.channels.config import App, Limits
from hotelmate.channels.connection import Connection, Heartbeat
from hotelmate.channels.errors import HandshakeRefusedError
from hotelmate.channels.handshake import OVER_CAPACITY, admit
from hotelmate.channels.hub import Hub
from hotelmate.channels.messages import Note
from hotelmate.channels.peers import ALONE
from hotelmate.channels.requests import Request, Response, answer
from hotelmate.channels.session import Session
from hotelmate.channels.sockets import Socket
from hotelmate.channels.webhooks import Webhooks
from hotelmate.http.pace import TooSlow
from hotelmate.sockets import Outbox
from hotelmate.sockets.addresses import client_address, network_of
from hotelmate.sockets.places import NoPlaceError, Place, Places

PATH_PREFIXES = ("/app/", "/apps/", "/users/")

RECONNECT_NOW = 4200
GOING_AWAY = 1001

_SPREAD_PER_CONNECTION = 0.02
_RECONNECT_SPREAD_SECONDS = 3.0


class ChannelsServer:
    """An embedded Pusher Channels server for one or more apps."""

    def __init__(
        self,
        apps: Iterable[App],
        *,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        backplane: Backplane | None = None,
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        """Prepare to serve.

        Args:
            apps: what is served.
            limits: what clients and requests may ask for.
            clock: tells the time of day, by which requests are judged.
            backplane: connects this server with others of the same apps, between `start` and `close`.
            on_note: called with what the applications around the others have said (`note`).
        """
        self._on_note = on_note
        self._limits = limits or Limits()
        self._addresses = Places("address", self._limits.connections_per_address)
        self._webhooks: list[Webhooks] = []
        self._cluster = None if backplane is None else self._cluster_over(backplane)
        self._hubs = {app.id: self._hub(app, clock) for app in apps}
        self._api = Api(self._hubs, self._limits, clock=clock)
        self._heartbeat = Heartbeat(self._connections, self._limits)
        self._outbox = Outbox()
        self._is_closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket or one request, as ASGI describes."""
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        else:
            await self._serve_request(scope, receive, send)

    async def handle(self, request: Request) -> Response:
        """Answer a request to the HTTP API from within the process; it must be signed like any other."""
        return await self._api.answer(request)

    def has_socket(self, socket_id: str) -> bool:
        """Whether a client with this socket id is connected."""
        return any(hub.connection(socket_id) is not None for hub in self._hubs.values())

    def disconnect_socket(
        self, socket_id: str, *, code: int = RECONNECT_NOW, reason: str = "Connect and authorize again"
    ) -> None:
        """Begin to close one client, if it is connected; no signature made for it is of use any more."""
        for hub in self._hubs.values():
            connection = hub.connection(socket_id)
            if connection is not None:
                connection.socket.close(code, reason)

    @property
    def connection_count(self) -> int:
        """How many clients are connected to this server."""
        return sum(hub.connection_count for hub in self._hubs.values())

    @property
    def subscription_count(self) -> int:
        """How many subscriptions to channels they have."""
        return sum(
            len(channel) - channel.elsewhere for hub in self._hubs.values() for channel in hub.channels
        )

    def note(self, text: str) -> None:
        """Have the applications around the other servers told something, as soon as that is possible."""
        if self._cluster is not None:
            self._cluster.post(Note(text=text))

    async def start(self) -> None:
        """Join the other servers, if there is a backplane."""
        if self._cluster is not None:
            await self._cluster.start(self._hubs)

    async def close(self, *, spread_seconds: float = 0) -> None:
        """Turn new clients away and close those that are here; both try again after a second.

        Closing is spread over a while, lest all come back at once; over less when there are few.
        """
        self._is_closing = True
        self._heartbeat.stop()
        connections = list(self._connections())
        pause = min(spread_seconds, len(connections) * _SPREAD_PER_CONNECTION) / max(len(connections), 1)
        for connection in connections:
            connection.socket.close(GOING_AWAY, "The server is going away")
            # One turn of the loop is what a close frame takes, unless the client is not reading anyway.
            await asyncio.sleep(pause)
        if self._cluster is not None:
            await self._cluster.stop()
        for webhooks in self._webhooks:
            await webhooks.close()

    def _hub(self, app: App, clock: Callable[[], float]) -> Hub:
        peers = self._cluster or ALONE
        if app.webhook_url is None:
            return Hub(app, self._limits, peers=peers)
        webhooks = Webhooks(app, app.webhook_url, clock=clock)
        self._webhooks.append(webhooks)
        return Hub(app, self._limits, notify=webhooks.notify, peers=peers)

    def _cluster_over(self, backplane: Backplane) -> Cluster:
        return Cluster(
            backplane,
            silent_seconds=self._limits.silent_server_seconds,
            on_note=self._on_note or _ignore,
            on_missed=self._have_all_reconnect,
        )

    def _have_all_reconnect(self) -> None:
        """Have clients that may have missed an event come back: they then look for what they missed."""
        loop = asyncio.get_running_loop()
        for connection in self._connections():
            delay = random.uniform(0, _RECONNECT_SPREAD_SECONDS)  # noqa: S311 - no secret
            loop.call_later(delay, connection.socket.close, RECONNECT_NOW, "Something may have been missed")

    def _connections(self) -> Iterator[Connection]:
        return chain.from_iterable(hub.connections for hub in self._hubs.values())

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        socket = Socket(scope, send, self._outbox, unsent_bytes=self._limits.unsent_bytes)
        try:
            hub = self._admit(scope)
            place = self._place(scope)
        except HandshakeRefusedError as refused:
            socket.write(frames.error(refused.reason, code=refused.code))
            socket.close(refused.code, refused.reason)
            await _until_disconnected(receive)
        else:
            with place:
                await self._converse(hub, socket, receive)

    def _admit(self, scope: Scope) -> Hub:
        if self._is_closing:
            raise HandshakeRefusedError(OVER_CAPACITY, "The server is going away")
        return admit(
            self._hubs.values(),
            path=scope["path"],
            query_string=scope["query_string"].decode("latin-1"),
            headers=_headers(scope),
            limits=self._limits,
        )

    def _place(self, scope: Scope) -> Place:
        address = client_address(scope)
        try:
            return self._addresses.take(None if address is None else network_of(address))
        except NoPlaceError:
            raise HandshakeRefusedError(OVER_CAPACITY, "Too many connections from this address") from None

    async def _converse(self, hub: Hub, socket: Socket, receive: Receive) -> None:
        """Take in a client and obey it until it has gone."""
        clock = asyncio.get_running_loop().time
        connection = hub.connect(socket, now=clock())
        session = Session(hub, connection, self._limits)
        self._heartbeat.start()
        socket.write(
            frames.connection_established(
                socket_id=connection.socket_id,
                activity_timeout_seconds=self._limits.activity_timeout_seconds,
            )
        )
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                session.receive(message.get("text"), now=clock())
        finally:
            hub.disconnect(connection)

    async def _serve_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(scope, receive)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()
        ]
        headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        try:
            body = await _read_body(receive, longest=self._limits.request_bytes)
        except TooSlow as error:
            return answer({"error": str(error), "code": 408}, status=408, headers={"connection": "close"})
        return await self.handle(
            Request(
                method=scope["method"],
                path=scope["path"],
                query_string=scope["query_string"].decode("latin-1"),
                headers=_headers(scope),
                body=body,
            )
        )


def _ignore(_: str) -> None:
    """Take the place of an application that does not listen."""


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _read_body(receive: Receive, *, longest: int) -> bytes:
    """Read a body, and of one that is too long enough to see that it is."""
    body = bytearray()
    while len(body) <= longest:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)
