"""One client's conversation in graphql-transport-ws: each message it sends, and what comes of it.

Source: PROTOCOL.md of enisdenjo/graphql-ws. What the codes mean to its client: `websocket`.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from starlette.types import Receive

from hotelmate.errors import RateLimited, Refused, Unavailable
from hotelmate.identity.actors import Actor
from hotelmate.identity.rights import Rights
from hotelmate.schema.errors import formatted_errors
from hotelmate.schema.transports import messages
from hotelmate.schema.transports.capacity import Capacity
from hotelmate.schema.transports.connections import RIGHTS_ENDED, Connection, End
from hotelmate.schema.transports.execution import Answer, Engine
from hotelmate.schema.transports.groups import Member, Update
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
from hotelmate.schema.transports.subscriptions import Subscriptions
from hotelmate.sockets import Outbox, WebSocket, text_frame
from hotelmate.telemetry import origins

_PING = text_frame(messages.PING)


class TooManyOperations(Refused):
    """The socket has as many operations under way as one may have."""

    code = "RATE_LIMITED"


class Ended(Exception):
    """The conversation is over. Without an `end` there is nothing to tell the client, or no client."""

    def __init__(self, end: End | None = None) -> None:
        super().__init__(end)
        self.end = end


class Conversation(Connection):
    """One accepted socket. Everything that it starts ends with it.

    An operation is a task while it is being carried out. A subscription is a member of its group from then
    on, and costs no task.
    """

    __slots__ = (
        "_address",
        "_capacity",
        "_engine",
        "_heard_at",
        "_limits",
        "_loop",
        "_operations",
        "_outbox",
        "_pinged_at",
        "_started",
        "_subscriptions",
        "_websocket",
    )

    def __init__(
        self,
        websocket: WebSocket,
        *,
        outbox: Outbox,
        address: str | None,
        engine: Engine,
        subscriptions: Subscriptions,
        capacity: Capacity,
        limits: Limits,
    ) -> None:
        super().__init__(websocket)
        self._address = address
        self._capacity = capacity
        self._websocket = websocket
        self._outbox = outbox
        self._engine = engine
        self._subscriptions = subscriptions
        self._limits = limits
        self._operations: dict[str, asyncio.Task[None] | SocketMember] = {}
        self._started = 0
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._pinged_at: float | None = None

    async def hold(self, receive: Receive, rights: Rights, *, credentials: str | None) -> None:
        """Answer what comes until the socket is closed, by whichever side.

        `credentials` came with the handshake: they count if the client does not introduce itself with others.
        """
        try:
            await self._converse(receive, rights, credentials)
        except Ended as ended:
            if ended.end is not None:
                self.end(ended.end)
                # Until the last words have gone out, and whatever the client still says.
                while (await receive())["type"] != "websocket.disconnect":
                    pass
        finally:
            await self._stop_all()

    def end(self, end: End) -> None:
        """Close the socket, and have nothing sent any more."""
        self._websocket.close(end.code, end.reason, within_seconds=self._limits.farewell_seconds)
        for operation in self._operations.values():
            if isinstance(operation, SocketMember):
                operation.leave()

    def beat(self, now: float) -> None:
        """Ping a client that has long been silent, and give it up when it stays so."""
        patience = self._limits.ping_seconds
        if self._pinged_at is None:
            if now - self._heard_at >= patience:
                self._pinged_at = now
                self._websocket.write(_PING)
        elif now - self._pinged_at >= patience:
            self.end(End(4408, "No answer to a ping"))

    def end_subscription(self, operation_id: str, error: RequestError) -> None:
        """Tell the client that one of its subscriptions cannot go on; it may use the id again."""
        del self._operations[operation_id]
        self._send_error(operation_id, error)

    async def _converse(self, receive: Receive, rights: Rights, credentials: str | None) -> None:
        actor = await self._introduction(receive, credentials)
        try:
            place = self._capacity.of_actor(actor)
        except RateLimited as refusal:
            raise Ended(End(1013, refusal.message)) from refusal
        with place, rights.watch(actor, partial(self.end, RIGHTS_ENDED)):
            self._write(messages.ACKNOWLEDGED)
            while True:
                self._obey(await self._message(receive), actor)

    async def _introduction(self, receive: Receive, credentials: str | None) -> Actor:
        """Wait for the client to say who it is."""
        try:
            async with asyncio.timeout(self._limits.init_seconds):
                while not isinstance(message := await self._message(receive), ConnectionInit):
                    match message:
                        case Subscribe():
                            raise Ended(End(4401, "Unauthorized"))
                        case Ping():
                            self._write(message.answer)
        except TimeoutError:
            raise Ended(End(4408, "Connection initialisation timeout")) from None
        try:
            return await self._engine.identify(message.credentials or credentials)
        except Unavailable as error:
            raise Ended(End(1013, error.message)) from error

    async def _message(self, receive: Receive) -> Message:
        """Return the client's next message, after it has taken what it was sent."""
        if self.writer.unsent_bytes > self._limits.unsent_bytes:
            await self.writer.drain()
        event = await receive()
        if event["type"] == "websocket.disconnect" or self._websocket.is_closing:
            raise Ended
        self._heard_at = self._loop.time()
        self._pinged_at = None
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

    def _obey(self, message: Message, actor: Actor) -> None:
        match message:
            case Subscribe():
                self._start(message, actor)
            case Complete():
                # It may have ended by itself in the meantime.
                if message.id in self._operations:
                    _stop(self._operations.pop(message.id))
            case Ping():
                self._write(message.answer)
            case Pong():
                pass
            case ConnectionInit():
                raise Ended(End(4429, "Too many initialisation requests"))

    def _start(self, message: Subscribe, actor: Actor) -> None:
        if message.id in self._operations:
            raise Ended(End(4409, f"Subscriber for {message.id} already exists"))
        if len(self._operations) >= self._limits.socket_operations:
            refusal = TooManyOperations(f"At most {self._limits.socket_operations} operations at a time.")
            self._send_error(message.id, RequestError.of(refusal))
            return
        if self._operations:
            # One event can be for several subscriptions, and a group gathers what is for one by itself.
            self._websocket.gather(self._outbox)
        self._started += 1
        self._operations[message.id] = self._loop.create_task(
            self._carry_out(message, actor), context=origins.context_of_operation(self._started)
        )

    async def _carry_out(self, message: Subscribe, actor: Actor) -> None:
        """Send an operation's result and its end, or have its events sent from now on."""
        try:
            with self.at_work():
                outcome = await self._engine.perform(
                    message.request, lambda _context: actor, address=self._address
                )
            if isinstance(outcome, Answer):
                # Before its last message the id is given up: once the client has that, it may use it again.
                del self._operations[message.id]
                self._websocket.write(_answer(message.id, outcome.payload))
            else:
                member = SocketMember(self, message.id)
                self._subscriptions.join(outcome, member)
                self._operations[message.id] = member
        except RequestError as error:
            self.end_subscription(message.id, error)
        except Exception as error:  # noqa: BLE001 - logged where it becomes an error of the response
            self.end_subscription(message.id, RequestError.of(error))

    async def _stop_all(self) -> None:
        """Stop what is under way; returns when all of it has ended."""
        operations = list(self._operations.values())
        self._operations.clear()
        for operation in operations:
            _stop(operation)
        tasks = [operation for operation in operations if isinstance(operation, asyncio.Task)]
        if tasks:
            await asyncio.wait(tasks)

    def _send_error(self, operation_id: str, error: RequestError) -> None:
        self._write(messages.error(operation_id, formatted_errors(error.errors)))

    def _write(self, message: bytes) -> None:
        self._websocket.write(text_frame(message))


class SocketMember(Member):
    """The place of one of a socket's subscriptions in its group."""

    __slots__ = ("_conversation", "_id")

    def __init__(self, conversation: Conversation, operation_id: str) -> None:
        super().__init__(conversation.writer, messages.next_opening(operation_id))
        self._conversation = conversation
        self._id = operation_id

    def encode(self, updates: Sequence[Update]) -> bytes:
        """Return a frame for each update."""
        opening = self.opening
        if len(updates) == 1:
            return text_frame(messages.next_result(opening, updates[0].payload))
        return b"".join(text_frame(messages.next_result(opening, update.payload)) for update in updates)

    def fail(self, error: RequestError) -> None:
        """End the subscription."""
        self._conversation.end_subscription(self._id, error)


def _answer(operation_id: str, payload: bytes) -> bytes:
    """Return the frames of an operation's only result and its end."""
    opening = messages.next_opening(operation_id)
    return text_frame(messages.next_result(opening, payload)) + text_frame(messages.complete(operation_id))


def _stop(operation: asyncio.Task[None] | SocketMember) -> None:
    if isinstance(operation, SocketMember):
        operation.leave()
    else:
        operation.cancel()
