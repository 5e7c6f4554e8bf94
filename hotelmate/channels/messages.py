"""What servers of one cluster tell each other, and how it is written: as JSON with the message's kind.

A change of what a server holds is told as what it now is, so that a repeat changes nothing.
"""

from dataclasses import dataclass
from typing import Any, get_args

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An event of the HTTP API, for everyone on a channel but the connection `except_for`."""

    app_id: str
    channel: str
    event: str
    data: str
    except_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSaid:
    """A client's event, for everyone else on a channel; `data` is JSON."""

    app_id: str
    channel: str
    event: str
    data: str
    user_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTerminated:
    """Every connection of this user is to be closed."""

    app_id: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that means nothing to us, for the application around each server."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged:
    """So many connections of the sender are on a channel now; `joined` or `left` is a user come or gone.

    `info` is JSON, and belongs to `joined`.
    """

    app_id: str
    channel: str
    subscribers: int
    joined: str | None = None
    info: str = "null"
    left: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged:
    """The sender has connections of this user, or has none any more."""

    app_id: str
    user_id: str
    is_online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the sender holds, by app: see `shares`. With `is_last`, it leaves."""

    shares: dict[str, Any]
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWanted:
    """The server with this id is to tell its state; every server when there is no id."""

    server_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """The sender is there."""


Message = (
    Published
    | ClientSaid
    | UserTerminated
    | Note
    | ChannelChanged
    | UserChanged
    | State
    | StateWanted
    | Alive
)

_KINDS = {kind.__name__: kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """Write a message."""
    return orjson.dumps([type(message).__name__, message])


def decode(text: bytes) -> Message:
    """Read a message.

    Raises:
        ValueError: it is none that this version knows.
    """
    try:
        kind, fields = orjson.loads(text)
        message: Message = _KINDS[kind](**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"unknown message {text[:100]!r}") from error
    return message
