"""One client: its id, its socket, who it is, and when it was last heard."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hotelmate.channels import frames
from hotelmate.channels.config import Limits
from hotelmate.channels.signin import User
from hotelmate.channels.sockets import Socket

NO_PONG = 4201

_HALF_SOCKET_ID = 10**10


def new_socket_id() -> str:
    """Make an id in the one form that server libraries accept: digits, a dot, digits.

    It is part of every token, so it cannot be guessed.
    """
    return f"{secrets.randbelow(_HALF_SOCKET_ID)}.{secrets.randbelow(_HALF_SOCKET_ID)}"


@dataclass(slots=True, eq=False)
class Connection:
    """One client, the names of the channels that it is subscribed to, and who it has signed in as."""

    socket_id: str
    socket: Socket
    heard_at: float
    pinged_at: float | None = None
    user: User | None = None
    channels: set[str] = field(default_factory=set)

    def heard(self, now: float) -> None:
        """Note a sign of life; anything received is one."""
        self.heard_at = now
        self.pinged_at = None


class Heartbeat:
    """Ping connections that have been silent, and close those that do not answer.

    One timer serves all connections. It looks four times within the shorter of the two periods, so a ping
    and a close come late by a quarter of that at most. It rests while there is nobody to look at.
    """

    def __init__(self, connections: Callable[[], Iterable[Connection]], limits: Limits) -> None:
        self._connections = connections
        self._limits = limits
        self._pause = min(limits.activity_timeout_seconds, limits.pong_timeout_seconds) / 4
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look, unless that has begun."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._beat)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        for connection in self._connections():
            self._look_after(connection, now)
            # There is somebody, so there will be something to see next time.
            self.start()

    def _look_after(self, connection: Connection, now: float) -> None:
        if connection.pinged_at is not None:
            if now - connection.pinged_at >= self._limits.pong_timeout_seconds:
                connection.socket.close(NO_PONG, "Pong reply not received in time")
        elif now - connection.heard_at >= self._limits.activity_timeout_seconds:
            connection.pinged_at = now
            connection.socket.write(frames.PING)
