"""A decoder that hangs, eats memory or fails is ended and answered, and takes nothing else with it."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from PIL import Image

from hotelmate.media import images
from hotelmate.media.errors import StorageUnavailable, TooManyUploads, UnusableImage
from hotelmate.media.images import ImageProcessor
from tests.left_out import leave_out
from tests.media.conftest import MAX_BYTES
from tests.media.uploads import encoded, png, quarters

SMALL = encoded(quarters(), "PNG")
# Most of a second's work.
HEAVY = png(width=6000, height=6000)

TOO_DEMANDING = "This picture takes too much time or memory to open."


def limited(**limits: float) -> ImageProcessor:
    return ImageProcessor(**{"max_bytes": MAX_BYTES, "max_megapixels": 40} | limits)


def workers() -> list[Path]:
    """The decoding processes that are children of this one, as Linux shows them."""
    if not Path("/proc/self/task").exists():
        leave_out("Linux's /proc, which shows the decoding processes")
    children = [
        child for task in Path("/proc/self/task").glob("*/children") for child in task.read_text().split()
    ]
    return [found for child in children if is_worker(found := Path("/proc") / child)]


def is_worker(process: Path) -> bool:
    try:
        return b"hotelmate.media.worker" in (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False  # it has ended since


@contextmanager
def at_work(process: Callable[[], object]) -> Iterator[threading.Thread]:
    """Run something in a thread for the time of the block."""
    thread = threading.Thread(target=process)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()


def test_a_decoder_that_takes_too_long_is_ended_and_answered() -> None:
    processor = limited(wall_seconds=0.3)
    begun = time.monotonic()
    with pytest.raises(UnusableImage) as refused:
        processor.process(HEAVY, field="photo")
    assert time.monotonic() - begun < 5
    assert refused.value.message == TOO_DEMANDING
    assert workers() == []


def test_a_decoder_that_uses_up_its_processor_time_is_ended_and_answered() -> None:
    processor = limited(cpu_seconds=1, max_megapixels=100)
    with pytest.raises(UnusableImage) as refused:
        processor.process(png(width=10_000, height=10_000), field="photo")
    assert refused.value.message == TOO_DEMANDING


def test_a_decoder_gets_no_more_memory_than_it_may_have() -> None:
    one_hundred_mb = 100 * 1024**2
    worker = subprocess.run(
        [
            sys.executable,
            "-m",
            "hotelmate.media.worker",
            "40000000",
            str(one_hundred_mb),
            "20",
            str(MAX_BYTES),
        ],
        input=HEAVY,
        capture_output=True,
        check=True,
    )
    assert json.loads(worker.stdout) == {"refused": "TOO_DEMANDING"}


def test_a_picture_that_would_be_far_larger_than_its_upload_is_refused() -> None:
    noise = encoded(Image.effect_noise((1000, 1000), 90), "WEBP", quality=0)
    processor = limited(max_bytes=len(noise))
    with pytest.raises(UnusableImage) as refused:
        processor.process(noise, field="photo")
    assert refused.value.message == TOO_DEMANDING


def test_a_decoder_that_is_ended_gives_its_turn_back() -> None:
    processor = limited(wall_seconds=0.2, turn_seconds=0.01)
    for _ in range(3):
        with pytest.raises(UnusableImage):
            processor.process(HEAVY, field="photo")


def test_a_fault_of_ours_is_not_blamed_on_the_upload() -> None:
    processor = limited(cpu_seconds=1.5)
    with pytest.raises(RuntimeError, match=r"(?s)worker failed: .*ValueError.*'1.5'"):
        processor.process(SMALL, field="photo")


def test_without_room_for_temporary_files_the_store_is_what_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not-there"))
    with pytest.raises(StorageUnavailable):
        limited().process(SMALL, field="photo")


def test_a_full_disk_is_not_blamed_on_the_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        leave_out("Linux's /dev/full, a disk without room")
    with (
        TemporaryFile() as staged,
        Path("/dev/full").open("r+b", buffering=0) as answer,
        TemporaryFile() as complaints,
    ):
        files = iter((staged, answer, complaints))
        monkeypatch.setattr(images, "TemporaryFile", lambda: next(files))
        with pytest.raises(StorageUnavailable):
            limited().process(SMALL, field="photo")


def test_two_uploads_are_decoded_at_a_time_and_others_wait_a_while_for_their_turn() -> None:
    processor = limited(turn_seconds=0.01)

    def work() -> None:
        processor.process(HEAVY, field="photo")

    with at_work(work) as one, at_work(work) as other:
        while len(workers()) < 2:
            assert one.is_alive()
            assert other.is_alive()
        with pytest.raises(TooManyUploads) as refused:
            processor.process(SMALL, field="photo")
    assert refused.value.code == "RATE_LIMITED"
    assert processor.process(SMALL, field="photo").full.width == 64


def test_a_decoder_knows_none_of_the_servers_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTELMATE_SECRET_KEY", "planted-secret")
    processor = limited()
    with at_work(lambda: processor.process(HEAVY, field="photo")) as thread:
        while not (running := workers()):
            assert thread.is_alive()
        assert b"planted-secret" not in (running[0] / "environ").read_bytes()
