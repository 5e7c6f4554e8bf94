"""Every setting, read from the environment once, at the start.

`settings` lists them, with their defaults and what cannot be set together; `values` says what one of them may
look like, `services` has those of other people's services, and `secret_key` what signatures are made with.
"""

from hotelmate.settings.errors import SettingsError
from hotelmate.settings.services import CloudinarySettings, PusherSettings
from hotelmate.settings.settings import (
    DEMO_EMBEDDED_SECRET,
    EMBEDDED_APP_ID,
    EMBEDDED_KEY,
    LARGEST_MESSAGE_BYTES,
    ChannelVisibility,
    Settings,
    load,
)

__all__ = [
    "DEMO_EMBEDDED_SECRET",
    "EMBEDDED_APP_ID",
    "EMBEDDED_KEY",
    "LARGEST_MESSAGE_BYTES",
    "ChannelVisibility",
    "CloudinarySettings",
    "PusherSettings",
    "Settings",
    "SettingsError",
    "load",
]
