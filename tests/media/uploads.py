"""Files as people upload them, made on the spot, and what can be seen in what became of them."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

from hotelmate.media.images import ImageFile, ProcessedImage

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)

Colour = tuple[int, ...]


def quarters(size: tuple[int, int] = (64, 48)) -> Image.Image:
    """A picture with red, green, blue and white quarters, in reading order."""
    width, height = size
    image = Image.new("RGB", size, WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The picture as a file."""
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def seen(file: ImageFile) -> Image.Image:
    """A stored file, decoded."""
    image = Image.open(BytesIO(file.content))
    image.load()
    assert image.size == (file.width, file.height)
    return image


def files(image: ProcessedImage) -> tuple[ImageFile, ImageFile, ImageFile, ImageFile]:
    """All files of a picture."""
    return image.full, image.page, image.card, image.thumbnail


def assert_quarters(image: Image.Image, expected: list[Colour], *, within: int = 10) -> None:
    """Assert the colours of the quarters, in reading order, each in its middle."""
    width, height = image.size
    middles = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    found = [image.convert("RGB").getpixel(middle) for middle in middles]
    assert_close(found, expected, within=within)


def assert_close(found: list[Any], expected: list[Colour], *, within: int) -> None:
    """Assert colours up to a difference in each channel, as lossy formats make."""
    for one, other in zip(found, expected, strict=True):
        differences = [abs(a - b) for a, b in zip(one, other, strict=True)]
        assert max(differences) <= within, (found, expected)


def png(*chunks: tuple[bytes, bytes], width: int = 8, height: int = 8, bits: int = 1) -> bytes:
    """A black PNG in grey with further chunks before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    row = bytes(1 + (width * bits + 7) // 8)
    compressor = zlib.compressobj(9)
    pixels = b"".join(compressor.compress(row) for _ in range(height)) + compressor.flush()
    every = [(b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in every)


def deflated_zeros(size: int) -> bytes:
    """So many zeros as zlib packs them, in a thousandth of the space."""
    return zlib.compress(bytes(size), 9)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
