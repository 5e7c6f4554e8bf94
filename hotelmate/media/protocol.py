"""What the server and the process that decodes an upload agree on; both import it, so it needs little.

The process gets `Limits` as its arguments and the upload as its standard input. To its standard output it
writes one line of JSON, and after it the files that the line tells of:

    {"ending": "jpg", "files": [[width, height, bytes], …]}     in full, then at each of `WIDTHS`
    {"refused": "a Reason"}

Any other end is the server's to judge: death by a signal is the upload's doing, the status EX_IOERR a disk's
on which there was no room for this, another status our fault.
"""

from enum import StrEnum
from typing import NamedTuple, Self

from hotelmate.media.names import CARD_WIDTH, PAGE_WIDTH, THUMBNAIL_WIDTH

WIDTHS = (PAGE_WIDTH, CARD_WIDTH, THUMBNAIL_WIDTH)
LONGEST_SIDE = 16_383
"""Pixels: what WebP can hold. Source: libwebp, WEBP_MAX_DIMENSION."""

_BASE_MEMORY_BYTES = 256 * 1024**2
# Half as much again as measured at 40 megapixels, where turning WebP with transparency upright takes most.
_MEMORY_BYTES_PER_PIXEL = 32
_OUTPUT_BYTES_PER_UPLOADED = 4


class Limits(NamedTuple):
    """What decoding one upload may cost."""

    pixels: int
    memory_bytes: int
    cpu_seconds: int
    output_bytes: int

    @classmethod
    def of(cls, *, max_bytes: int, max_megapixels: float, cpu_seconds: int) -> Self:
        """Return what an upload of up to such a size may need."""
        pixels = int(max_megapixels * 1_000_000)
        return cls(
            pixels=pixels,
            memory_bytes=_BASE_MEMORY_BYTES + _MEMORY_BYTES_PER_PIXEL * pixels,
            cpu_seconds=cpu_seconds,
            output_bytes=_OUTPUT_BYTES_PER_UPLOADED * max_bytes,
        )


class Reason(StrEnum):
    """Why an upload is refused."""

    NOT_AN_IMAGE = "NOT_AN_IMAGE"
    MORE_THAN_AN_IMAGE = "MORE_THAN_AN_IMAGE"
    DAMAGED = "DAMAGED"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    TOO_DEMANDING = "TOO_DEMANDING"
