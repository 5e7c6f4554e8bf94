"""Hotels and their public pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import strawberry

from hotelmate import models
from hotelmate.database import Transaction
from hotelmate.events.catalogue import SettingsSnapshot
from hotelmate.resolvers import hotels as operations
from hotelmate.resolvers import settings as settings_operations
from hotelmate.resolvers.checks import camel_case
from hotelmate.resolvers.offers import require_all_offers
from hotelmate.schema.context import Context
from hotelmate.schema.fields import Info, field, mutation
from hotelmate.schema.gallery import GalleryImage
from hotelmate.schema.inputs import sent
from hotelmate.schema.offers import Offer
from hotelmate.schema.paging import Connection, connection, size
from hotelmate.schema.rooms import RoomType
from hotelmate.schema.scalars import graphql_id
from hotelmate.schema.settings import HotelSettings, SettingsPatch
from hotelmate.schema.uploads import Upload


@strawberry.type(description="A hotel, and all that its public page shows.")
class Hotel:
    row: strawberry.Private[models.Hotel]
    settings_then: strawberry.Private[SettingsSnapshot | None]
    id: strawberry.ID
    slug: str
    name: str

    @classmethod
    def of(cls, row: models.Hotel, *, settings: SettingsSnapshot | None = None) -> Self:
        """Return a hotel with its settings as they are, or as a change has left them."""
        return cls(row=row, settings_then=settings, id=graphql_id(row.id), slug=row.slug, name=row.name)

    @strawberry.field
    def settings(self, info: Info) -> HotelSettings:
        if self.settings_then is not None:
            return HotelSettings.of(self.settings_then)
        settings = info.context.loaders.settings.load(self.row.id)
        return HotelSettings.of(settings_operations.snapshot(settings))

    @strawberry.field
    def gallery(self, info: Info) -> list[GalleryImage]:
        return [GalleryImage.of(image) for image in info.context.loaders.gallery.load(self.row.id)]

    @strawberry.field
    def room_types(self, info: Info) -> list[RoomType]:
        return [RoomType.of(row) for row in info.context.loaders.room_types_of_hotel.load(self.row.id)]

    @field("Active and valid today, by sort order then newest; staff of the hotel may ask for all.")
    def offers(self, info: Info, include_inactive: bool | None = False) -> list[Offer]:
        offers = info.context.loaders.public_offers
        if include_inactive:
            require_all_offers(info.context.actor, self.row.id)
            offers = info.context.loaders.all_offers
        return [Offer.of(row) for row in offers.load(self.row.id)]

    @field(
        "Where the hotel's log stood when this was read: subscribe with it as `after` and nothing is missed."
    )
    def cursor(self) -> str:
        return operations.cursor_of(self.row)

    @field("The number of the hotel's last event by then: Pusher's events have theirs in `meta.seq`.")
    def seq(self) -> int:
        return self.row.seq


@strawberry.type
class HotelQueries:
    @field("The public page of one hotel. [public]")
    def hotel(self, info: Info, slug: str) -> Hotel | None:
        found = operations.get_hotel(info.context.reading, slug)
        if found is None:
            return None
        info.context.loaders.expect_hotels([found])
        return Hotel.of(found)

    @field("Active hotels, by sort order then name. [public]")
    def hotels(self, info: Info, first: int | None = 20, after: str | None = None) -> Connection[Hotel]:
        page = operations.hotels(info.context.reading, first=size(first), after=after)
        return connection(page, Hotel.of, expect=info.context.loaders.expect_hotels)


@strawberry.type
class SettingsMutations:
    @mutation("Fields left out stay as they are; null clears a text or an image. [staff]")
    def update_settings(
        self,
        info: Info,
        *,
        input: SettingsPatch,
        hero_image: Upload | None = None,
        landing_page_image: Upload | None = None,
        logo: Upload | None = None,
    ) -> Hotel:
        images = {"hero_image": hero_image, "landing_page_image": landing_page_image, "logo": logo}
        uploads = {name: upload for name, upload in images.items() if upload is not None}
        updated = info.context.recorded(_Updated)
        if updated is None:
            updated = _update_settings(info.context, sent(input), uploads)
        return Hotel.of(info.context.loaders.hotels.load(updated.hotel_id), settings=updated.settings)


@dataclass(frozen=True, slots=True)
class _Updated:
    hotel_id: int
    settings: SettingsSnapshot


def _update_settings(
    context: Context, changes: Mapping[str, object], uploads: Mapping[str, Upload]
) -> _Updated:
    operations = settings_operations
    operations.check_changes(context.actor, changes, images=uploads)
    found = context.find_images(operations.addressed_images(context.reading, context.actor, changes))
    images = {name: context.keep_image(upload, field=camel_case(name)) for name, upload in uploads.items()}

    def update(transaction: Transaction) -> _Updated:
        updated = operations.update_settings(
            transaction, context.actor, changes, at=context.now, images=images, found=found
        )
        return _Updated(updated.hotel_id, operations.snapshot(updated))

    return context.change(_Updated, update)
