"""The process that decodes one upload, writes it anew from its pixels, and ends.

`protocol` says how it is spoken to. A flaw in a decoder gives whoever exploits it this process only: no
secrets, no other upload, and it is over soon.
"""

import json
import os
import re
import resource
import sys
import warnings
from io import BytesIO

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, UnidentifiedImageError, WebPImagePlugin

from hotelmate.media.protocol import LONGEST_SIDE, WIDTHS, Limits, Reason

# Named by the plugins where only importing them makes the format known.
_FORMATS = ("JPEG", "PNG", "GIF", WebPImagePlugin.WebPImageFile.format, AvifImagePlugin.AvifImageFile.format)
_LOSSLESS = {"PNG", "GIF"}
# Text comes after markup. Without it, one in some thousand photos would hold "<svg>" by chance.
_MARKUP = re.compile(
    rb"(?:<(?:!doctype|html|head|body|script|iframe|svg)[\s/>]|<\?php\s)[\t\n\r -~]{8}", re.IGNORECASE
)
_ZIP_END = re.compile(rb"PK\x05\x06.{16}(..)", re.DOTALL)
_ZIP_END_BYTES, _ZIP_COMMENT_BYTES = 22, 0xFFFF
_PDF_BEGINS_WITHIN = 1024


class RefusedImage(Exception):
    """The upload is refused."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def main() -> None:
    """Answer to the upload on standard input, within the limits that the command line gives."""
    limits = Limits(*map(int, sys.argv[1:]))
    _restrict(limits)
    header: dict[str, object]
    files: list[bytes] = []
    try:
        header, files = _rewritten(sys.stdin.buffer.read(), limits)
    except RefusedImage as refused:
        header = {"refused": refused.reason}
    except MemoryError:
        header = {"refused": Reason.TOO_DEMANDING}
    _answer(json.dumps(header).encode() + b"\n", *files)


def _answer(*parts: bytes) -> None:
    try:
        for part in parts:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    except OSError:
        # Not `sys.exit`, which would try once more to write what is left, and end with a status of its own.
        os._exit(os.EX_IOERR)


def _restrict(limits: Limits) -> None:
    os.nice(5)  # those who are being served go first
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    # The header comes on top of what is counted below.
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes + 1024, limits.output_bytes + 1024))
    if sys.platform != "darwin":  # which has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    # Pillow only warns of what is up to twice too large.
    Image.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    # One thread per core would take address space per core.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def _rewritten(upload: bytes, limits: Limits) -> tuple[dict[str, object], list[bytes]]:
    image, is_lossless = _decoded(upload)
    if _is_something_else_too(upload):
        raise RefusedImage(Reason.MORE_THAN_AN_IMAGE)
    ending, full = _encoded(image, is_lossless=is_lossless)
    pictures = [(image.size, full)]
    for width in WIDTHS:
        narrow = _at_most(image, width)
        pictures.append((narrow.size, _webp(narrow)))
    files = [content for _, content in pictures]
    if sum(map(len, files)) > limits.output_bytes:
        raise RefusedImage(Reason.TOO_DEMANDING)
    return {"ending": ending, "files": [[*size, len(content)] for size, content in pictures]}, files


def _decoded(upload: bytes) -> tuple[Image.Image, bool]:
    """The picture, upright and in sRGB (of an animation, the first), and whether its format is lossless."""
    try:
        image = Image.open(BytesIO(upload), formats=_FORMATS)
        is_lossless = image.format in _LOSSLESS
        return _in_srgb(_upright(image)), is_lossless
    except (MemoryError, RefusedImage):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RefusedImage(Reason.TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise RefusedImage(Reason.NOT_AN_IMAGE) from None
    except Exception:  # noqa: BLE001 - to invented data, decoders answer with errors of every kind
        raise RefusedImage(Reason.DAMAGED) from None


def _upright(image: Image.Image) -> Image.Image:
    if max(image.size) > LONGEST_SIDE:
        raise RefusedImage(Reason.TOO_MANY_PIXELS)
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    """The picture as RGB, or RGBA where something shines through, without all that came beside the pixels."""
    alpha = _alpha(image)
    image = _with_srgb_colours(_without_alpha(image)).convert("RGB")
    if alpha is not None:
        image.putalpha(alpha)
    # From here Pillow's encoders would copy comments and profiles.
    image.info = {}
    return image


def _alpha(image: Image.Image) -> Image.Image | None:
    if not image.has_transparency_data:
        return None
    alpha = image.convert("RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _without_alpha(image: Image.Image) -> Image.Image:
    """The picture in one of the modes that a colour profile can describe."""
    if image.mode == "I;16":
        # Converted directly, every value over 255 would be white.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "LA":
        return image.convert("L")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _with_srgb_colours(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    try:
        described = ImageCms.ImageCmsProfile(BytesIO(profile))
        transform = ImageCms.buildTransform(described, ImageCms.createProfile("sRGB"), image.mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        # A broken profile, or one for other channels: browsers show the picture without it, too.
        return image
    return ImageCms.applyTransform(image, transform) or image


def _is_something_else_too(upload: bytes) -> bool:
    """Whether the file would also pass for a web page, a script, an archive or a document.

    What is written anew from pixels holds nothing of the kind. But nobody sends such a file by accident.
    """
    end = _ZIP_END.search(upload, max(0, len(upload) - _ZIP_END_BYTES - _ZIP_COMMENT_BYTES))
    is_zip = end is not None and end.end() + int.from_bytes(end[1], "little") == len(upload)
    return is_zip or b"%PDF-" in upload[:_PDF_BEGINS_WITHIN] or _MARKUP.search(upload) is not None


def _encoded(image: Image.Image, *, is_lossless: bool) -> tuple[str, bytes]:
    """The picture in full, and how its name ends: everything can show JPEG, but WebP can be seen through."""
    if is_lossless:
        # Level 6, the default, takes twice as long for files a tenth smaller.
        return "png", _saved(image, "PNG", compress_level=3)
    if image.mode == "RGBA":
        return "webp", _webp(image)
    return "jpg", _saved(image, "JPEG", quality=88, progressive=True)


def _webp(image: Image.Image) -> bytes:
    # Method 4, the default, takes five times as long for files a twentieth smaller.
    return _saved(image, "WEBP", quality=82, method=2)


def _saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def _at_most(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)


if __name__ == "__main__":
    main()
