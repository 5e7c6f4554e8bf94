"""What stored pictures are called: by the hash of their content, so that a name never changes its picture.

`{digest}.{ending}` is the picture in full, `{digest}-{width}.webp` the same at most so many pixels wide.
"""

import hashlib
import re

URL_PATH = "/media"
"""Where this server serves what is in its folder."""
PAGE_WIDTH = 1920
CARD_WIDTH = 800
THUMBNAIL_WIDTH = 320

_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_NAME = re.compile(rf"({_DIGEST.pattern})(?:-[1-9][0-9]{{1,4}})?\.({'|'.join(_MEDIA_TYPES)})")


def name_of(content: bytes, ending: str) -> str:
    """Return what a picture in full is called; `ending` is jpg, png or webp."""
    return f"{hashlib.sha256(content).hexdigest()}.{ending}"


def narrower(name: str, width: int) -> str:
    """Return what a picture is called at the given width."""
    return f"{stem(name).partition('-')[0]}-{width}.webp"


def is_name(text: str) -> bool:
    """Whether a stored picture can be called so; never true of a path that leads elsewhere."""
    return _NAME.fullmatch(text) is not None


def is_full(name: str) -> bool:
    """Whether a name is of a picture in full."""
    return "-" not in name


def stem(name: str) -> str:
    """Return a name without its ending."""
    return name.partition(".")[0]


def media_type(name: str) -> str:
    """Return the media type that a name's ending stands for."""
    return _MEDIA_TYPES[name.rpartition(".")[2]]


def digests_in(text: str) -> set[str]:
    """Return the digests of all pictures whose name, or url in whatever form, the text mentions."""
    return set(_DIGEST.findall(text))
