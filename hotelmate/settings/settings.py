"""What can be set, what it is when nothing is, and what follows from it.

A combination that cannot work is refused here with one sentence that says what to set.
"""

from enum import StrEnum
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hotelmate.settings.errors import SettingsError
from hotelmate.settings.secret_key import derived, kept_in
from hotelmate.settings.services import CloudinarySettings, PusherSettings
from hotelmate.settings.values import (
    DatabaseUrl,
    HttpUrl,
    Networks,
    Origins,
    Rate,
    RedisUrl,
    StatusUrl,
    is_loopback,
)

EMBEDDED_APP_ID = "1000"
EMBEDDED_KEY = "hotelmate-key"
_OF_THE_EMBEDDED_SERVER = {
    "channels_secret",
    "channels_previous_secret",
    "channels_webhook_url",
    "channels_webhook_batches",
    "channels_subscription_counts",
}
DEMO_EMBEDDED_SECRET = "hotelmate-secret"  # noqa: S105 - the demo's published secret; demo mode stays on loopback
# No less than either WebSocket protocol takes, so that each can refuse a large message with a code of its
# own: uvicorn's is 1009, which says nothing of what would be taken.
LARGEST_MESSAGE_BYTES = 1024 * 1024


class ChannelVisibility(StrEnum):
    """Whether events go to the legacy channel, to its private twin, or to both."""

    PUBLIC = "public"
    PRIVATE = "private"
    BOTH = "both"


def _default(usual: object, *, in_the_demo: object, **bounds: Any) -> Any:
    """A default that does not get in the way of whoever tries the demo, which only this machine can reach."""
    return Field(default_factory=lambda given: in_the_demo if given["demo"] else usual, **bounds)


class Settings(BaseSettings):
    """What can be set, and what it is when nothing is."""

    model_config = SettingsConfigDict(env_prefix="HOTELMATE_", env_ignore_empty=True, frozen=True)

    # Where it listens, and what it is called from outside.
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: HttpUrl | None = None
    # The token is in the fragment, which browsers send to no server, so that it stands in no log.
    booking_status_url: StatusUrl = "{public_url}/guest/{id}#token={token}"
    cors_origins: Origins = ()
    trusted_proxies: Networks = "127.0.0.1,::1"
    demo: bool = False
    graphiql: bool = True
    introspection: bool = True
    tracing: bool = False
    shutdown_seconds: float = Field(default=10, ge=0, le=3600)
    shutdown_spread_seconds: float = Field(default=3, ge=0, le=3600)

    # Where its state is, and for how long.
    data_dir: Path = Path("data")
    database_url: DatabaseUrl | None = None
    redis_url: RedisUrl | None = None
    poll_seconds: float = Field(default=5, gt=0, le=3600)
    stream_ring_size: int = Field(default=512, ge=1, le=100_000)
    event_retention_days: float = Field(default=30, gt=0, le=3650)
    audit_retention_days: float = Field(default=365, gt=0, le=3650)
    session_hours: float = Field(default=24.0 * 30, gt=0, le=24 * 3650)
    secret_key: SecretStr | None = Field(default=None, min_length=16)
    previous_secret_key: SecretStr | None = Field(default=None, min_length=16)

    # How much one caller may ask for.
    log_in_rate: Rate = "5/minute;30/hour"
    booking_rate: Rate = _default("10/minute;60/hour", in_the_demo=None)
    upload_rate: Rate = _default("60/minute", in_the_demo=None)
    change_rate: Rate = _default("1200/minute", in_the_demo=None)
    sockets_per_address: int = _default(1_000, in_the_demo=10_000, ge=1, le=1_000_000)
    sockets_per_actor: int = _default(100, in_the_demo=10_000, ge=1, le=1_000_000)
    socket_operations: int = Field(default=100, ge=1, le=10_000)
    socket_message_bytes: int = Field(default=256 * 1024, ge=1024, le=LARGEST_MESSAGE_BYTES)
    socket_init_seconds: float = Field(default=5, gt=0, le=60)
    body_bytes: int = Field(default=1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    body_seconds: float = Field(default=30, gt=0, le=3600)
    query_tokens: int = Field(default=2_000, ge=100, le=100_000)
    query_depth: int = Field(default=12, ge=1, le=100)
    query_aliases: int = Field(default=30, ge=0, le=10_000)
    query_root_fields: int = Field(default=20, ge=1, le=10_000)
    query_cost: int = Field(default=20_000, ge=1, le=10_000_000)
    operation_seconds: float = Field(default=10, gt=0, le=3600)

    # Pictures.
    media_max_bytes: int = Field(default=10 * 1024 * 1024, ge=1)
    media_max_megapixels: float = Field(default=40, gt=0, le=250)
    media_url: HttpUrl | None = None
    media_prefix: str = Field(default="hotelmate/", pattern=r"^([A-Za-z0-9_-]+/)+$")
    s3_bucket: str | None = None
    s3_endpoint_url: HttpUrl | None = None
    cloudinary: CloudinarySettings = Field(default_factory=CloudinarySettings)

    # What the legacy frontends listen to.
    pusher: PusherSettings = Field(default_factory=PusherSettings)
    pusher_hotel_channels: ChannelVisibility = ChannelVisibility.PUBLIC
    pusher_booking_channels: ChannelVisibility = ChannelVisibility.BOTH
    pusher_public_guest_token: bool = False
    channels_secret: SecretStr | None = Field(default=None, min_length=16)
    channels_previous_secret: SecretStr | None = Field(default=None, min_length=16)
    channels_webhook_url: str | None = Field(default=None, pattern=r"^https?://")
    channels_webhook_batches: bool = False
    channels_subscription_counts: bool = False

    @model_validator(mode="after")
    def _demo_stays_on_loopback(self) -> Self:
        if self.demo and not is_loopback(self.host):
            raise ValueError(
                "HOTELMATE_DEMO: its passwords are public, so it listens on loopback only;"
                " set HOTELMATE_HOST=127.0.0.1 or HOTELMATE_DEMO=0"
            )
        return self

    @model_validator(mode="after")
    def _keeps_pictures_in_one_place(self) -> Self:
        if self.s3_bucket is None and self.s3_endpoint_url is not None:
            raise ValueError("HOTELMATE_S3_ENDPOINT_URL: set HOTELMATE_S3_BUCKET as well")
        if self.s3_bucket is not None and self.media_url is None:
            raise ValueError(
                "HOTELMATE_S3_BUCKET: set HOTELMATE_MEDIA_URL as well, to where the bucket is public"
            )
        if self.s3_bucket is not None and self.cloudinary.url is not None:
            raise ValueError("set HOTELMATE_S3_BUCKET or CLOUDINARY_URL, not both")
        return self

    @model_validator(mode="after")
    def _has_the_stores_library(self) -> Self:
        if self.s3_bucket is not None and find_spec("boto3") is None:
            raise ValueError("HOTELMATE_S3_BUCKET: needs boto3; install hotelmate[s3]")
        if self.cloudinary.url is not None and find_spec("cloudinary") is None:
            raise ValueError("CLOUDINARY_URL: needs cloudinary; install hotelmate[cloudinary]")
        return self

    @model_validator(mode="after")
    def _has_what_traces(self) -> Self:
        if self.tracing and find_spec("opentelemetry.sdk") is None:
            raise ValueError("HOTELMATE_TRACING: needs OpenTelemetry's SDK; install hotelmate[tracing]")
        return self

    @model_validator(mode="after")
    def _has_the_embedded_server_it_sets(self) -> Self:
        if self.pusher.is_configured and self.model_fields_set & _OF_THE_EMBEDDED_SERVER:
            raise ValueError("set HOTELMATE_CHANNELS_… or PUSHER_…, not both: they are of different servers")
        return self

    @property
    def media_folder(self) -> Path:
        """Where pictures are kept without any other store."""
        return self.data_dir / "media"

    @property
    def database(self) -> str:
        """The database's URL, with the driver that HotelMate uses."""
        if self.database_url is None:
            return f"sqlite:///{self.data_dir / 'hotelmate.sqlite3'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def origin(self) -> str:
        """The address that links to this server begin with."""
        if self.public_url is not None:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def socket_origins(self) -> tuple[str, ...]:
        """Whose pages may open sockets, beside those from the host that a client calls.

        A proxy may call this server by another name than browsers do, and `public_url` has theirs.
        """
        if self.public_url is None:
            return self.cors_origins
        url = urlsplit(self.public_url)
        return (f"{url.scheme}://{url.netloc}", *self.cors_origins)

    @property
    def leads_nowhere(self) -> bool:
        """Whether `origin` is no address: who listens at all of them has to be told which is their own."""
        return self.public_url is None and self.host in {"0.0.0.0", "::"}  # noqa: S104 - only compared

    @cached_property
    def _secret(self) -> bytes:
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        return kept_in(self.data_dir / "secret.key")

    def derived_key(self, purpose: str) -> bytes:
        """Return 32 bytes that only this installation knows, different for every `purpose`.

        Without `HOTELMATE_SECRET_KEY` the secret is made once and kept in the data directory, mode 0600.
        """
        return derived(self._secret, purpose)

    def derived_keys(self, purpose: str) -> tuple[bytes, ...]:
        """Return what signatures may have been made with: the key of today, and perhaps the one before it."""
        if self.previous_secret_key is None:
            return (self.derived_key(purpose),)
        previous = self.previous_secret_key.get_secret_value().encode()
        return self.derived_key(purpose), derived(previous, purpose)

    @property
    def embedded_secret(self) -> str:
        """The embedded Channels app's secret: as set, published in demo mode, derived otherwise."""
        if self.channels_secret is not None:
            return self.channels_secret.get_secret_value()
        if self.demo:
            return DEMO_EMBEDDED_SECRET
        return self.derived_key("channels-secret").hex()

    @property
    def embedded_previous_secret(self) -> str | None:
        """The secret that the embedded Channels app had before: as set, or derived as today's is."""
        if self.channels_previous_secret is not None:
            return self.channels_previous_secret.get_secret_value()
        if self.channels_secret is not None or self.demo or self.previous_secret_key is None:
            return None
        return self.derived_keys("channels-secret")[-1].hex()


def load(**overrides: Any) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a value cannot be used; the message names its variable.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_in_one_line(error)) from None


def _in_one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    nested = {kind.__name__: kind.model_config["env_prefix"] for kind in (PusherSettings, CloudinarySettings)}
    prefix = nested.get(error.title, "HOTELMATE_")
    return f"{prefix}{str(first['loc'][0]).upper()}: {message}"
