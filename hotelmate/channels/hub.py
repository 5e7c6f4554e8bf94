"""Who is connected to one app, what they are subscribed to, and how an event reaches them.

What a client asks for happens in one step, without waiting, so that two clients that act at the same time
cannot both see the state before. What is asked of the hub has been checked before: tokens and names by
`subscriptions`, requests by `api`. The app's clients may be connected to several servers: the hub tells its
`peers` what they have to know, and is told by them (`cluster`).
"""

from collections.abc import Iterator, Sequence

import orjson

from hotelmate.channels import frames
from hotelmate.channels.cache import EventCache
from hotelmate.channels.channel import Channel
from hotelmate.channels.client_events import ClientEvent
from hotelmate.channels.config import App, Limits
from hotelmate.channels.connection import Connection, new_socket_id
from hotelmate.channels.counts import SubscriptionCounts
from hotelmate.channels.members import Member
from hotelmate.channels.messages import ChannelChanged, ClientSaid, Published, UserChanged, UserTerminated
from hotelmate.channels.names import kind_of, user_of
from hotelmate.channels.online import Online
from hotelmate.channels.peers import ALONE, Peers
from hotelmate.channels.shares import Share
from hotelmate.channels.signin import NOT_AUTHORIZED, User
from hotelmate.channels.sockets import Socket
from hotelmate.channels.webhooks import Notify, notify_nobody

TERMINATED = "You got disconnected by the app."


class Hub:
    """The live state of one app. Channels exist as long as somebody is subscribed to them."""

    def __init__(
        self, app: App, limits: Limits, *, notify: Notify = notify_nobody, peers: Peers = ALONE
    ) -> None:
        """Begin without anybody; `notify` is handed the app's webhook events."""
        self.app = app
        self._peers = peers
        self.cache = EventCache(limits.cache_seconds)
        self.online = Online()
        self._notify = notify
        self._counts = SubscriptionCounts(notify)
        self._connections: dict[str, Connection] = {}
        self._channels: dict[str, Channel] = {}

    @property
    def connections(self) -> Iterator[Connection]:
        """Every open connection."""
        return iter(self._connections.values())

    def connection(self, socket_id: str) -> Connection | None:
        """Return the connection with this socket id; None when there is none."""
        return self._connections.get(socket_id)

    @property
    def connection_count(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    @property
    def channels(self) -> Iterator[Channel]:
        """Every channel that somebody is subscribed to, on whichever server."""
        return iter(self._channels.values())

    @property
    def share(self) -> Share:
        """What this server holds of the app."""
        here = [channel for channel in self._channels.values() if len(channel) > channel.elsewhere]
        return Share(
            subscribers={channel.name: len(channel) - channel.elsewhere for channel in here},
            members={channel.name: channel.members_here for channel in here if channel.kind.has_members},
            online=self.online.here,
        )

    def channel(self, name: str) -> Channel:
        """Return a channel as it is; an empty one when nobody is subscribed to it. Not to be changed."""
        return self._channels.get(name) or Channel(name)

    def connect(self, socket: Socket, *, now: float) -> Connection:
        """Take in a client under an id that no other has."""
        socket_id = new_socket_id()
        while socket_id in self._connections:
            socket_id = new_socket_id()
        connection = Connection(socket_id, socket, heard_at=now)
        self._connections[socket_id] = connection
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Forget a client: end its subscriptions, and sign it out."""
        for channel in list(connection.channels):
            self.unsubscribe(connection, channel)
        if connection.user is not None and self.online.sign_out(connection, connection.user):
            self._tell_of_user(connection.user.user_id, is_online=False)
        del self._connections[connection.socket_id]

    def sign_in(self, connection: Connection, user: User) -> None:
        """Note who a client is."""
        if self.online.sign_in(connection, user):
            self._tell_of_user(user.user_id, is_online=True)

    def subscribe(self, connection: Connection, name: str, member: Member | None) -> None:
        """Add a client to a channel that it is not yet in, and tell it and the other members so."""
        channel = self._channels.get(name) or self._open(name)
        come = channel.add(connection, member)
        connection.channels.add(name)
        connection.socket.write(_welcome(channel))
        if come is not None and come.is_everywhere:
            self._tell_of_arrival(channel, come.member, except_for=connection)
            self._notify({"name": "member_added", "channel": name, "user_id": come.member.user_id})
        if channel.kind.is_cached:
            self._send_last_event(connection, name)
        self._count(channel)
        self._tell_of_channel(channel, joined=come.member if come else None)

    def unsubscribe(self, connection: Connection, name: str) -> None:
        """Take a client out of a channel that it is in, and tell the other members if its user is gone."""
        channel = self._channels[name]
        connection.channels.remove(name)
        gone = channel.remove(connection)
        if gone is not None and gone.is_everywhere:
            channel.send(frames.member_removed(name, gone.member.user_id))
            self._notify({"name": "member_removed", "channel": name, "user_id": gone.member.user_id})
        self._count(channel)
        self._tell_of_channel(channel, left=gone.member if gone else None)
        if not channel:
            del self._channels[name]
            self._notify({"name": "channel_vacated", "channel": name})

    async def publish(self, events: Sequence[Published]) -> None:
        """Send events to everyone subscribed, on every server.

        Raises:
            BackplaneDownError: some servers may have them, but this one's clients do not.
        """
        await self._peers.send(events)
        for event in events:
            self.deliver(event)

    def deliver(self, event: Published) -> None:
        """Send an event to everyone subscribed here."""
        frame = frames.event(event.event, channel=event.channel, data=event.data)
        left_out = self._connections.get(event.except_for) if event.except_for else None
        user_id = user_of(event.channel)
        if user_id is not None:
            self._send_to_user(user_id, frame, except_for=left_out)
            return
        if kind_of(event.channel).is_cached:
            self.cache.keep(event.channel, event=event.event, data=event.data)
        if event.channel in self._channels:
            self._channels[event.channel].send(frame, except_for=left_out)

    def relay(self, sender: Connection, event: ClientEvent) -> None:
        """Send a client's event to everyone subscribed but itself."""
        channel = self._channels[event.channel]
        member = channel.member(sender)
        user = {} if member is None else {"user_id": member.user_id}
        frame = frames.client_event(event.name, channel=event.channel, data=event.data, user=user)
        channel.send(frame, except_for=sender)
        self._peers.post(
            ClientSaid(
                app_id=self.app.id,
                channel=event.channel,
                event=event.name,
                data=event.data.decode(),
                user_id=None if member is None else member.user_id,
            )
        )
        self._notify(
            {
                "name": "client_event",
                "channel": event.channel,
                "event": event.name,
                "data": orjson.Fragment(event.data),
                "socket_id": sender.socket_id,
                **user,
            }
        )

    def deliver_client_event(self, said: ClientSaid) -> None:
        """Send the event of a client of another server to everyone subscribed here."""
        if said.channel in self._channels:
            user = {} if said.user_id is None else {"user_id": said.user_id}
            frame = frames.client_event(said.event, channel=said.channel, data=said.data.encode(), user=user)
            self._channels[said.channel].send(frame)

    async def terminate(self, user_id: str) -> None:
        """Close every connection that is signed in as this user, on every server. It may come back.

        Raises:
            BackplaneDownError: some servers may have done so, but this one has not.
        """
        await self._peers.send([UserTerminated(app_id=self.app.id, user_id=user_id)])
        self.terminate_here(user_id)

    def terminate_here(self, user_id: str) -> None:
        """Close this user's connections to this server."""
        for connection in self.online.connections_of(user_id):
            connection.socket.write(frames.error(TERMINATED, code=NOT_AUTHORIZED))
            connection.socket.close(NOT_AUTHORIZED, TERMINATED)

    def count_elsewhere(self, name: str, *, by: int) -> None:
        """Note that so many more, or fewer, are subscribed on other servers."""
        channel = self._channels.setdefault(name, Channel(name))
        channel.elsewhere += by
        self._count(channel, is_here=False)
        if not channel:
            del self._channels[name]

    def come_elsewhere(self, name: str, member: Member) -> None:
        """Note that a user has come to a channel on one more server; somebody is subscribed there."""
        channel = self._channels[name]
        if channel.roster.join(member):
            self._tell_of_arrival(channel, member)

    def go_elsewhere(self, name: str, member: Member) -> None:
        """Note that a user has left a channel on another server, where somebody is still subscribed."""
        channel = self._channels[name]
        if channel.roster.leave(member):
            channel.send(frames.member_removed(name, member.user_id))

    def _tell_of_arrival(
        self, channel: Channel, member: Member, *, except_for: Connection | None = None
    ) -> None:
        channel.send(frames.member_added(channel.name, member.user_id, member.info), except_for=except_for)

    def _tell_of_channel(
        self, channel: Channel, *, joined: Member | None = None, left: Member | None = None
    ) -> None:
        """Tell the other servers what has changed here."""
        self._peers.post(
            ChannelChanged(
                app_id=self.app.id,
                channel=channel.name,
                subscribers=len(channel) - channel.elsewhere,
                joined=joined.user_id if joined else None,
                info=joined.info.decode() if joined else "null",
                left=left.user_id if left else None,
            )
        )

    def _tell_of_user(self, user_id: str, *, is_online: bool) -> None:
        self._peers.post(UserChanged(app_id=self.app.id, user_id=user_id, is_online=is_online))

    def _send_to_user(self, user_id: str, frame: bytes, *, except_for: Connection | None) -> None:
        for connection in self.online.connections_of(user_id):
            if connection is not except_for:
                connection.socket.write(frame)

    def _count(self, channel: Channel, *, is_here: bool = True) -> None:
        if self.app.subscription_counts and not channel.kind.has_members:
            self._counts.changed(channel, is_here=is_here)

    def _open(self, name: str) -> Channel:
        channel = self._channels[name] = Channel(name)
        self._notify({"name": "channel_occupied", "channel": name})
        return channel

    def _send_last_event(self, connection: Connection, name: str) -> None:
        cached = self.cache.get(name)
        if cached is not None:
            connection.socket.write(frames.event(cached.event, channel=name, data=cached.data))
            return
        connection.socket.write(frames.cache_miss(name))
        self._notify({"name": "cache_miss", "channel": name})


def _welcome(channel: Channel) -> bytes:
    if channel.kind.has_members:
        info_by_user = {member.user_id: member.info for member in channel.roster}
        return frames.presence_subscription_succeeded(channel.name, info_by_user)
    return frames.subscription_succeeded(channel.name)
