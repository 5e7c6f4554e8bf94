"""How long and how much the GraphQL transports put up with; tests set them lower."""

from dataclasses import dataclass
from typing import Self

from hotelmate.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are in seconds, sizes in bytes."""

    body_bytes: int = 1024 * 1024
    """A request's body; refused with 413 beyond."""

    files: int = 3
    """With one request; what each of them may have is a setting."""

    frame_bytes: int = 256 * 1024
    """A WebSocket message; the socket is closed with 4400 beyond."""

    socket_operations: int = 100
    """Operations that are under way at once on one socket; one more is answered with an error."""

    groups: int = 10_000
    """Different subscriptions that the process follows at once; one more is answered with an error."""

    groups_per_address: int = 2_000
    """Of them, opened from one address; one more is answered with an error."""

    followed_characters: int = 1_000_000
    """In all the different documents that are followed; parsed, they take up to 300 times as many bytes."""

    followed_characters_per_address: int = 200_000
    """In those of them that one address has opened groups with."""

    unsent_bytes: int = 64 * 1024
    """To a client that leaves more unread, events are not sent before it has read most of that."""

    stalled_seconds: float = 20
    """A client that takes nothing of what waits for it for so long is cut off."""

    init_seconds: float = 5
    """From opening a socket until `connection_init`; closed with 4408 after."""

    ping_seconds: float = 20
    """A socket that has been silent for so long is sent a ping, and has as long again to answer."""

    heartbeat_seconds: float = 15
    """Between the comments that keep proxies from cutting an event stream."""

    farewell_seconds: float = 5
    """For the last words to a client that may not be reading."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return them as they are set, and the rest as above."""
        return cls(
            body_bytes=settings.body_bytes,
            frame_bytes=settings.socket_message_bytes,
            socket_operations=settings.socket_operations,
            init_seconds=settings.socket_init_seconds,
        )
