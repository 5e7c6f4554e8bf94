"""What is not a picture, or would hurt, is refused with a sentence."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image

from hotelmate.media.errors import ImageTooLarge, NotAnImage, UnusableImage
from hotelmate.media.images import ImageProcessor
from tests.media.conftest import MAX_BYTES
from tests.media.uploads import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    assert_quarters,
    deflated_zeros,
    encoded,
    files,
    png,
    quarters,
    seen,
)

SCRIPT = b"<script>alert('planted-script')</script>"
PAGE = b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>"


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("run.class", "planted")
    return file.getvalue()


@pytest.mark.parametrize(
    "upload",
    [
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', id="svg"),
        pytest.param(b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', id="svg-as-xml"),
        pytest.param(PAGE, id="html"),
        pytest.param(b"GIF87" + PAGE, id="html-that-begins-almost-as-gif"),
        pytest.param(PAGE + encoded(quarters(), "JPEG"), id="html-before-jpeg"),
        pytest.param(b"%PDF-1.7\n%%EOF", id="pdf"),
        pytest.param(archive(), id="zip"),
        pytest.param(b"\x7fELF" + bytes(100), id="program"),
        pytest.param(b"\x00", id="one-byte"),
        pytest.param(encoded(quarters(), "TIFF"), id="tiff"),
        pytest.param(encoded(quarters(), "BMP"), id="bmp"),
        pytest.param(encoded(quarters(), "PPM"), id="ppm"),
        pytest.param(encoded(quarters(), "ICO"), id="ico"),
        pytest.param(encoded(quarters(), "JPEG2000"), id="jpeg-2000"),
        pytest.param(encoded(quarters(), "EPS"), id="eps"),
        pytest.param(encoded(quarters(), "PDF"), id="pdf-of-a-picture"),
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(
    processor: ImageProcessor, upload: bytes
) -> None:
    with pytest.raises(NotAnImage) as refused:
        processor.process(upload, field="photo")
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "photo")
    assert refused.value.message == "This is not a JPEG, PNG, WebP, AVIF or GIF picture."


@pytest.mark.parametrize(
    "upload",
    [
        pytest.param(encoded(quarters(), "JPEG") + PAGE, id="jpeg-then-html"),
        pytest.param(encoded(quarters(), "JPEG", comment=PAGE), id="html-in-jpeg-comment"),
        pytest.param(encoded(quarters(), "JPEG", comment=SCRIPT.upper()), id="script-in-jpeg-comment"),
        pytest.param(encoded(quarters(), "GIF", comment=b"*/=1;" + SCRIPT), id="script-in-gif-comment"),
        pytest.param(encoded(quarters(), "PNG") + b"<?php system($_GET['x']); ?>", id="png-then-php"),
        pytest.param(encoded(quarters(), "WEBP", xmp=b"<svg onload='alert(1)'/>"), id="svg-in-webp"),
        pytest.param(encoded(quarters(), "PNG") + archive(), id="png-then-zip"),
        pytest.param(encoded(quarters(), "JPEG", comment=b"%PDF-1.7\n1 0 obj"), id="pdf-in-jpeg-comment"),
    ],
)
def test_a_picture_that_is_something_else_too_is_refused(processor: ImageProcessor, upload: bytes) -> None:
    with pytest.raises(NotAnImage, match="not only a picture"):
        processor.process(upload, field="photo")


def test_a_remark_in_a_photo_is_no_reason_to_refuse_it(processor: ImageProcessor) -> None:
    remark = b"if a < b && script > page: <3 PK\x05\x06"
    image = processor.process(encoded(quarters(), "PNG") + remark, field="photo")
    assert_quarters(seen(image.full), [RED, GREEN, BLUE, WHITE])
    assert all(remark not in file.content for file in files(image))


@pytest.mark.parametrize("letters", [b"<svg>", b"<SvG/", b"<body ", b"<?php "])
def test_letters_that_pixels_form_by_chance_are_no_reason_to_refuse_a_photo(
    processor: ImageProcessor, letters: bytes
) -> None:
    pixels = bytes(range(128, 228)) + letters + bytes(range(128, 251 - len(letters)))
    # PNG writes the numbers of a palette's colours as they are.
    image = Image.frombytes("P", (len(pixels), 1), pixels)
    image.putpalette(bytes(value for grey in range(256) for value in (grey, grey, grey)))
    upload = encoded(image, "PNG", compress_level=0)
    assert letters in upload
    assert seen(processor.process(upload, field="photo").full).convert("L").tobytes() == pixels


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_cut_short_is_refused(processor: ImageProcessor, file_format: str) -> None:
    whole = encoded(Image.effect_noise((64, 64), 90), file_format)
    for kept in (len(whole) * 9 // 10, len(whole) // 2):
        with pytest.raises(UnusableImage, match="damaged or cut short"):
            processor.process(whole[:kept], field="photo")


def test_an_avif_cut_short_is_refused(processor: ImageProcessor) -> None:
    whole = encoded(Image.effect_noise((64, 64), 90), "AVIF")
    with pytest.raises(UnusableImage, match="damaged or cut short"):
        processor.process(whole[:-20], field="photo")
    # Cut so short that it is not recognised.
    with pytest.raises(NotAnImage):
        processor.process(whole[: len(whole) // 2], field="photo")


def test_a_damaged_picture_is_refused(processor: ImageProcessor) -> None:
    whole = encoded(quarters(), "PNG")
    with pytest.raises(UnusableImage, match="damaged or cut short"):
        processor.process(whole.replace(b"IDAT\x78", b"IDAT\x00"), field="photo")


def test_an_empty_file_is_refused(processor: ImageProcessor) -> None:
    with pytest.raises(UnusableImage, match="empty"):
        processor.process(b"", field="photo")


def test_up_to_10_mb_is_accepted_and_a_byte_more_is_not(processor: ImageProcessor) -> None:
    picture = encoded(quarters(), "PNG")
    full = picture + bytes(MAX_BYTES - len(picture))
    assert_quarters(seen(processor.process(full, field="photo").full), [RED, GREEN, BLUE, WHITE])
    with pytest.raises(ImageTooLarge, match="10,485,760 bytes") as refused:
        processor.process(full + b"\0", field="photo")
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "photo")


def test_up_to_40_megapixels_are_accepted_and_a_row_more_is_not(processor: ImageProcessor) -> None:
    assert processor.process(png(width=8000, height=5000), field="photo").full.width == 8000
    with pytest.raises(UnusableImage, match="40 megapixels"):
        processor.process(png(width=8000, height=5001), field="photo")


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + encoded(quarters(), "GIF")[13:]


def webp(width: int, height: int) -> bytes:
    return encoded(Image.new("RGB", (width, height)), "WEBP", lossless=True, method=0)


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(lambda: png(width=30_000, height=30_000), id="png-of-900-megapixels"),
        pytest.param(lambda: png(width=16_384, height=1), id="png-longer-than-webp-can-be"),
        pytest.param(lambda: gif(65_535, 65_535), id="gif-of-4-gigapixels"),
        pytest.param(lambda: webp(8_000, 5_001), id="webp-of-a-row-too-many"),
    ],
)
def test_a_small_file_that_would_unpack_to_a_huge_picture_is_refused(
    processor: ImageProcessor, bomb: Callable[[], bytes]
) -> None:
    upload = bomb()
    assert len(upload) < 250_000
    with pytest.raises(UnusableImage, match="40 megapixels, and 16,383 pixels on its longer side"):
        processor.process(upload, field="photo")


@pytest.mark.parametrize(
    ("kind", "head"), [(b"iCCP", b"profile\0\0"), (b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0")]
)
def test_a_small_file_with_a_huge_attachment_is_refused(
    processor: ImageProcessor, kind: bytes, head: bytes
) -> None:
    bomb = png((kind, head + deflated_zeros(100_000_000)))
    assert len(bomb) < 100_000
    with pytest.raises(UnusableImage, match="damaged"):
        processor.process(bomb, field="photo")
