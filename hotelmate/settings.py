"""Every setting, read from the environment once, at the start.

A combination that cannot work is refused here with one sentence that says what to set.
"""

import hashlib
import hmac
import os
import re
import secrets
from enum import StrEnum
from functools import cached_property
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_SHORTEST_SECRET = 32
# Of apps as well, as capacitor://localhost.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^\s/?#@:*\[\]]+)(:\d{1,5})?")

EMBEDDED_APP_ID = "1000"
EMBEDDED_KEY = "hotelmate-key"
_OF_THE_EMBEDDED_SERVER = {
    "channels_secret",
    "channels_previous_secret",
    "channels_webhook_url",
    "channels_subscription_counts",
}
DEMO_EMBEDDED_SECRET = "hotelmate-secret"  # noqa: S105 - the demo's published secret; demo mode stays on loopback
# No less than either WebSocket protocol takes, so that each can refuse a large message with a code of its
# own: uvicorn's is 1009, which says nothing of what would be taken.
LARGEST_MESSAGE_BYTES = 1024 * 1024


class SettingsError(Exception):
    """The settings cannot work; the message is one line that says what to set."""


class ChannelVisibility(StrEnum):
    """Whether events go to the legacy channel, to its private twin, or to both."""

    PUBLIC = "public"
    PRIVATE = "private"
    BOTH = "both"


class PusherSettings(BaseSettings):
    """The account at a Pusher service; without a key, the embedded server takes its place."""

    model_config = SettingsConfigDict(env_prefix="PUSHER_", env_ignore_empty=True, frozen=True)

    app_id: str | None = Field(default=None, pattern=r"^[0-9]+$")
    key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$")
    secret: SecretStr | None = None
    cluster: str | None = None
    host: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]+$")
    port: int | None = Field(default=None, ge=1, le=65535)
    ssl: bool = True

    @property
    def is_configured(self) -> bool:
        """Whether events go to a Pusher service rather than to the embedded server."""
        return self.key is not None

    @model_validator(mode="after")
    def _is_whole_or_absent(self) -> Self:
        needed = {"PUSHER_APP_ID": self.app_id, "PUSHER_KEY": self.key, "PUSHER_SECRET": self.secret}
        missing = [name for name, value in needed.items() if value is None]
        if not (self.cluster or self.host):
            missing.append("PUSHER_CLUSTER (or PUSHER_HOST)")
        anything_set = len(missing) < 4 or self.port is not None
        if anything_set and missing:
            raise ValueError(
                f"set {', '.join(missing)} as well, or no PUSHER_ setting for the embedded server"
            )
        return self


class CloudinarySettings(BaseSettings):
    """The account at Cloudinary, as its console shows it: cloudinary://KEY:SECRET@CLOUD."""

    model_config = SettingsConfigDict(env_prefix="CLOUDINARY_", env_ignore_empty=True, frozen=True)

    url: SecretStr | None = None

    @field_validator("url")
    @classmethod
    def _names_an_account(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            account = urlsplit(value.get_secret_value())
            parts = (account.username, account.password, account.hostname)
            if account.scheme != "cloudinary" or not all(parts):
                raise ValueError("use cloudinary://KEY:SECRET@CLOUD")
        return value


class Settings(BaseSettings):
    """What can be set, and what it is when nothing is."""

    model_config = SettingsConfigDict(env_prefix="HOTELMATE_", env_ignore_empty=True, frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    data_dir: Path = Path("data")
    database_url: str | None = None
    redis_url: str | None = None
    poll_seconds: float = Field(default=5, gt=0, le=3600)
    secret_key: SecretStr | None = Field(default=None, min_length=16)
    previous_secret_key: SecretStr | None = Field(default=None, min_length=16)
    public_url: str | None = None
    # The token is in the fragment, which browsers send to no server, so that it stands in no log.
    booking_status_url: str = "{public_url}/guest/{id}#token={token}"
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    demo: bool = False
    shutdown_seconds: float = Field(default=10, ge=0, le=3600)
    shutdown_spread_seconds: float = Field(default=3, ge=0, le=3600)
    graphiql: bool = True
    introspection: bool = True
    session_hours: float = Field(default=24.0 * 30, gt=0, le=24 * 3650)
    event_retention_days: float = Field(default=30, gt=0, le=3650)
    audit_retention_days: float = Field(default=365, gt=0, le=3650)
    stream_ring_size: int = Field(default=512, ge=1, le=100_000)

    log_in_rate: str | None = "5/minute;30/hour"
    booking_rate: str | None = "10/minute;60/hour"
    upload_rate: str | None = "60/minute"
    change_rate: str | None = "1200/minute"
    trusted_proxies: str = "127.0.0.1,::1"
    sockets_per_address: int = Field(default=1_000, ge=1, le=1_000_000)
    sockets_per_actor: int = Field(default=100, ge=1, le=1_000_000)
    socket_operations: int = Field(default=100, ge=1, le=10_000)
    socket_message_bytes: int = Field(default=256 * 1024, ge=1024, le=LARGEST_MESSAGE_BYTES)
    socket_init_seconds: float = Field(default=5, gt=0, le=60)
    tracing: bool = False

    body_bytes: int = Field(default=1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    body_seconds: float = Field(default=30, gt=0, le=3600)
    query_tokens: int = Field(default=2_000, ge=100, le=100_000)
    query_depth: int = Field(default=12, ge=1, le=100)
    query_aliases: int = Field(default=30, ge=0, le=10_000)
    query_root_fields: int = Field(default=20, ge=1, le=10_000)
    query_cost: int = Field(default=20_000, ge=1, le=10_000_000)
    operation_seconds: float = Field(default=10, gt=0, le=3600)

    media_max_bytes: int = Field(default=10 * 1024 * 1024, ge=1)
    media_max_megapixels: float = Field(default=40, gt=0, le=250)
    media_url: str | None = None
    media_prefix: str = Field(default="hotelmate/", pattern=r"^([A-Za-z0-9_-]+/)+$")
    s3_bucket: str | None = None
    s3_endpoint_url: str | None = None

    pusher_hotel_channels: ChannelVisibility = ChannelVisibility.PUBLIC
    pusher_booking_channels: ChannelVisibility = ChannelVisibility.BOTH
    pusher_public_guest_token: bool = False
    channels_secret: SecretStr | None = Field(default=None, min_length=16)
    channels_previous_secret: SecretStr | None = Field(default=None, min_length=16)
    channels_webhook_url: str | None = Field(default=None, pattern=r"^https?://")
    channels_subscription_counts: bool = False

    pusher: PusherSettings = Field(default_factory=PusherSettings)
    cloudinary: CloudinarySettings = Field(default_factory=CloudinarySettings)

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_by_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            # Browsers write scheme and host in lower case, and no slash after them.
            return tuple(origin.strip().rstrip("/").lower() for origin in value.split(",") if origin.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin; use https://app.example, separated by commas, or *"
                )
        return value

    @field_validator("database_url")
    @classmethod
    def _is_a_known_database(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(
            ("sqlite:///", "postgresql://", "postgresql+psycopg://")
        ):
            raise ValueError("use sqlite:///PATH or postgresql://USER@HOST/NAME")
        try:
            url = make_url(value) if value is not None else None
        except (ArgumentError, ValueError) as error:
            raise ValueError("this is no database's address; use postgresql://USER@HOST:PORT/NAME") from error
        if url is not None and url.database in {None, "", ":memory:"}:
            raise ValueError("name the database: sqlite:///PATH or postgresql://USER@HOST/NAME")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("use redis://HOST:PORT/NUMBER")
        return value

    @field_validator("log_in_rate", "booking_rate", "upload_rate", "change_rate")
    @classmethod
    def _is_a_rate(cls, value: str | None) -> str | None:
        if value is None or value == "unlimited":
            return None
        try:
            parse_many(value)
        except ValueError as error:
            raise ValueError('use a rate such as "5/minute" or "5/minute;30/hour", or "unlimited"') from error
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        try:
            for address in value.split(","):
                ip_network(address.strip())
        except ValueError as error:
            raise ValueError("use addresses or networks, separated by commas: 10.0.0.0/8") from error
        return value

    @field_validator("booking_status_url")
    @classmethod
    def _is_a_template(cls, value: str) -> str:
        try:
            value.format(public_url="", slug="", id="", token="")
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValueError("the placeholders are {public_url}, {slug}, {id} and {token}") from error
        return value

    @model_validator(mode="after")
    def _demo_stays_on_loopback(self) -> Self:
        if self.demo and not is_loopback(self.host):
            raise ValueError(
                "HOTELMATE_DEMO: its passwords are public, so it listens on loopback only;"
                " set HOTELMATE_HOST=127.0.0.1 or HOTELMATE_DEMO=0"
            )
        return self

    @field_validator("media_url", "public_url", "s3_endpoint_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("use an http or https address")
        return value.rstrip("/") if value else None

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
            return self.public_url.rstrip("/")
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
        return _generated_secret(self.data_dir / "secret.key")

    def derived_key(self, purpose: str) -> bytes:
        """Return 32 bytes that only this installation knows, different for every `purpose`.

        Without `HOTELMATE_SECRET_KEY` the secret is made once and kept in the data directory, mode 0600.
        """
        return _derived(self._secret, purpose)

    def derived_keys(self, purpose: str) -> tuple[bytes, ...]:
        """Return what signatures may have been made with: the key of today, and perhaps the one before it."""
        if self.previous_secret_key is None:
            return (self.derived_key(purpose),)
        previous = self.previous_secret_key.get_secret_value().encode()
        return self.derived_key(purpose), _derived(previous, purpose)

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


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _in_one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    nested = {kind.__name__: kind.model_config["env_prefix"] for kind in (PusherSettings, CloudinarySettings)}
    prefix = nested.get(error.title, "HOTELMATE_")
    return f"{prefix}{str(first['loc'][0]).upper()}: {message}"


def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, purpose.encode(), hashlib.sha256)


def _generated_secret(path: Path) -> bytes:
    try:
        secret = _kept_or_made_secret(path)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be used ({error.strerror}); set HOTELMATE_DATA_DIR or HOTELMATE_SECRET_KEY"
        ) from error
    if len(secret) < _SHORTEST_SECRET:
        raise SettingsError(f"{path} is damaged; restore it, or remove it and renew every guest token")
    return secret


def _kept_or_made_secret(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place and linked there, so that of two processes starting together one wins whole.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its secret is the one
    finally:
        draft.unlink()
    return path.read_bytes()
