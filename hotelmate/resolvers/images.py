"""Pictures that an operation is going to name: stored or looked up before its transaction begins."""

from collections.abc import Mapping
from typing import BinaryIO

from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.identity.rates import Allowance
from hotelmate.media.pictures import Pictures
from hotelmate.media.storage import Location


def keep_image(
    pictures: Pictures, actor: Actor, upload: bytes | BinaryIO, *, allowance: Allowance, field: str
) -> Location:
    """[staff] Store an uploaded picture and return where it is, for an operation to name it.

    To be called with no session open: decoding takes seconds, for which nobody should wait. What else the
    operation could refuse is better found out before (`check_draft` and its like).

    Args:
        pictures: takes it in.
        actor: the caller.
        upload: the file's content, or a file that is read from where it stands.
        allowance: is spent.
        field: what the caller calls it, as the GraphQL contract spells it.

    Raises:
        RateLimited: too many pictures.
        ImageTooLarge, NotAnImage, UnusableImage, TooManyUploads, StorageUnavailable: see `Pictures.take_in`.
    """
    require_staff(actor)
    allowance.spend_upload()
    return pictures.take_in(upload, field=field)


def find_images(pictures: Pictures, actor: Actor, urls: Mapping[str, str]) -> dict[str, Location]:
    """[staff] Return, by url, those of the pictures that are ours; they stay until an operation names them.

    To be called with no session open: the store can take a while to answer.

    Args:
        pictures: looks for them.
        actor: the caller.
        urls: that operations have accepted, by what the caller calls them, as the GraphQL contract spells it.

    Raises:
        NoSuchPicture, StorageUnavailable: see `Pictures.find`.
    """
    require_staff(actor)
    found = {url: pictures.find(url, field=field) for field, url in urls.items()}
    return {url: location for url, location in found.items() if location is not None}
