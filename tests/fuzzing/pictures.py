"""Files as they come with requests: pictures, and what only begins like one."""

from functools import cache
from random import Random

from tests.media.uploads import encoded, png, quarters


def picture(random: Random) -> bytes:
    """A picture, a broken one, or something else."""
    choice = random.random()
    if choice < 0.4:
        return _good()
    if choice < 0.6:
        return _good()[: random.randrange(1, len(_good()))]
    if choice < 0.7:
        return png((b"tEXt", bytes(range(64))), width=random.choice((0, 1, 70_000)))
    return random.choice(
        (b"", b"\0", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff")
    )


@cache
def _good() -> bytes:
    return encoded(quarters(), "PNG")
