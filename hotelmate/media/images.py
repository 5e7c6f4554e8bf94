"""Make uploads safe to show: decoded, freed of all but the pixels, and written anew in four widths.

Decoders are where uploads attack. So each upload is decoded by a process of its own (`worker`) with limits of
memory, processor time and time, and nothing of the uploaded file is kept but what it shows.
"""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import structlog

from hotelmate.errors import BadUserInput
from hotelmate.media import names
from hotelmate.media.errors import ImageTooLarge, NotAnImage, TooManyUploads, UnusableImage
from hotelmate.media.protocol import LONGEST_SIDE, WIDTHS, Limits, Reason
from hotelmate.media.storage.base import failing_as_unavailable

_AT_ONCE = 2
_TURN_SECONDS = 30.0
_CPU_SECONDS = 20
_WALL_SECONDS = 45.0
_CHUNK_BYTES = 1024 * 1024

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One file of a picture, to be stored under its name; the sizes are pixels."""

    name: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ProcessedImage:
    """A picture in full (JPEG, PNG or WebP); as WebP for pages, cards and thumbnails, never enlarged."""

    full: ImageFile
    page: ImageFile
    card: ImageFile
    thumbnail: ImageFile


class ImageProcessor:
    """Decodes uploads, two at a time. Its calls block: they belong in a thread, and in no transaction."""

    def __init__(
        self,
        *,
        max_bytes: int,
        max_megapixels: float,
        cpu_seconds: int = _CPU_SECONDS,
        wall_seconds: float = _WALL_SECONDS,
        turn_seconds: float = _TURN_SECONDS,
    ) -> None:
        self._max_bytes = max_bytes
        self._max_megapixels = max_megapixels
        self._limits = Limits.of(max_bytes=max_bytes, max_megapixels=max_megapixels, cpu_seconds=cpu_seconds)
        self._wall_seconds = wall_seconds
        self._turn_seconds = turn_seconds
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def process(self, upload: bytes | BinaryIO, *, field: str) -> ProcessedImage:
        """Return the upload as it can be shown.

        It is turned upright, its colours are sRGB, and transparency stays. Of an animation it is the first
        picture. PNG and GIF become PNG; the others JPEG, or WebP where something shines through.

        Args:
            upload: the file's content, or a file that is read from where it stands.
            field: what the caller calls it; named in what is raised.

        Raises:
            ImageTooLarge: it has more bytes than allowed.
            NotAnImage: it is not JPEG, PNG, WebP, AVIF or GIF, or something else besides.
            UnusableImage: it is empty, damaged, has too many pixels, or takes too much to decode.
            TooManyUploads: others were being decoded for too long.
            StorageUnavailable: there is no room for temporary files, or none for a process.
        """
        with failing_as_unavailable(OSError):
            return self._process(upload, field)

    def _process(self, upload: bytes | BinaryIO, field: str) -> ProcessedImage:
        with TemporaryFile() as staged, TemporaryFile() as answer, TemporaryFile() as complaints:
            self._stage(upload, staged, field)
            status = self._run_worker(staged, answer, complaints)
            if status < 0:
                logger.warning("image_worker_killed", signal=-status)
                raise self._refusal(Reason.TOO_DEMANDING, field)
            if status == os.EX_IOERR:
                raise OSError("the image worker could not write its answer")
            if status > 0:
                complaints.seek(0)
                raise RuntimeError(f"the image worker failed: {complaints.read().decode(errors='replace')}")
            answer.seek(0)
            header = json.loads(answer.readline())
            if "refused" in header:
                raise self._refusal(Reason(header["refused"]), field)
            return _processed(header, answer)

    def _stage(self, upload: bytes | BinaryIO, staged: BinaryIO, field: str) -> None:
        """Write the upload to a file that a process can be given."""
        source = BytesIO(upload) if isinstance(upload, bytes) else upload
        while chunk := source.read(_CHUNK_BYTES):
            staged.write(chunk)
            if staged.tell() > self._max_bytes:
                raise ImageTooLarge(field, self._max_bytes)
        if staged.tell() == 0:
            raise UnusableImage(field, "This file is empty.")
        staged.seek(0)

    def _run_worker(self, staged: BinaryIO, answer: BinaryIO, complaints: BinaryIO) -> int:
        """Run the worker in its turn; returns its status, which is below 0 when a signal ended it."""
        if not self._turns.acquire(timeout=self._turn_seconds):
            raise TooManyUploads
        try:
            with subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-I", "-m", "hotelmate.media.worker", *map(str, self._limits)],
                stdin=staged,
                stdout=answer,
                stderr=complaints,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is meant for the server only
            ) as worker:
                # Popen.wait with a timeout polls; a timer of ours lets it wait for the end itself.
                watchdog = threading.Timer(self._wall_seconds, worker.kill)
                watchdog.start()
                try:
                    return worker.wait()
                finally:
                    watchdog.cancel()
        finally:
            self._turns.release()

    def _refusal(self, reason: Reason, field: str) -> BadUserInput:
        match reason:
            case Reason.NOT_AN_IMAGE:
                return NotAnImage(field, "This is not a JPEG, PNG, WebP, AVIF or GIF picture.")
            case Reason.MORE_THAN_AN_IMAGE:
                return NotAnImage(
                    field, "This is not only a picture: it also holds a web page or an archive."
                )
            case Reason.DAMAGED:
                return UnusableImage(field, "This picture is damaged or cut short.")
            case Reason.TOO_MANY_PIXELS:
                return UnusableImage(
                    field,
                    f"A picture may have up to {self._max_megapixels:g} megapixels,"
                    f" and {LONGEST_SIDE:,} pixels on its longer side.",
                )
            case Reason.TOO_DEMANDING:
                return UnusableImage(field, "This picture takes too much time or memory to open.")


def _environment() -> dict[str, str]:
    """What the worker may know: where its interpreter's libraries are, and none of the server's secrets."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def _processed(header: dict[str, Any], answer: BinaryIO) -> ProcessedImage:
    contents = [answer.read(size) for _, _, size in header["files"]]
    full = names.name_of(contents[0], header["ending"])
    called = [full, *(names.narrower(full, width) for width in WIDTHS)]
    files = [
        ImageFile(name, content, width, height)
        for name, content, (width, height, _) in zip(called, contents, header["files"], strict=True)
    ]
    return ProcessedImage(*files)
