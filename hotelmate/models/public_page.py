"""What a hotel's public page is made of."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime, string_enum


class ThemeMode(StrEnum):
    """How the public page is coloured."""

    LIGHT = "LIGHT"
    DARK = "DARK"
    CUSTOM = "CUSTOM"


class HotelSettings(SQLModel, table=True):
    """The texts, images and colours of a hotel's public page, and the guests' WiFi.

    A `…_page_url` is of the same image as wide as a page, which only pictures of ours have.
    """

    __tablename__ = "hotel_settings"

    hotel_id: int = Field(foreign_key="hotel.id", primary_key=True)
    hero_image: str | None = None
    hero_image_page_url: str | None = None
    landing_page_image: str | None = None
    landing_page_image_page_url: str | None = None
    logo: str | None = None
    tagline: str = ""
    short_description: str = ""
    long_description: str = ""
    welcome_message: str = ""
    amenities: list[str] = Field(default_factory=list, sa_type=JSON)
    contact_email: str = ""
    contact_phone: str = ""
    contact_address: str = ""
    website: str = ""
    theme_mode: ThemeMode = Field(default=ThemeMode.LIGHT, sa_type=string_enum(ThemeMode, "theme_mode"))
    primary_color: str = "#1F4E5F"
    secondary_color: str = "#79A8A9"
    accent_color: str = "#F4A261"
    background_color: str = "#FFFFFF"
    text_color: str = "#1A1A1A"
    button_color: str = "#1F4E5F"
    link_color: str = "#1F6F8B"
    wifi_name: str | None = None
    wifi_password: str | None = None
    updated_at: datetime = Field(sa_type=UtcDateTime)


class GalleryImage(SQLModel, table=True):
    """A picture of a hotel's gallery; `position` counts from 0."""

    __tablename__ = "gallery_image"
    __table_args__ = (UniqueConstraint("hotel_id", "url"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    url: str
    public_id: str
    position: int = 0


class Offer(SQLModel, table=True):
    """Something that a hotel offers on its public page."""

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="validity"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    title: str
    short_description: str
    details_text: str = ""
    details_html: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    tag: str = ""
    book_now_url: str = ""
    photo_url: str | None = None
    sort_order: int = 0
    is_active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
