"""Landscapes for the demo's hotels, drawn from a word: the same word is always the same picture."""

import math
import random
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw

# Drawn at twice the size for smooth edges; larger than that, and the demo's start takes seconds.
_SIZE = (1920, 1200)
_SKY, _SUN, _NEAR = "#F7E8D5", "#F4A261", "#1F4E5F"
_HIGH_SKY = "#79A8A9"
_RANGES = 6

Colour = tuple[int, ...]


def landscape(word: str) -> bytes:
    """Return hills before an evening sky as a JPEG file of 960 by 600 pixels."""
    choices = random.Random(word)  # noqa: S311 - a drawing, not a secret
    image = _sky()
    draw = ImageDraw.Draw(image)
    _draw_sun(draw, choices)
    for number in range(1, _RANGES + 1):
        _draw_hills(draw, choices, nearness=number / _RANGES)
    file = BytesIO()
    image.reduce(2).save(file, "JPEG", quality=90)
    return file.getvalue()


def _sky() -> Image.Image:
    width, height = _SIZE
    gradient = Image.new("L", _SIZE, 255)
    gradient.paste(Image.linear_gradient("L").resize((width, height // 2)))
    return Image.composite(Image.new("RGB", _SIZE, _SKY), Image.new("RGB", _SIZE, _HIGH_SKY), gradient)


def _draw_sun(draw: ImageDraw.ImageDraw, choices: random.Random) -> None:
    width, height = _SIZE
    radius = choices.randint(height * 6 // 100, height * 11 // 100)
    x, y = choices.randint(width // 5, width * 4 // 5), choices.randint(height // 4, height // 2)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_SUN)


def _draw_hills(draw: ImageDraw.ImageDraw, choices: random.Random, *, nearness: float) -> None:
    width, height = _SIZE
    waves = [(choices.uniform(0.5, 4), choices.uniform(0, math.tau)) for _ in range(4)]
    skyline = [
        (x, height * (0.35 + 0.5 * nearness) + _height(waves, x / width) * height * 0.09)
        for x in range(0, width + 1, 8)
    ]
    draw.polygon([(0, height), *skyline, (width, height)], fill=_mixed(_HIGH_SKY, _NEAR, nearness))


def _height(waves: list[tuple[float, float]], x: float) -> float:
    return sum(math.sin(often * x * math.tau + shift) / often for often, shift in waves) / 2


def _mixed(far: str, near: str, nearness: float) -> Colour:
    pairs = zip(ImageColor.getrgb(far), ImageColor.getrgb(near), strict=True)
    return tuple(round(a + (b - a) * nearness) for a, b in pairs)
