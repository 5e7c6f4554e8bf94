"""What uploads are tested with."""

import pytest

from hotelmate.media.images import ImageProcessor

MAX_BYTES = 10 * 1024 * 1024


@pytest.fixture(scope="session")
def processor() -> ImageProcessor:
    """A processor with the limits that there are when nothing is set."""
    return ImageProcessor(max_bytes=MAX_BYTES, max_megapixels=40)
