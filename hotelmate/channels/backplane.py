"""The line between servers that share the clients of the same apps: what each asks of it."""

from collections.abc import Sequence
from typing import Protocol

from hotelmate.channels.errors import ChannelsError


class BackplaneDownError(ChannelsError):
    """The other servers cannot be reached at present."""


class Listener(Protocol):
    """Whoever is told of what comes along the line."""

    def connected(self, *, has_missed: bool) -> None:
        """From now on everything arrives. With `has_missed`, something has been lost since the last time."""

    def receive(self, sender: str, message: bytes) -> None:
        """Take what another server has said."""


class Backplane(Protocol):
    """Carries messages between servers.

    What one sends arrives at every other once, and everywhere in the same order. A server that has been cut
    off is told what it missed, or that it can no longer be told.
    """

    @property
    def server_id(self) -> str:
        """What the other servers call this one."""

    @property
    def is_connected(self) -> bool:
        """Whether what others say arrives at present."""

    async def start(self, listener: Listener, *, look_back_seconds: float) -> None:
        """Begin to listen, with what was said in the last seconds, and connect if that is possible soon."""

    async def stop(self) -> None:
        """Send what waits, if that is possible soon, and listen no more."""

    async def send(self, messages: Sequence[bytes]) -> None:
        """Put messages on the line.

        Raises:
            BackplaneDownError: they may or may not be on it; sending them again can repeat them.
        """

    def post(self, message: bytes, *, is_lasting: bool = False) -> None:
        """Send a message soon. When that is not possible it is lost, unless it is `is_lasting`."""
