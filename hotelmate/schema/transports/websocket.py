"""GraphQL over WebSockets: the subprotocol graphql-transport-ws, and no other.

Source: PROTOCOL.md of enisdenjo/graphql-ws. Its client comes back by itself, unless the code is 4400, 4401,
4406, 4409, 4429, one of its own, or most of 1xxx. Those are for the client's mistakes; what it should come
back from is closed with

    1001  the server is stopping
    1013  who opened the socket cannot be found out at present: the database is away
    4403  the rights of whoever opened the socket have ended
    4408  no connection_init in time; or a ping without an answer, for which graphql-ws's recipes use it too
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Never

from starlette.types import Receive, Scope, Send

from hotelmate.errors import Refused, Unavailable
from hotelmate.identity.actors import Actor
from hotelmate.identity.rights import Rights
from hotelmate.schema.context import Services
from hotelmate.schema.errors import formatted_errors
from hotelmate.schema.transports import messages
from hotelmate.schema.transports.asgi import header
from hotelmate.schema.transports.connections import Connection, Connections, End, Ended, run_until_ended
from hotelmate.schema.transports.execution import Answer, Engine
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.messages import (
    Complete,
    ConnectionInit,
    InvalidMessage,
    Message,
    Ping,
    Pong,
    Subscribe,
)
from hotelmate.schema.transports.operations import RequestError
from hotelmate.schema.transports.origins import is_trusted
from hotelmate.schema.transports.subscriptions import Subscriptions

_LONGEST_REASON_BYTES = 123


class TooManyOperations(Refused):
    """The socket has as many operations under way as one may have."""

    code = "RATE_LIMITED"


class WebSocketTransport:
    """The ASGI application for the `websocket` scope."""

    def __init__(
        self,
        engine: Engine,
        subscriptions: Subscriptions,
        services: Services,
        connections: Connections,
        limits: Limits,
    ) -> None:
        self._engine = engine
        self._subscriptions = subscriptions
        self._services = services
        self._connections = connections
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        await receive()
        origin, host = header(scope, b"origin"), header(scope, b"host")
        if not is_trusted(origin, host, self._services.settings.cors_origins):
            # Before the socket is accepted, this is HTTP's 403.
            await send({"type": "websocket.close"})
            return
        offered: list[str] = scope["subprotocols"]
        if messages.SUBPROTOCOL not in offered:
            await _refuse_subprotocol(send, offered)
            return
        await send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL})
        with self._connections.opened() as connection:
            await Socket(
                receive,
                send,
                connection,
                engine=self._engine,
                subscriptions=self._subscriptions,
                rights=self._services.rights,
                limits=self._limits,
            ).serve()


class Socket:
    """One accepted socket. Everything that it starts ends with it."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        connection: Connection,
        *,
        engine: Engine,
        subscriptions: Subscriptions,
        rights: Rights,
        limits: Limits,
    ) -> None:
        self._receive = receive
        self._asgi_send = send
        self._connection = connection
        self._engine = engine
        self._subscriptions = subscriptions
        self._rights = rights
        self._limits = limits
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()

    async def serve(self) -> None:
        """Answer what comes until the socket is closed, by whichever side."""
        end = await run_until_ended(self._converse)
        if end is not None:
            await self._close(end)

    async def _converse(self, tasks: asyncio.TaskGroup) -> Never:
        tasks.create_task(self._watch_silence(tasks))
        actor = await self._introduction()
        with self._connection.with_rights_of(actor, self._rights):
            await self._send(messages.ACKNOWLEDGED)
            while True:
                await self._obey(await self._message(), actor, tasks)

    async def _introduction(self) -> Actor:
        """Wait for the client to say who it is."""
        try:
            async with asyncio.timeout(self._limits.init_seconds):
                while not isinstance(message := await self._message(), ConnectionInit):
                    match message:
                        case Subscribe():
                            raise Ended(End(4401, "Unauthorized"))
                        case Ping():
                            await self._send(message.answer)
        except TimeoutError:
            raise Ended(End(4408, "Connection initialisation timeout")) from None
        try:
            return await self._engine.identify(message.credentials)
        except Unavailable as error:
            raise Ended(End(1013, error.message)) from error

    async def _obey(self, message: Message, actor: Actor, tasks: asyncio.TaskGroup) -> None:
        match message:
            case Subscribe():
                await self._start(message, actor, tasks)
            case Complete():
                self._stop(message.id)
            case Ping():
                await self._send(message.answer)
            case Pong():
                pass
            case ConnectionInit():
                raise Ended(End(4429, "Too many initialisation requests"))

    async def _start(self, message: Subscribe, actor: Actor, tasks: asyncio.TaskGroup) -> None:
        if message.id in self._operations:
            raise Ended(End(4409, f"Subscriber for {message.id} already exists"))
        if len(self._operations) >= self._limits.socket_operations:
            refusal = TooManyOperations(f"At most {self._limits.socket_operations} operations at a time.")
            await self._send_error(message.id, RequestError.of(refusal))
            return
        self._operations[message.id] = tasks.create_task(self._carry_out(message, actor))

    def _stop(self, operation_id: str) -> None:
        """Stop an operation that the client wants no more of; it may have ended by itself in the meantime."""
        task = self._operations.pop(operation_id, None)
        if task is not None:
            task.cancel()

    async def _carry_out(self, message: Subscribe, actor: Actor) -> None:
        """Send an operation's results, and then its end."""
        # Before its last message the id is given up: once the client has that, it may use the id again.
        try:
            await self._send_results(message, actor)
        except RequestError as error:
            del self._operations[message.id]
            await self._send_error(message.id, error)
        else:
            del self._operations[message.id]
            await self._send(messages.complete(message.id))

    async def _send_results(self, message: Subscribe, actor: Actor) -> None:
        with self._connection.at_work():
            outcome = await self._engine.perform(message.request, lambda _context: actor)
            if isinstance(outcome, Answer):
                await self._send(messages.next_result(message.id, outcome.payload))
                return
        async with aclosing(self._subscriptions.follow(outcome)) as updates:
            async for update in updates:
                await self._send(messages.next_result(message.id, update.payload))

    async def _watch_silence(self, tasks: asyncio.TaskGroup) -> Never:
        """Ping a client that has long been silent, and give it up when it stays so."""
        patience = self._limits.ping_seconds
        while True:
            heard_at = self._heard_at
            await self._connection.hold_until(heard_at + patience)
            if self._heard_at > heard_at:
                continue
            # Not awaited: to a client that does not read it would wait for longer than we do.
            tasks.create_task(self._send(messages.PING))
            await self._connection.hold_until(heard_at + 2 * patience)
            if self._heard_at == heard_at:
                raise Ended(End(4408, "No answer to a ping"))

    async def _message(self) -> Message:
        """Return the client's next message."""
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise Ended
        self._heard_at = self._loop.time()
        text = event.get("text")
        if text is None:
            raise Ended(End(4400, "Messages are text"))
        frame = text.encode()
        if len(frame) > self._limits.frame_bytes:
            raise Ended(End(4400, f"Messages are at most {self._limits.frame_bytes} bytes"))
        try:
            return messages.parse(frame)
        except InvalidMessage as invalid:
            raise Ended(End(4400, str(invalid))) from None

    async def _send_error(self, operation_id: str, error: RequestError) -> None:
        await self._send(messages.error(operation_id, formatted_errors(error.errors)))

    async def _send(self, text: str) -> None:
        """Send a frame, waiting for as long as the client does not read."""
        try:
            await self._asgi_send({"type": "websocket.send", "text": text})
        except OSError:
            # What ASGI raises once the client is gone.
            raise Ended from None

    async def _close(self, end: End) -> None:
        reason = end.reason.encode()[:_LONGEST_REASON_BYTES].decode(errors="ignore")
        # To a client that does not read this would wait for ever; the server then cuts the connection.
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(self._limits.farewell_seconds):
                await self._asgi_send({"type": "websocket.close", "code": end.code, "reason": reason})


async def _refuse_subprotocol(send: Send, offered: list[str]) -> None:
    # Accepted under the client's own name for it: a client that sees none of its names chosen fails the
    # handshake, and is never told why.
    await send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
    await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
