"""The ways in which the server says no. Each carries what the protocol answers; only the doors send it."""

from collections.abc import Mapping


class ChannelsError(Exception):
    """Something that a client or a server library asked for and does not get."""


class HandshakeRefusedError(ChannelsError):
    """The client is told why and closed with the same code, which decides whether it comes back.

    Source:
        Pusher docs, "Error codes": 4000 to 4099 never again, 4100 to 4199 after a second, 4200 to 4299
        at once.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class FrameRefusedError(ChannelsError):
    """A frame is answered with `pusher:error` and has no effect; the connection stays.

    `code` is None where the hosted service sends none, `channel` names the channel concerned, if any.
    """

    def __init__(self, message: str, *, code: int | None = None, channel: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.channel = channel


class SubscriptionRefusedError(ChannelsError):
    """A subscription is answered with `pusher:subscription_error`; the connection stays."""

    def __init__(self, channel: str, message: str, *, kind: str = "AuthError", status: int = 401) -> None:
        super().__init__(message)
        self.channel = channel
        self.message = message
        self.kind = kind
        self.status = status


class RequestRefusedError(ChannelsError):
    """An HTTP request is answered with this status and message, and has no effect."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers
