"""A hotel's settings, gallery and room types are as its last events say."""

from collections.abc import Iterator
from datetime import datetime

from hotelmate.database import Reading
from hotelmate.events.catalogue import (
    GalleryImageRemoved,
    GalleryImageUploaded,
    GalleryReordered,
    RoomTypeImageUpdated,
    SettingsSnapshot,
    SettingsUpdated,
)
from hotelmate.models import Hotel
from hotelmate.resolvers.hotels import gallery_by_hotel, room_types_by_hotel, settings_by_hotel
from hotelmate.resolvers.settings import snapshot
from hotelmate.verification.findings import Hole, HoleKind
from hotelmate.verification.recorded import Recorded

# Of the time there is more to say, and the displayed image follows from the others.
_DERIVED = {"updated_at", "hero_image_display"}


class PublicPage:
    """Follows what a hotel's events say of its public page."""

    def __init__(self, hotel: Hotel) -> None:
        self._hotel = hotel
        self._settings: SettingsSnapshot | None = None
        self._settings_changed_at: datetime | None = None
        # Until an event says what all of it is, only the end is known: what was uploaded.
        self._is_whole_gallery_known = False
        self._gallery: list[str] = []
        self._photos: dict[int, str] = {}

    def take(self, event: Recorded) -> None:
        """Go on with the next event."""
        match event.data:
            case SettingsUpdated(settings=settings, gallery=gallery):
                self._settings, self._settings_changed_at = settings, settings.updated_at
                self._know_gallery(gallery)
            case GalleryImageRemoved(gallery=gallery, updated_at=updated_at):
                self._settings_changed_at = updated_at
                self._know_gallery(gallery)
            case GalleryReordered(gallery=gallery):
                self._know_gallery(gallery)
            case GalleryImageUploaded(url=url):
                self._gallery.append(url)
            case RoomTypeImageUpdated(room_type_id=room_type_id, photo_url=url):
                self._photos[room_type_id] = url

    def end(self, reading: Reading) -> Iterator[Hole]:
        """Compare with what is there."""
        hotel = self._hotel
        kinds_and_words = [
            *self._settings_holes(reading),
            *self._gallery_holes(reading),
            *self._photo_holes(reading),
        ]
        yield from (Hole(kind, hotel.slug, says) for kind, says in kinds_and_words)

    def _settings_holes(self, reading: Reading) -> Iterator[tuple[HoleKind, str]]:
        settings = settings_by_hotel(reading, [self._hotel.id]).get(self._hotel.id)
        if settings is None:
            yield HoleKind.STATE_DIFFERS, "the hotel has no settings"
            return
        if self._settings_changed_at is None:
            if settings.updated_at > self._hotel.log_complete_after:
                yield HoleKind.CHANGE_UNRECORDED, "the settings were changed without an event"
        elif settings.updated_at != self._settings_changed_at:
            yield HoleKind.STATE_DIFFERS, "the settings were changed at another time than the last event says"
        if self._settings is not None:
            now, then = snapshot(settings).model_dump(), self._settings.model_dump(exclude_unset=True)
            differing = [name for name in then.keys() - _DERIVED if now[name] != then[name]]
            if differing:
                yield (
                    HoleKind.STATE_DIFFERS,
                    f"the settings are not as the last event says: {', '.join(sorted(differing))}",
                )

    def _gallery_holes(self, reading: Reading) -> Iterator[tuple[HoleKind, str]]:
        urls = [image.url for image in gallery_by_hotel(reading, [self._hotel.id])[self._hotel.id]]
        known = urls if self._is_whole_gallery_known else urls[len(urls) - len(self._gallery) :]
        if known != self._gallery:
            yield HoleKind.STATE_DIFFERS, "the gallery is not as the last events say"

    def _photo_holes(self, reading: Reading) -> Iterator[tuple[HoleKind, str]]:
        room_types = room_types_by_hotel(reading, [self._hotel.id])[self._hotel.id]
        urls = {room_type.id: room_type.photo_url for room_type in room_types}
        for room_type_id, url in self._photos.items():
            if urls.get(room_type_id) != url:
                says = f"the photo of room type {room_type_id} is not the one that the last event says"
                yield HoleKind.STATE_DIFFERS, says

    def _know_gallery(self, gallery: tuple[str, ...]) -> None:
        self._is_whole_gallery_known = True
        self._gallery = list(gallery)
