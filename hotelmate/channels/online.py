"""Which users are online, by which connections, and who watches them.

Source:
    Pusher docs, "Watchlist events".
"""

from hotelmate.channels import frames
from hotelmate.channels.connection import Connection
from hotelmate.channels.signin import User

ONLINE = "online"
OFFLINE = "offline"


class Online:
    """The signed-in users of one app.

    A user is online as long as one connection is signed in as it, here or on another server. Watchers are
    told by the server that they are connected to.
    """

    def __init__(self) -> None:
        self._connections: dict[str, set[Connection]] = {}
        self._servers: dict[str, int] = {}
        self._watchers: dict[str, set[Connection]] = {}

    @property
    def here(self) -> set[str]:
        """The users with a connection here, as a copy."""
        return set(self._connections)

    def connections_of(self, user_id: str) -> frozenset[Connection]:
        """Every connection here that is signed in as this user, as a copy."""
        return frozenset(self._connections.get(user_id, ()))

    def sign_in(self, connection: Connection, user: User) -> bool:
        """Count a connection as this user's; tell its watchers, and tell it whom it watches.

        Returns:
            Whether it is the user's first here.
        """
        was_online = self._is_online(user.user_id)
        is_first_here = user.user_id not in self._connections
        connection.user = user
        self._connections.setdefault(user.user_id, set()).add(connection)
        if not was_online:
            self._tell_watchers(ONLINE, user.user_id)
        for watched in user.watchlist:
            self._watchers.setdefault(watched, set()).add(connection)
        already_online = [watched for watched in user.watchlist if self._is_online(watched)]
        if already_online:
            connection.socket.write(frames.watchlist_events(ONLINE, already_online))
        return is_first_here

    def sign_out(self, connection: Connection, user: User) -> bool:
        """Take back what `sign_in` did, as the connection ends; true when it was the user's last here."""
        for watched in user.watchlist:
            _discard(self._watchers, watched, connection)
        _discard(self._connections, user.user_id, connection)
        if not self._is_online(user.user_id):
            self._tell_watchers(OFFLINE, user.user_id)
        return user.user_id not in self._connections

    def come_elsewhere(self, user_id: str) -> None:
        """Count one server more that the user is on."""
        was_online = self._is_online(user_id)
        self._servers[user_id] = self._servers.get(user_id, 0) + 1
        if not was_online:
            self._tell_watchers(ONLINE, user_id)

    def go_elsewhere(self, user_id: str) -> None:
        """Count one server less."""
        self._servers[user_id] -= 1
        if not self._servers[user_id]:
            del self._servers[user_id]
        if not self._is_online(user_id):
            self._tell_watchers(OFFLINE, user_id)

    def _is_online(self, user_id: str) -> bool:
        return user_id in self._connections or user_id in self._servers

    def _tell_watchers(self, change: str, user_id: str) -> None:
        watchers = self._watchers.get(user_id)
        if watchers:
            frame = frames.watchlist_events(change, [user_id])
            for watcher in watchers:
                watcher.socket.write(frame)


def _discard(groups: dict[str, set[Connection]], key: str, connection: Connection) -> None:
    """Take a connection out of a group, and forget the group with its last."""
    group = groups[key]
    group.remove(connection)
    if not group:
        del groups[key]
