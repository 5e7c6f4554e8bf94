"""Events that clients send each other: which of them are passed on.

Source:
    Pusher docs, "Triggering client events": private and presence channels only, the name begins with
    `client-`, ten a second for each connection.
"""

from dataclasses import dataclass

from hotelmate.channels import frames
from hotelmate.channels.config import App, Limits
from hotelmate.channels.connection import Connection
from hotelmate.channels.errors import FrameRefusedError
from hotelmate.channels.frames import ClientMessage
from hotelmate.channels.names import kind_of

PREFIX = "client-"

CLIENT_EVENT_REFUSED = 4301


class Allowance:
    """A token bucket: so many events a second, and as many at once after a pause."""

    __slots__ = ("_at", "_left", "_per_second")

    def __init__(self, per_second: float, *, now: float) -> None:
        self._per_second = per_second
        self._left = per_second
        self._at = now

    def take(self, now: float) -> bool:
        """Use one up; false when there is none."""
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """An event that may be passed on; `data` is JSON."""

    name: str
    channel: str
    data: bytes


def check(
    message: ClientMessage, connection: Connection, *, app: App, limits: Limits, is_too_many: bool
) -> ClientEvent:
    """Let pass only what the rules allow.

    Raises:
        FrameRefusedError: 4301 where a limit or the app's settings stand against it, else without code.
    """
    channel = message.channel
    if channel is None:
        raise FrameRefusedError('A client event needs a string "channel".')
    if not kind_of(channel).needs_token:
        raise FrameRefusedError("Client events need a private or presence channel.", channel=channel)
    if channel not in connection.channels:
        raise FrameRefusedError(f"Not subscribed to channel {channel}", channel=channel)
    if not app.client_events:
        raise _refusal("Client events are not enabled for this app.", channel)
    if is_too_many:
        raise _refusal(f"At most {limits.client_events_per_second} client events a second.", channel)
    if len(message.event) > limits.event_name_characters:
        raise _refusal(f"An event's name has at most {limits.event_name_characters} characters.", channel)
    data = frames.encoded(message.data)
    if _size(message.data, data) > limits.event_bytes:
        raise _refusal(f"An event's data must not be larger than {limits.event_bytes} bytes.", channel)
    return ClientEvent(message.event, channel, data)


def _refusal(message: str, channel: str) -> FrameRefusedError:
    return FrameRefusedError(message, code=CLIENT_EVENT_REFUSED, channel=channel)


def _size(data: object, encoded: bytes) -> int:
    """Measure a string as what it says and not as its JSON, as for events of the HTTP API."""
    return frames.byte_length(data) if isinstance(data, str) else len(encoded)
