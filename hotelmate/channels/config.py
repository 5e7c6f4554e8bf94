"""What the operator decides: the apps that are served, and how much one client may ask for."""

from dataclasses import dataclass, field

WEBHOOK_EVENTS = frozenset(
    {
        "channel_occupied",
        "channel_vacated",
        "member_added",
        "member_removed",
        "client_event",
        "cache_miss",
        "subscription_count",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One application: its name in URLs (`id`), its public name in clients (`key`), and its secret.

    `id` is made of digits, because the server libraries accept nothing else. A disabled app refuses
    connections (4003) and requests (403). With `subscription_counts`, subscribers of a channel are told
    how many they are. While the secret is being replaced, what the `previous_secret` has signed counts as
    well. With `webhook_url`, the application is told of `webhook_events` there, signed with `secret`: one in
    a request, or with `webhook_batches` several. Pages from elsewhere than this server connect only from
    `allowed_origins` (`https://app.example`), where they are given.
    """

    id: str
    key: str
    secret: str = field(repr=False)
    previous_secret: str | None = field(default=None, repr=False)
    enabled: bool = True
    allowed_origins: tuple[str, ...] = ("*",)
    client_events: bool = True
    subscription_counts: bool = False
    webhook_url: str | None = None
    webhook_events: frozenset[str] = WEBHOOK_EVENTS
    webhook_batches: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """What signatures may have been made with."""
        return (self.secret,) if self.previous_secret is None else (self.secret, self.previous_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what clients and requests may ask for. Sizes are bytes of UTF-8, not characters.

    `activity_timeout_seconds` is told to clients, which ping when they have heard nothing for so long; it
    must be a whole number, not 0. The server pings likewise, and closes who stays silent for another
    `pong_timeout_seconds`. Clients above so many `connections` to one app, or `connections_per_address` (of
    IPv6, per /64; None for any number), are turned away for a second. A
    connection that leaves more than `unsent_bytes` unread is cut off. Another server of a cluster that has
    not been heard for `silent_server_seconds` counts as dead.

    Source:
        Pusher docs, "Channels limits" and the protocol page, for those that clients know of.
    """

    activity_timeout_seconds: int = 120
    pong_timeout_seconds: float = 30
    silent_server_seconds: float = 7
    connections: int = 50_000
    connections_per_address: int | None = None
    unsent_bytes: int = 1024 * 1024
    frame_bytes: int = 100 * 1024
    subscriptions_per_connection: int = 1000
    channel_name_characters: int = 200
    event_name_characters: int = 200
    event_bytes: int = 10 * 1024
    user_id_characters: int = 128
    member_bytes: int = 1024
    members_per_channel: int = 100
    cache_seconds: float = 1800
    client_events_per_second: int = 10
    watchlist_users: int = 100
    channels_per_event: int = 100
    events_per_batch: int = 10
    request_bytes: int = 1024 * 1024
    request_age_seconds: float = 600
