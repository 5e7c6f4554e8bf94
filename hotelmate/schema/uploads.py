"""Files that come with a request, as fields are given them."""

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, to be read as often as wanted while the operation lasts."""

    file: BinaryIO
