"""What a channel's name says: its kind, and whether it is a name at all.

Source:
    Pusher docs, "Channel naming conventions" and "Channel types". Prefixes count only at the start and
    with their dash: `my-private-room` and `privateer` are public.
"""

import re
from dataclasses import dataclass

USER_CHANNEL_PREFIX = "#server-to-user-"

_NAME = re.compile(r"[A-Za-z0-9_\-=@,.;]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the prefix of a channel's name asks of the server."""

    prefix: str
    needs_token: bool = False
    has_members: bool = False
    is_cached: bool = False


# Longest first, because `private-` begins several of them. To the server an encrypted channel is a private
# one, so `private-encrypted-` needs no line of its own.
_KINDS = (
    Kind("private-encrypted-cache-", needs_token=True, is_cached=True),
    Kind("private-cache-", needs_token=True, is_cached=True),
    Kind("private-", needs_token=True),
    Kind("presence-cache-", needs_token=True, has_members=True, is_cached=True),
    Kind("presence-", needs_token=True, has_members=True),
    Kind("cache-", is_cached=True),
    Kind(""),
)


def kind_of(channel: str) -> Kind:
    """Tell the kind of a channel; any other name is a public channel's."""
    return next(kind for kind in _KINDS if channel.startswith(kind.prefix))


def is_channel_name(text: str) -> bool:
    """Tell whether the text is made of the characters that channel names have. Length is not looked at."""
    return _NAME.fullmatch(text) is not None


def user_of(channel: str) -> str | None:
    """Name the user whose own channel this is (`#server-to-user-ID`); None for every other channel."""
    user_id = channel.removeprefix(USER_CHANNEL_PREFIX)
    return user_id if user_id and user_id != channel else None
