"""What a hub tells the other servers through; a server that is alone tells nobody."""

from collections.abc import Sequence
from typing import Protocol

from hotelmate.channels.messages import Message


class Peers(Protocol):
    """The other servers with the same apps."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Tell them something that must reach them.

        Raises:
            BackplaneDownError: it may not have.
        """

    def post(self, message: Message) -> None:
        """Tell them something soon, if that is possible."""


class Alone:
    """No other servers."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Do nothing."""

    def post(self, message: Message) -> None:
        """Do nothing."""


ALONE = Alone()
