"""One client's conversation: each message it sends, what it means, and what it is told."""

from collections.abc import Callable
from dataclasses import replace

from hotelmate.channels import client_events, frames, signin, subscriptions
from hotelmate.channels.client_events import Allowance
from hotelmate.channels.config import Limits
from hotelmate.channels.connection import Connection
from hotelmate.channels.errors import FrameRefusedError, SubscriptionRefusedError
from hotelmate.channels.frames import ClientMessage
from hotelmate.channels.hub import Hub
from hotelmate.channels.names import user_of
from hotelmate.channels.signin import User


class Session:
    """Obeys the messages of one connection, from `connection_established` to its end."""

    __slots__ = ("_allowance", "_connection", "_hub", "_limits")

    def __init__(self, hub: Hub, connection: Connection, limits: Limits) -> None:
        self._hub = hub
        self._connection = connection
        self._limits = limits
        self._allowance = Allowance(limits.client_events_per_second, now=connection.heard_at)

    def receive(self, text: str | None, *, now: float) -> None:
        """Do what the client asks for, or tell it why not; None stands for a binary message.

        Nothing a client can send raises. Who is being sent away is not obeyed any more.
        """
        if self._connection.socket.is_closing:
            return
        self._connection.heard(now)
        try:
            self._obey(self._parse(text))
        except FrameRefusedError as refused:
            answer = frames.error(refused.message, code=refused.code, channel=refused.channel)
            self._connection.socket.write(answer)
        except SubscriptionRefusedError as refused:
            answer = frames.subscription_error(
                refused.channel, refused.message, kind=refused.kind, status=refused.status
            )
            self._connection.socket.write(answer)

    def _parse(self, text: str | None) -> ClientMessage:
        if text is None:
            raise FrameRefusedError("Binary messages are not supported.")
        if frames.byte_length(text) > self._limits.frame_bytes:
            raise FrameRefusedError(f"A message has at most {self._limits.frame_bytes} bytes.")
        return frames.parse(text)

    def _obey(self, message: ClientMessage) -> None:
        if message.event.startswith(client_events.PREFIX):
            self._client_event(message)
        elif message.event in _HANDLERS:
            _HANDLERS[message.event](self, message)
        else:
            raise FrameRefusedError(f"Unknown event {message.event}", channel=message.channel)

    def _ping(self, _: ClientMessage) -> None:
        self._connection.socket.write(frames.PONG)

    def _pong(self, _: ClientMessage) -> None:
        """Having been heard is all that a pong is for."""

    def _subscribe(self, message: ClientMessage) -> None:
        request = subscriptions.parse(message.data)
        if user_of(request.channel) is not None:
            # What is sent to a user goes to all connections that are signed in as it, so joining the
            # user's own channel adds nothing; pusher-js waits for the confirmation all the same.
            subscriptions.check_user_channel(request, self._connection)
            self._connection.socket.write(frames.subscription_succeeded(request.channel))
            return
        member = subscriptions.check(request, self._connection, hub=self._hub, limits=self._limits)
        self._hub.subscribe(self._connection, request.channel, member)

    def _unsubscribe(self, message: ClientMessage) -> None:
        channel = frames.unwrapped(message.data).get("channel")
        # Leaving a channel that one is not in changes nothing, so it is no error.
        if isinstance(channel, str) and channel in self._connection.channels:
            self._hub.unsubscribe(self._connection, channel)

    def _client_event(self, message: ClientMessage) -> None:
        is_too_many = not self._allowance.take(self._connection.heard_at)
        event = client_events.check(
            message, self._connection, app=self._hub.app, limits=self._limits, is_too_many=is_too_many
        )
        self._hub.relay(self._connection, event)

    def _sign_in(self, message: ClientMessage) -> None:
        connection = self._connection
        accepted = signin.check(
            message.data, socket_id=connection.socket_id, app=self._hub.app, limits=self._limits
        )
        if connection.user is not None and connection.user.user_id != accepted.user.user_id:
            raise FrameRefusedError("Signed in as another user already.", code=signin.NOT_AUTHORIZED)
        connection.socket.write(frames.signin_success(accepted.user_data))
        if connection.user is None:
            self._take_in(accepted.user)

    def _take_in(self, user: User) -> None:
        """Sign the user in, who watches nobody if it wants to watch too many."""
        if len(user.watchlist) <= self._limits.watchlist_users:
            self._hub.sign_in(self._connection, user)
            return
        self._hub.sign_in(self._connection, replace(user, watchlist=()))
        message = f"A watchlist has at most {self._limits.watchlist_users} users."
        raise FrameRefusedError(message, code=signin.WATCHLIST_TOO_LONG)


_HANDLERS: dict[str, Callable[[Session, ClientMessage], None]] = {
    "pusher:ping": Session._ping,
    "pusher:pong": Session._pong,
    "pusher:subscribe": Session._subscribe,
    "pusher:unsubscribe": Session._unsubscribe,
    "pusher:signin": Session._sign_in,
}
