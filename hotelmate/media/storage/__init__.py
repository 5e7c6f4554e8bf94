"""Where pictures are kept: a folder, an S3-compatible store, or Cloudinary."""

from hotelmate.media.names import URL_PATH
from hotelmate.media.storage.base import Location, Storage
from hotelmate.media.storage.folder import FolderStorage
from hotelmate.settings import Settings

__all__ = ["FolderStorage", "Location", "Storage", "open_storage"]


def open_storage(settings: Settings) -> Storage:
    """Return the store that the settings ask for; nothing is asked of it yet."""
    # The libraries of the first two are optional, and slow to import.
    if settings.s3_bucket is not None and settings.media_url is not None:
        from hotelmate.media.storage.s3 import S3Storage  # noqa: PLC0415 - an extra

        return S3Storage(
            settings.s3_bucket,
            endpoint_url=settings.s3_endpoint_url,
            prefix=settings.media_prefix,
            public_url=settings.media_url,
        )
    if settings.cloudinary.url is not None:
        from hotelmate.media.storage.cloudinary import CloudinaryStorage  # noqa: PLC0415 - an extra

        return CloudinaryStorage(
            settings.cloudinary.url.get_secret_value(),
            prefix=settings.media_prefix,
            public_url=settings.media_url,
        )
    served_at = settings.origin + URL_PATH
    return FolderStorage(
        settings.media_folder, public_url=settings.media_url or served_at, also_at=(served_at, URL_PATH)
    )
