"""An embedded Pusher Channels server: the WebSocket protocol for clients, the HTTP API for servers.

    client -> handshake -> session -> hub <- api <- requests <- server library
                              |        |
            subscriptions, signin,   channel, members, online, cache, counts
                     client_events     |
                                   frames -> sockets -> every subscriber; webhooks

Several servers become one by a backplane (`cluster`), for which a Redis stream will do (`redis_stream`).
`server` puts the parts together and is what an application serves; `config` is what it decides. Nothing
here knows what the channels are about, or more of the rest of the package than how to reach Redis, how to
write to sockets and that bodies may come in too slowly.
"""

from hotelmate.channels.config import App, Limits
from hotelmate.channels.redis_stream import RedisStream
from hotelmate.channels.requests import Request, Response
from hotelmate.channels.server import PATH_PREFIXES, ChannelsServer

__all__ = [
    "PATH_PREFIXES",
    "App",
    "ChannelsServer",
    "Limits",
    "RedisStream",
    "Request",
    "Response",
]
