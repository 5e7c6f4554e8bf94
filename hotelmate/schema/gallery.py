"""The pictures of a hotel's public page."""

from functools import partial
from typing import Self

import strawberry

from hotelmate import models
from hotelmate.resolvers import gallery as operations
from hotelmate.schema.fields import Info, mutation
from hotelmate.schema.uploads import Upload


@strawberry.type(description="A picture of a hotel's gallery.")
class GalleryImage:
    url: str
    public_id: str

    @classmethod
    def of(cls, image: models.GalleryImage) -> Self:
        return cls(url=image.url, public_id=image.public_id)


@strawberry.type
class GalleryMutations:
    @mutation("CONFLICT when the gallery has the picture already. [staff]")
    def upload_gallery_image(self, info: Info, image: Upload) -> GalleryImage:
        context = info.context
        added = context.recorded(models.GalleryImage)
        if added is None:
            kept = context.keep_image(image, field="image")
            add = partial(operations.add_gallery_image, actor=context.actor, image=kept, at=context.now)
            added = context.change(models.GalleryImage, add)
        return GalleryImage.of(added)

    @mutation("Exactly the present urls, in their new order; anything else is BAD_USER_INPUT. [staff]")
    def reorder_gallery(self, info: Info, urls: list[str]) -> list[GalleryImage]:
        context = info.context
        reorder = partial(operations.reorder_gallery, actor=context.actor, urls=urls, at=context.now)
        images = context.change(list[models.GalleryImage], reorder)
        return [GalleryImage.of(image) for image in images]

    @mutation("Answers with the pictures that remain. [staff]")
    def remove_gallery_image(self, info: Info, url: str) -> list[GalleryImage]:
        context = info.context
        remove = partial(operations.remove_gallery_image, actor=context.actor, url=url, at=context.now)
        images = context.change(list[models.GalleryImage], remove)
        return [GalleryImage.of(image) for image in images]
