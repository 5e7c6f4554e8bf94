"""Take uploads in: made safe, and stored before any row names them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO, Self, TypeVar

from hotelmate import deadlines
from hotelmate.media import names
from hotelmate.media.errors import NoSuchPicture
from hotelmate.media.images import ImageProcessor
from hotelmate.media.protocol import WIDTHS
from hotelmate.media.storage import Location, Storage, open_storage
from hotelmate.settings import Settings

Result = TypeVar("Result")

_THREADS = 8


class Pictures:
    """What operations with uploads need. Taking in blocks: it belongs in `run`, and in no transaction."""

    def __init__(self, processor: ImageProcessor, storage: Storage) -> None:
        self._processor = processor
        self._storage = storage
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="uploads")

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return them as the settings ask for."""
        processor = ImageProcessor(
            max_bytes=settings.media_max_bytes, max_megapixels=settings.media_max_megapixels
        )
        return cls(processor, open_storage(settings))

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run work that takes uploads in, in threads of its own.

        Such work waits for seconds. In the database's few threads it would hold up everybody. The wait for a
        thread does not count as the operation's own time (`deadlines`), nor does taking pictures in.
        """
        return await deadlines.carry_out(self._threads, work, waits_freely=True)

    def close(self) -> None:
        """Wait for what is running; what has not begun never does."""
        self._threads.shutdown(cancel_futures=True)

    @deadlines.paused()
    def take_in(self, upload: bytes | BinaryIO, *, field: str) -> Location:
        """Store an upload in all its widths, for good, and return where it is in full.

        The same picture is at the same url whenever it comes. When the transaction that was to name it fails,
        leave it where it is: `collect` removes what nothing names.

        Args:
            upload: the file's content, or a file that is read from where it stands.
            field: what the caller calls it; named in what is raised.

        Raises:
            ImageTooLarge, NotAnImage, UnusableImage, TooManyUploads: see `ImageProcessor.process`.
            StorageUnavailable: the store failed.
        """
        image = self._processor.process(upload, field=field)
        # In full comes last: whoever knows its url can count on the others.
        for narrow in (image.thumbnail, image.card):
            self._storage.put(narrow.name, narrow.content)
        page = self._storage.put(image.page.name, image.page.content)
        return replace(self._storage.put(image.full.name, image.full.content), page_url=page.url)

    @deadlines.paused()
    def find(self, url: str, *, field: str) -> Location | None:
        """Return where the picture of ours is that a url shows, or None for a url of anything else.

        It counts as stored now, in all its widths: a row that names it soon will not name what is not there.

        Args:
            url: one that can be shown; a path is one of this server's.
            field: what the caller calls it; named in what is raised.

        Raises:
            NoSuchPicture: it would be one of ours, and it is not there.
            StorageUnavailable: the store failed.
        """
        name = self._storage.name_at(url)
        if name is None and not url.startswith("/"):
            return None
        if name is None or not names.is_name(name):
            raise NoSuchPicture(field)
        narrower = [names.narrower(name, width) for width in WIDTHS] if names.is_full(name) else []
        stored = [there for each in (name, *narrower) if (there := self._storage.renew(each))]
        if len(stored) <= len(narrower):
            raise NoSuchPicture(field)
        found, *widths = stored
        return replace(found, url=url, page_url=widths[0].url if widths else None)
