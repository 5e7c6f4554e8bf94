"""What is uploaded is shown as it was meant, and nothing but the pixels is kept of it."""

import hashlib
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from hotelmate.media.images import ImageProcessor
from tests.media import profiles
from tests.media.uploads import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    assert_close,
    assert_quarters,
    encoded,
    files,
    quarters,
    seen,
)

PLANTED = b"planted-secret"


@pytest.mark.parametrize(
    ("file_format", "options", "kept_as"),
    [
        ("JPEG", {"quality": 95}, "JPEG"),
        ("JPEG", {"quality": 95, "progressive": True}, "JPEG"),
        ("PNG", {}, "PNG"),
        ("GIF", {}, "PNG"),
        ("WEBP", {"quality": 95}, "JPEG"),
        ("WEBP", {"lossless": True}, "JPEG"),
        ("AVIF", {"quality": 95}, "JPEG"),
    ],
)
def test_every_accepted_format_shows_the_same_picture(
    processor: ImageProcessor, file_format: str, options: dict[str, Any], kept_as: str
) -> None:
    image = processor.process(encoded(quarters(), file_format, **options), field="photo")
    assert [seen(file).format for file in files(image)] == [kept_as, "WEBP", "WEBP", "WEBP"]
    for file in files(image):
        assert_quarters(seen(file), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_lossless_formats_keep_every_pixel(processor: ImageProcessor, file_format: str) -> None:
    drawn = quarters((97, 31))
    image = processor.process(encoded(drawn, file_format), field="logo")
    assert seen(image.full).convert("RGB").tobytes() == drawn.tobytes()


def test_a_cameras_jpeg_with_further_pictures_behind_the_first_is_a_jpeg(processor: ImageProcessor) -> None:
    shot = encoded(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))], quality=95)
    image = processor.process(shot, field="photo")
    assert_quarters(seen(image.full), [RED, GREEN, BLUE, WHITE])


def test_the_widths_are_1920_800_and_320_and_nothing_is_enlarged(processor: ImageProcessor) -> None:
    large = processor.process(encoded(quarters((2400, 1500)), "JPEG"), field="photo")
    assert [(file.width, file.height) for file in files(large)] == [
        (2400, 1500),
        (1920, 1200),
        (800, 500),
        (320, 200),
    ]
    for file in files(large):
        assert_quarters(seen(file), [RED, GREEN, BLUE, WHITE])
    small = processor.process(encoded(quarters((500, 1000)), "JPEG"), field="photo")
    assert [(file.width, file.height) for file in files(small)] == [
        (500, 1000),
        (500, 1000),
        (500, 1000),
        (320, 640),
    ]
    strip = processor.process(encoded(Image.new("RGB", (5000, 1)), "PNG"), field="photo")
    assert [(file.width, file.height) for file in files(strip)] == [
        (5000, 1),
        (1920, 1),
        (800, 1),
        (320, 1),
    ]


def test_names_are_the_hash_of_what_is_shown(processor: ImageProcessor) -> None:
    upload = encoded(quarters(), "JPEG")
    image = processor.process(upload, field="photo")
    digest = hashlib.sha256(image.full.content).hexdigest()
    assert [file.name for file in files(image)] == [
        f"{digest}.jpg",
        f"{digest}-1920.webp",
        f"{digest}-800.webp",
        f"{digest}-320.webp",
    ]
    assert processor.process(upload, field="photo") == image
    other = processor.process(encoded(quarters((64, 50)), "JPEG"), field="photo")
    assert other.full.name != image.full.name


def test_an_upload_can_be_a_file(processor: ImageProcessor) -> None:
    content = encoded(quarters(), "PNG")
    with SpooledTemporaryFile() as upload:
        upload.write(content)
        upload.seek(0)
        assert processor.process(upload, field="photo") == processor.process(content, field="photo")


ORIENTED = [
    # EXIF's number, and the quarters as they are to be seen when RED GREEN / BLUE WHITE is stored
    (2, [GREEN, RED, WHITE, BLUE]),
    (3, [WHITE, BLUE, GREEN, RED]),
    (4, [BLUE, WHITE, RED, GREEN]),
    (5, [RED, BLUE, GREEN, WHITE]),
    (6, [BLUE, RED, WHITE, GREEN]),
    (7, [WHITE, GREEN, BLUE, RED]),
    (8, [GREEN, WHITE, RED, BLUE]),
]


@pytest.mark.parametrize(("orientation", "expected"), ORIENTED)
def test_a_photo_taken_sideways_is_shown_upright(
    processor: ImageProcessor, orientation: int, expected: list[Any]
) -> None:
    image = processor.process(
        encoded(quarters(), "JPEG", quality=95, exif=turned(orientation)), field="photo"
    )
    assert (image.full.width, image.full.height) == ((64, 48) if orientation < 5 else (48, 64))
    for file in files(image):
        assert_quarters(seen(file), expected)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "AVIF"])
def test_other_formats_are_shown_upright_too(processor: ImageProcessor, file_format: str) -> None:
    upload = encoded(quarters(), file_format, exif=turned(6))
    assert_quarters(seen(processor.process(upload, field="photo").full), [BLUE, RED, WHITE, GREEN])


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def telling_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = PLANTED.decode()
    exif[ExifTags.Base.Make] = "Camera of the night porter"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (52.0, 3.0, 34.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "W", (9.0, 30.0, 27.0)
    return exif


def telling_uploads() -> dict[str, bytes]:
    """A file of each format with all that it can tell beside its pixels."""
    exif, xmp = telling_exif(), b"<x:xmpmeta>" + PLANTED + b"</x:xmpmeta>"
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", PLANTED.decode())
    texts.add_text("Comment", PLANTED.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return {
        "JPEG": encoded(quarters(), "JPEG", exif=exif, xmp=xmp, comment=PLANTED, icc_profile=profiles.P3),
        "PNG": encoded(quarters(), "PNG", exif=exif, pnginfo=texts, icc_profile=profiles.P3),
        "GIF": encoded(quarters(), "GIF", comment=PLANTED),
        "WEBP": encoded(quarters(), "WEBP", exif=exif, xmp=xmp, icc_profile=profiles.P3),
        "AVIF": encoded(quarters(), "AVIF", exif=exif, xmp=xmp, icc_profile=profiles.P3),
    }


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_nothing_is_told_of_who_took_a_photo_and_where(processor: ImageProcessor, file_format: str) -> None:
    upload = telling_uploads()[file_format]
    assert PLANTED in upload
    for file in files(processor.process(upload, field="photo")):
        assert PLANTED not in file.content
        found = seen(file)
        assert not found.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "Author", "Comment"} & set(found.info)


def test_colours_of_another_profile_look_the_same_in_srgb(processor: ImageProcessor) -> None:
    # Computed from the definitions of Display P3 and sRGB, not with what is tested.
    painted, expected = (200, 100, 50), (215, 93, 31)
    for file_format in ("PNG", "JPEG"):
        upload = encoded(
            Image.new("RGB", (16, 16), painted), file_format, quality=95, icc_profile=profiles.P3
        )
        image = processor.process(upload, field="photo")
        assert_close([seen(image.full).getpixel((8, 8))], [expected], within=4)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_greys_of_another_profile_look_the_same_in_srgb(processor: ImageProcessor, mode: str) -> None:
    painted = Image.new("L", (16, 16), 128).convert(mode)
    image = processor.process(encoded(painted, "PNG", icc_profile=profiles.LINEAR_GREY), field="photo")
    # Half of the light, by the definition of sRGB.
    assert_close([seen(image.full).convert("RGB").getpixel((8, 8))], [(188, 188, 188)], within=1)


def test_transparency_outlives_the_change_of_colours(processor: ImageProcessor) -> None:
    painted = Image.new("RGBA", (16, 16), (200, 100, 50, 77))
    image = processor.process(encoded(painted, "PNG", icc_profile=profiles.P3), field="logo")
    assert_close([seen(image.full).getpixel((8, 8))], [(215, 93, 31, 77)], within=4)


@pytest.mark.parametrize("profile", [b"not a profile", profiles.P3[:200]])
def test_a_broken_profile_does_not_spoil_the_picture(processor: ImageProcessor, profile: bytes) -> None:
    image = processor.process(encoded(quarters(), "PNG", icc_profile=profile), field="photo")
    assert_quarters(seen(image.full), [RED, GREEN, BLUE, WHITE])


def test_a_profile_for_other_channels_does_not_spoil_the_picture(processor: ImageProcessor) -> None:
    grey = Image.new("L", (16, 16), 100)
    image = processor.process(encoded(grey, "PNG", icc_profile=profiles.P3), field="photo")
    assert seen(image.full).getpixel((8, 8)) == (100, 100, 100)


def test_ink_colours_become_screen_colours(processor: ImageProcessor) -> None:
    printed = quarters().convert("CMYK")
    image = processor.process(encoded(printed, "JPEG", quality=95), field="photo")
    for file in files(image):
        assert_quarters(seen(file), [RED, GREEN, BLUE, WHITE])


def test_sixteen_bits_per_channel_keep_their_brightness(processor: ImageProcessor) -> None:
    levels = Image.new("I;16", (4, 1))
    for x, level in enumerate((0, 0x4000, 0x8000, 0xFFFF)):
        levels.putpixel((x, 0), level)
    image = processor.process(encoded(levels, "PNG"), field="photo")
    shown = seen(image.full)
    assert [shown.getpixel((x, 0)) for x in range(4)] == [
        (0, 0, 0),
        (64, 64, 64),
        (128, 128, 128),
        (255, 255, 255),
    ]


@pytest.mark.parametrize(
    ("upload", "kept_as"),
    [
        (encoded(Image.new("RGBA", (16, 16), (*RED, 128)), "PNG"), "PNG"),
        (encoded(Image.new("RGBA", (16, 16), (*RED, 128)), "WEBP", lossless=True), "WEBP"),
        (encoded(Image.new("RGBA", (16, 16), (*RED, 128)), "AVIF", quality=95), "WEBP"),
        (encoded(Image.new("RGBA", (16, 16), (*RED, 128)).quantize(4), "PNG"), "PNG"),
    ],
)
def test_what_shines_through_still_does(processor: ImageProcessor, upload: bytes, kept_as: str) -> None:
    image = processor.process(upload, field="logo")
    assert seen(image.full).format == kept_as
    for file in files(image):
        assert_close([seen(file).getpixel((8, 8))], [(*RED, 128)], within=10)


def test_what_nothing_shines_through_has_no_transparency(processor: ImageProcessor) -> None:
    opaque = quarters().convert("RGBA")
    assert seen(processor.process(encoded(opaque, "PNG"), field="photo").full).mode == "RGB"
    assert seen(processor.process(encoded(opaque, "AVIF"), field="photo").full).format == "JPEG"


def test_a_colour_that_stands_for_transparency_does(processor: ImageProcessor) -> None:
    for upload in (
        encoded(quarters(), "PNG", transparency=GREEN),
        encoded(quarters().convert("P", palette=Image.Palette.ADAPTIVE), "GIF", transparency=0),
    ):
        shown = seen(processor.process(upload, field="logo").full)
        assert shown.mode == "RGBA"
        assert shown.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_way_to_store_pixels_is_understood(processor: ImageProcessor, mode: str) -> None:
    image = processor.process(encoded(Image.new("RGB", (8, 8), WHITE).convert(mode), "PNG"), field="photo")
    assert seen(image.full).convert("RGB").getpixel((4, 4)) == WHITE


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_of_an_animation_the_first_picture_is_kept(processor: ImageProcessor, file_format: str) -> None:
    red, green = Image.new("RGB", (16, 16), RED), Image.new("RGB", (16, 16), GREEN)
    moving = encoded(red, file_format, save_all=True, append_images=[green], duration=100)
    assert getattr(Image.open(BytesIO(moving)), "n_frames", 1) == 2
    for file in files(processor.process(moving, field="photo")):
        assert getattr(seen(file), "n_frames", 1) == 1
        assert_close([seen(file).convert("RGB").getpixel((8, 8))], [RED], within=10)
