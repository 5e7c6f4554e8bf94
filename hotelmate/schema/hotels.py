"""Hotels and their public pages."""

from typing import Self

import strawberry

from hotelmate import models
from hotelmate.database import Transaction
from hotelmate.resolvers import hotels as operations
from hotelmate.resolvers import settings as settings_operations
from hotelmate.resolvers.checks import camel_case
from hotelmate.resolvers.offers import require_all_offers
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
    id: strawberry.ID
    slug: str
    name: str

    @classmethod
    def of(cls, row: models.Hotel) -> Self:
        return cls(row=row, id=graphql_id(row.id), slug=row.slug, name=row.name)

    @strawberry.field
    def settings(self, info: Info) -> HotelSettings:
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
        context, changes = info.context, sent(input)
        sent_images = {"hero_image": hero_image, "landing_page_image": landing_page_image, "logo": logo}
        uploads = {name: upload for name, upload in sent_images.items() if upload is not None}
        settings_operations.check_changes(context.actor, changes, images=uploads)
        found = context.find_images(
            settings_operations.addressed_images(context.reading, context.actor, changes)
        )
        images = {
            name: context.keep_image(upload, field=camel_case(name)) for name, upload in uploads.items()
        }
        with context.transaction() as transaction:
            updated = settings_operations.update_settings(
                transaction, context.actor, changes, at=context.now, images=images, found=found
            )
            answer_as_of(transaction, info, hotel_id=updated.hotel_id)
        return Hotel.of(context.loaders.hotels.load(updated.hotel_id))


def answer_as_of(transaction: Transaction, info: Info, *, hotel_id: int) -> None:
    """Have what is answered after a transaction tell the hotel, and so its cursor, as it was in there.

    A cursor from a later reading could be past what happened in between to what is answered.
    """
    info.context.loaders.expect_hotels([operations.held_hotel(transaction, hotel_id)])
