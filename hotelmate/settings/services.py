"""The accounts at other people's services, under the names that these give their variables."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


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
