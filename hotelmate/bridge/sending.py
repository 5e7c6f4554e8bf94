"""What the bridge asks of whatever takes its messages: Pusher, the embedded server, or a test's endpoint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hotelmate.events.log import Event

MESSAGES_PER_REQUEST = 10
DATA_BYTES = 10_240


@dataclass(frozen=True, slots=True)
class LegacyMessage:
    """One event as the frontends of today hear it on one channel; `data` is the JSON text of an object."""

    channel: str
    event_name: str
    data: str


MessagesOf = Callable[[Event], Sequence[LegacyMessage]]
"""What goes out for an event, always the same; empty when nothing does."""


class Refused(Exception):
    """None of the batch was taken, and sending it again would not help."""


class Unreachable(Exception):
    """The batch may or may not have been taken; sending it again can help, and can repeat it."""

    def __init__(self, message: str, *, retry_after_seconds: float = 0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Sender(Protocol):
    """Takes messages for the frontends."""

    async def send_batch(self, batch: Sequence[LegacyMessage]) -> None:
        """Send one hotel's next messages in a single request, oldest first.

        Args:
            batch: 1 to 10 messages; each `data` is at most 10 240 bytes of UTF-8 (bytes, not characters).

        Raises:
            Refused: the receiver took none of the batch and never will.
            Unreachable: everything else that can go wrong; the receiver may have taken the batch.

        Source:
            10 per request: Pusher blog, "Batch Events API". 10 kB each: Pusher docs, "Publishing events".
        """
