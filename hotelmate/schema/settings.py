"""The texts, images and colours of a hotel's public page."""

from datetime import datetime
from typing import Self

import strawberry

from hotelmate.events.catalogue import SettingsSnapshot, ThemeSnapshot
from hotelmate.schema.enums import ThemeMode


@strawberry.type(description="Colours as #RRGGBB.")
class Theme:
    mode: ThemeMode
    primary_color: str
    secondary_color: str
    accent_color: str
    background_color: str
    text_color: str
    button_color: str
    link_color: str

    @classmethod
    def of(cls, theme: ThemeSnapshot) -> Self:
        return cls(
            mode=theme.mode,
            primary_color=theme.primary_color,
            secondary_color=theme.secondary_color,
            accent_color=theme.accent_color,
            background_color=theme.background_color,
            text_color=theme.text_color,
            button_color=theme.button_color,
            link_color=theme.link_color,
        )


@strawberry.type(description="What a hotel's public page says and looks like.")
class HotelSettings:
    hero_image: str | None
    hero_image_display: str | None = strawberry.field(
        description="The hero image as the public page shows it."
    )
    landing_page_image: str | None
    logo: str | None
    tagline: str
    short_description: str
    long_description: str
    welcome_message: str
    amenities: list[str]
    contact_email: str
    contact_phone: str
    contact_address: str
    website: str
    theme: Theme
    updated_at: datetime

    @classmethod
    def of(cls, settings: SettingsSnapshot) -> Self:
        return cls(
            hero_image=settings.hero_image,
            hero_image_display=settings.hero_image_display,
            landing_page_image=settings.landing_page_image,
            logo=settings.logo,
            tagline=settings.tagline,
            short_description=settings.short_description,
            long_description=settings.long_description,
            welcome_message=settings.welcome_message,
            amenities=list(settings.amenities),
            contact_email=settings.contact_email,
            contact_phone=settings.contact_phone,
            contact_address=settings.contact_address,
            website=settings.website,
            theme=Theme.of(settings.theme),
            updated_at=settings.updated_at,
        )


@strawberry.input(description="Changes of a theme: fields left out stay as they are.")
class ThemePatch:
    mode: ThemeMode | None = strawberry.UNSET
    primary_color: str | None = strawberry.UNSET
    secondary_color: str | None = strawberry.UNSET
    accent_color: str | None = strawberry.UNSET
    background_color: str | None = strawberry.UNSET
    text_color: str | None = strawberry.UNSET
    button_color: str | None = strawberry.UNSET
    link_color: str | None = strawberry.UNSET


@strawberry.input(
    description="Changes of the settings: fields left out stay as they are; null clears a text or an image."
)
class SettingsPatch:
    hero_image: str | None = strawberry.UNSET
    landing_page_image: str | None = strawberry.UNSET
    logo: str | None = strawberry.UNSET
    tagline: str | None = strawberry.UNSET
    short_description: str | None = strawberry.UNSET
    long_description: str | None = strawberry.UNSET
    welcome_message: str | None = strawberry.UNSET
    amenities: list[str] | None = strawberry.UNSET
    contact_email: str | None = strawberry.UNSET
    contact_phone: str | None = strawberry.UNSET
    contact_address: str | None = strawberry.UNSET
    website: str | None = strawberry.UNSET
    theme: ThemePatch | None = strawberry.UNSET
    wifi_name: str | None = strawberry.UNSET
    wifi_password: str | None = strawberry.UNSET
