"""The texts, images and colours of a hotel's public page, and the guests' WiFi."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.errors import BadUserInput
from hotelmate.events import log
from hotelmate.events.catalogue import SettingsSnapshot, SettingsUpdated, ThemeSnapshot
from hotelmate.identity import audit
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.media.storage import Location
from hotelmate.models import AuditAction, HotelSettings, ThemeMode
from hotelmate.resolvers import checks
from hotelmate.resolvers.checks import Check
from hotelmate.resolvers.hotels import gallery_by_hotel


def _text(at_most: int) -> Check[str]:
    return checks.cleared_by_null(checks.text(at_most=at_most), str)


_IMAGES = ("hero_image", "landing_page_image", "logo")
_IMAGE = checks.none_if_empty(checks.image_url)
_WIFI = checks.none_if_empty(checks.text(at_most=checks.NAME))
_AMENITIES = checks.list_of(checks.filled(at_most=100), at_most=100)

_CHECKS: Mapping[str, Check[object]] = {
    **dict.fromkeys(_IMAGES, _IMAGE),
    "tagline": _text(checks.SHORT_TEXT),
    "short_description": _text(checks.SHORT_TEXT),
    "long_description": _text(checks.LONG_TEXT),
    "welcome_message": _text(checks.LONG_TEXT),
    "amenities": checks.cleared_by_null(_AMENITIES, list),
    "contact_email": checks.cleared_by_null(checks.empty_or(checks.email), str),
    "contact_phone": _text(checks.PHONE),
    "contact_address": _text(checks.SHORT_TEXT),
    "website": checks.cleared_by_null(checks.empty_or(checks.url), str),
    "wifi_name": _WIFI,
    "wifi_password": _WIFI,
}
_PAGE_URLS = {"hero_image": "hero_image_page_url", "landing_page_image": "landing_page_image_page_url"}
_THEME_COLUMNS = {"mode": "theme_mode"}
_THEME_CHECKS: Mapping[str, Check[object]] = {
    "mode": checks.one_of(ThemeMode),
    "primary_color": checks.colour,
    "secondary_color": checks.colour,
    "accent_color": checks.colour,
    "background_color": checks.colour,
    "text_color": checks.colour,
    "button_color": checks.colour,
    "link_color": checks.colour,
}


@dataclass(frozen=True, slots=True)
class Wifi:
    """How guests get on a hotel's WiFi."""

    name: str
    password: str


def check_changes(actor: Actor, changes: Mapping[str, object], *, images: Collection[str] = ()) -> None:
    """[staff] Raise what `update_settings` would, before pictures are kept for changes that are refused.

    `images` are the names of those that will be kept.
    """
    require_staff(actor)
    _accepted(changes, images)


def addressed_images(reading: Reading, actor: Actor, changes: Mapping[str, object]) -> dict[str, str]:
    """[staff] Return the image urls in `changes` that differ from the present ones, for `find_images`.

    They come by field, as the GraphQL contract spells it. Those that have not changed are left out, as
    frontends send back all that they were given.

    Raises:
        BadUserInput: the field that cannot be accepted.
    """
    hotel_id = require_staff(actor).hotel_id
    sent = {field: changes[field] for field in _IMAGES if field in changes}
    if not sent:
        return {}
    settings = reading.exec(select(HotelSettings).where(HotelSettings.hotel_id == hotel_id)).one()
    accepted = checks.accept(sent, _CHECKS)
    return {
        checks.camel_case(field): url
        for field, url in accepted.items()
        if url is not None and url != getattr(settings, field)
    }


def update_settings(
    transaction: Transaction,
    actor: Actor,
    changes: Mapping[str, object],
    *,
    at: datetime,
    images: Mapping[str, Location] | None = None,
    found: Mapping[str, Location] | None = None,
) -> HotelSettings:
    """[staff] Change the settings that `changes` names; nothing changed records nothing.

    An upload is recorded even when it is the picture that the hotel has.

    Args:
        transaction: what the change becomes part of.
        actor: the caller.
        changes: by name in snake_case; `theme` is such a mapping itself. None clears all but the theme.
        at: now.
        images: what was uploaded as `hero_image`, `landing_page_image` or `logo`.
        found: what `find_images` says of the `addressed_images`.

    Raises:
        BadUserInput: the field that cannot be accepted, or that is among the images as well.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    settings = transaction.exec(select(HotelSettings).where(HotelSettings.hotel_id == hotel.id)).one()
    uploaded = images or {}
    accepted = _accepted(changes, uploaded) | {field: {field: image.url} for field, image in uploaded.items()}
    _add_page_urls(accepted, settings, [*uploaded.values(), *(found or {}).values()])
    changed = tuple(
        field for field, values in accepted.items() if field in uploaded or _differs(settings, values)
    )
    if not changed:
        return settings
    for field in changed:
        settings.sqlmodel_update(accepted[field])
    settings.updated_at = at
    transaction.add(settings)
    gallery = tuple(image.url for image in gallery_by_hotel(transaction, [hotel.id])[hotel.id])
    data = SettingsUpdated(settings=snapshot(settings), gallery=gallery, changed=changed)
    log.record(transaction, hotel, data, at=at)
    audit.record(
        transaction, AuditAction.SETTINGS_UPDATED, actor, hotel_id=hotel.id, subject=", ".join(changed)
    )
    return settings


def hero_image_display(settings: HotelSettings) -> str | None:
    """Return the hero image as the public page shows it: without one, the landing page's stands in.

    Of a picture of ours it is the one as wide as a page, which loads sooner than the one in full.
    """
    if settings.hero_image is None:
        return settings.landing_page_image_page_url or settings.landing_page_image
    return settings.hero_image_page_url or settings.hero_image


def guests_wifi(settings: HotelSettings) -> Wifi | None:
    """Return the guests' WiFi, for whoever may see it (`bookings.shows_wifi`); None when none is set."""
    if settings.wifi_name is None:
        return None
    return Wifi(name=settings.wifi_name, password=settings.wifi_password or "")


def snapshot(settings: HotelSettings) -> SettingsSnapshot:
    """Return the settings as events hold them, and as anyone may see them: the snapshots take no WiFi."""
    columns = settings.model_dump()
    return SettingsSnapshot(
        **columns,
        hero_image_display=hero_image_display(settings),
        theme=ThemeSnapshot(mode=settings.theme_mode, **columns),
    )


def _accepted(changes: Mapping[str, object], uploaded: Collection[str]) -> dict[str, dict[str, object]]:
    """The columns to set for each field that was sent, uploads aside."""
    for field in uploaded:
        if field in changes:
            raise BadUserInput(checks.camel_case(field), "Send a picture or the address of one, not both.")
    plain = {field: value for field, value in changes.items() if field != "theme"}
    accepted = {field: {field: value} for field, value in checks.accept(plain, _CHECKS).items()}
    if "theme" in changes:
        accepted["theme"] = _accepted_theme(changes["theme"])
    return accepted


def _add_page_urls(
    accepted: dict[str, dict[str, object]], settings: HotelSettings, pictures: Iterable[Location]
) -> None:
    """Have each image that is set anew say where it is as wide as a page, if it is one of these pictures."""
    page_urls = {picture.url: picture.page_url for picture in pictures}
    for field, column in _PAGE_URLS.items():
        if field in accepted and _differs(settings, accepted[field]):
            accepted[field][column] = page_urls.get(str(accepted[field][field]))


def _accepted_theme(theme: object) -> dict[str, object]:
    if not isinstance(theme, Mapping):
        raise BadUserInput("theme", "This must be an object.")
    values = checks.accept(theme, _THEME_CHECKS, within="theme.")
    return {_THEME_COLUMNS.get(name, name): value for name, value in values.items()}


def _differs(settings: HotelSettings, values: Mapping[str, object]) -> bool:
    return any(getattr(settings, column) != value for column, value in values.items())
