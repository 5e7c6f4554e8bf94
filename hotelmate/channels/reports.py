"""What the HTTP API tells about channels.

Source:
    Pusher docs, "HTTP API reference": channels, channel, users, and `info` when publishing.
"""

from typing import Any

from hotelmate.channels.errors import RequestRefusedError
from hotelmate.channels.hub import Hub
from hotelmate.channels.names import kind_of

USER_COUNT = "user_count"
SUBSCRIPTION_COUNT = "subscription_count"
CACHE = "cache"

Attributes = frozenset[str]


def parse_attributes(info: str) -> Attributes:
    """Read the attributes asked for, which are joined by commas. Unknown ones are not answered."""
    return frozenset(info.split(",")) & {USER_COUNT, SUBSCRIPTION_COUNT, CACHE}


def describe(hub: Hub, name: str, attributes: Attributes) -> dict[str, Any]:
    """Tell those attributes of a channel that its kind has: users need presence, an event kept a cache."""
    channel = hub.channel(name)
    described: dict[str, Any] = {}
    if USER_COUNT in attributes and channel.kind.has_members:
        described[USER_COUNT] = len(channel.roster)
    if SUBSCRIPTION_COUNT in attributes:
        described[SUBSCRIPTION_COUNT] = len(channel)
    if CACHE in attributes and channel.kind.is_cached:
        described[CACHE] = _cached(hub, name)
    return described


def list_channels(hub: Hub, *, prefix: str, attributes: Attributes) -> dict[str, Any]:
    """Tell of every channel that somebody is subscribed to and whose name begins so.

    Raises:
        RequestRefusedError: 400; users are counted only where all channels are presence channels.
    """
    if USER_COUNT in attributes and not kind_of(prefix).has_members:
        raise RequestRefusedError(400, "user_count needs a filter_by_prefix that begins with presence-.")
    names = [channel.name for channel in hub.channels if channel.name.startswith(prefix)]
    return {"channels": {name: describe(hub, name, attributes) for name in names}}


def one_channel(hub: Hub, name: str, attributes: Attributes) -> dict[str, Any]:
    """Tell of one channel, whether or not somebody is subscribed to it.

    Raises:
        RequestRefusedError: 400; only presence channels have users to count.
    """
    if USER_COUNT in attributes and not kind_of(name).has_members:
        raise RequestRefusedError(400, "user_count needs a presence channel.")
    return {"occupied": len(hub.channel(name)) > 0, **describe(hub, name, attributes)}


def list_users(hub: Hub, name: str) -> dict[str, Any]:
    """Tell who is in a presence channel, each user once.

    Raises:
        RequestRefusedError: 400; it is no presence channel.
    """
    if not kind_of(name).has_members:
        raise RequestRefusedError(400, "Only presence channels have users.")
    return {"users": [{"id": member.user_id} for member in hub.channel(name).roster]}


def _cached(hub: Hub, name: str) -> dict[str, Any] | None:
    cached = hub.cache.get(name)
    return None if cached is None else {"data": cached.data, "ttl": hub.cache.seconds_left(cached)}
