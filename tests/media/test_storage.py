"""Every store keeps what it is given under its name, tells what it has, and removes only what is old."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import boto3
import pytest

from hotelmate.media.errors import StorageUnavailable
from hotelmate.media.storage import FolderStorage, Storage, open_storage
from hotelmate.media.storage.cloudinary import CloudinaryStorage
from hotelmate.media.storage.s3 import S3Storage
from hotelmate.settings import CloudinarySettings, Settings
from tests.media.cloudinary_endpoint import CLOUD, CloudinaryEndpoint
from tests.media.http_client import fetch
from tests.media.s3_server import BUCKET, s3_server

DIGEST = sha256(b"a picture").hexdigest()
NAMES = [f"{DIGEST}.jpg", f"{DIGEST}-800.webp", f"{DIGEST}-320.webp"]
OTHER = f"{sha256(b'another').hexdigest()}.png"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith("AWS_"):
                environment.delenv(name)
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        with s3_server() as address:
            yield address


@pytest.fixture(scope="module")
def cloudinary_process() -> Iterator[CloudinaryEndpoint]:
    with CloudinaryEndpoint.run() as endpoint:
        yield endpoint


@pytest.fixture
def cloudinary(cloudinary_process: CloudinaryEndpoint) -> CloudinaryEndpoint:
    cloudinary_process.reset()
    return cloudinary_process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "media"


@pytest.fixture(params=["folder", "s3", "cloudinary"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Each kind of store, empty."""
    if request.param == "folder":
        folder = request.getfixturevalue("folder")
        return FolderStorage(folder, public_url=str(folder))
    if request.param == "s3":
        prefix = f"{request.node.name.partition('[')[0]}/"
        return s3(request.getfixturevalue("s3_address"), prefix=prefix)
    endpoint: CloudinaryEndpoint = request.getfixturevalue("cloudinary")
    return CloudinaryStorage(endpoint.account, prefix="hotelmate/", public_url=endpoint.delivery)


def s3(address: str, *, bucket: str = BUCKET, prefix: str = "hotelmate/") -> S3Storage:
    return S3Storage(bucket, endpoint_url=address, prefix=prefix, public_url=f"{address}/{BUCKET}")


def read(url: str) -> bytes:
    if url.startswith("/"):
        return Path(url).read_bytes()
    answer = fetch(url)
    assert answer.status == 200, answer
    return answer.body


def next_second() -> datetime:
    """Let a whole second begin, which is what some stores count in, and return it."""
    begins = math.ceil(time.time())
    time.sleep(begins - time.time() + 0.05)  # file systems look at the clock now and then only
    return datetime.fromtimestamp(begins, UTC)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + HOUR


def test_what_is_put_can_be_read_at_its_url(storage: Storage) -> None:
    urls = [storage.put(name, name.encode()).url for name in NAMES]
    assert [read(url) for url in urls] == [name.encode() for name in NAMES]
    assert [url.rpartition("/")[2] for url in urls] == NAMES


def test_public_ids_are_names_without_their_ending(storage: Storage) -> None:
    assert storage.put(NAMES[0], b"x").public_id.rpartition("/")[2] == DIGEST


def test_a_store_tells_what_it_has(storage: Storage) -> None:
    assert storage.names() == []
    for name in NAMES:
        storage.put(name, b"content")
    assert sorted(storage.names()) == sorted(NAMES)


def test_putting_the_same_again_changes_nothing(storage: Storage) -> None:
    first = storage.put(NAMES[0], b"content")
    assert storage.put(NAMES[0], b"content") == first
    assert set(storage.names()) == {NAMES[0]}
    assert read(first.url) == b"content"


def test_what_is_old_is_removed_and_what_is_not_stays(storage: Storage) -> None:
    for name in NAMES:
        storage.put(name, b"content")
    kept = storage.put(OTHER, b"kept")
    assert storage.remove(NAMES, put_before=datetime.now(UTC) - HOUR) == []
    assert sorted(storage.remove(NAMES, put_before=in_an_hour())) == sorted(NAMES)
    assert set(storage.names()) == {OTHER}
    assert read(kept.url) == b"kept"
    assert storage.remove(NAMES, put_before=in_an_hour()) == []


def test_what_is_renewed_counts_as_put_now(storage: Storage) -> None:
    assert storage.renew(NAMES[0]) is None
    location = storage.put(NAMES[0], b"content")
    storage.put(OTHER, b"another")
    between = next_second()
    assert storage.renew(NAMES[0]) == location
    assert storage.remove([NAMES[0], OTHER], put_before=between) == [OTHER]
    assert read(location.url) == b"content"
    assert storage.renew(OTHER) is None
    assert storage.names() == [NAMES[0]]


def test_a_name_with_another_ending_is_another_file(storage: Storage) -> None:
    storage.put(NAMES[0], b"content")
    assert storage.renew(NAMES[0].replace(".jpg", ".png")) is None


def test_a_url_of_the_stores_is_known_however_it_is_written(storage: Storage) -> None:
    url = storage.put(NAMES[0], b"content").url
    for same in (url, f"{url}?width=3#top", url.replace(DIGEST, f"%{ord(DIGEST[0]):x}{DIGEST[1:]}")):
        assert storage.name_at(same) == NAMES[0]
    folder = url.removesuffix(f"/{NAMES[0]}")
    assert storage.name_at(f"{folder}/no-picture") == "no-picture"
    for other in (folder, f"{folder}-2/{NAMES[0]}", f"https://other.example/{NAMES[0]}", "http://[", ""):
        assert storage.name_at(other) is None


class TestFolder:
    def test_all_the_addresses_of_its_files_are_known(self, folder: Path) -> None:
        addresses = ["http://HOTELS.example:80/media", "/media"]
        storage = FolderStorage(folder, public_url="https://cdn.example/a", also_at=addresses)
        for url in (
            "https://cdn.example/a/x",
            "HTTPS://CDN.example:443/a/x",
            "http://cdn.example/a/x",
            "http://hotels.example/media/x",
            "https://hotels.example/media/x",
            "/media/x",
        ):
            assert storage.name_at(url) == "x", url
        for url in (
            "https://cdn.example:8443/a/x",
            "https://cdn.example/media/x",
            "https://cdn.example:port/a/x",
            "/a/x",
            "/MEDIA/x",
        ):
            assert storage.name_at(url) is None, url

    def test_a_file_is_as_old_as_when_it_was_last_put(self, folder: Path) -> None:
        storage = FolderStorage(folder, public_url="")
        storage.put(NAMES[0], b"content")
        os.utime(folder / NAMES[0], (0, 0))
        storage.put(OTHER, b"content")
        os.utime(folder / OTHER, (0, 0))
        storage.put(NAMES[0], b"content")
        removed = storage.remove([NAMES[0], OTHER], put_before=datetime.now(UTC) - HOUR)
        assert removed == [OTHER]

    @pytest.mark.parametrize(
        "name",
        [
            "../secret.key",
            f"../media/{NAMES[0]}",
            f"/etc/{NAMES[0]}",
            f"{NAMES[0]}/../../secret.key",
            f"{NAMES[0]}\n",
            f"{NAMES[0]}\0.png",
            f"{DIGEST}.svg",
            f"{DIGEST}.jpg.html",
            DIGEST,
            "",
            ".",
            ".lock",
        ],
    )
    def test_only_names_of_pictures_are_put_or_removed(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True)
        secret = folder.parent / "secret.key"
        secret.write_text("planted")
        storage = FolderStorage(folder, public_url="")
        with pytest.raises(ValueError, match="not a name"):
            storage.put(name, b"content")
        with pytest.raises(ValueError, match="not a name"):
            storage.remove([name], put_before=in_an_hour())
        assert secret.read_text() == "planted"
        assert list(folder.iterdir()) == []

    def test_a_crash_leaves_no_half_file_under_a_name(self, folder: Path) -> None:
        crash = f"""
import os, signal
from pathlib import Path
from hotelmate.media.storage import FolderStorage
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
FolderStorage(Path({str(folder)!r}), public_url="").put({NAMES[0]!r}, b"content")
"""
        crashed = subprocess.run([sys.executable, "-c", crash], check=False)
        assert crashed.returncode == -signal.SIGKILL
        assert not (folder / NAMES[0]).exists()
        storage = FolderStorage(folder, public_url="")
        (remains,) = storage.names()
        assert (folder / remains).read_bytes() == b"content"
        assert storage.remove([remains], put_before=in_an_hour()) == [remains]
        assert storage.put(NAMES[0], b"content").url == f"/{NAMES[0]}"
        assert (folder / NAMES[0]).read_bytes() == b"content"

    def test_a_folder_that_cannot_be_written_is_an_error_with_a_code(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(StorageUnavailable) as refused:
            FolderStorage(tmp_path / "file" / "media", public_url="").put(NAMES[0], b"content")
        assert (refused.value.code, refused.value.message) == (
            "INTERNAL",
            "Pictures cannot be stored at the moment. Nothing was changed; try again later.",
        )

    def test_no_draft_is_left_when_the_disk_is_full(self, folder: Path) -> None:
        full_disk = f"""
import resource, signal
from pathlib import Path
from hotelmate.media.errors import StorageUnavailable
from hotelmate.media.storage import FolderStorage
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    FolderStorage(Path({str(folder)!r}), public_url="").put({NAMES[0]!r}, bytes(2000))
except StorageUnavailable:
    print("refused")
"""
        run = subprocess.run([sys.executable, "-c", full_disk], check=True, capture_output=True, text=True)
        assert run.stdout.endswith("refused\n")
        assert [path.name for path in folder.iterdir()] == [".lock"]


class TestS3:
    def test_clients_are_told_what_a_picture_is_and_that_it_never_changes(self, s3_address: str) -> None:
        storage = s3(s3_address)
        location = storage.put(NAMES[1], b"content")
        assert location.public_id == f"hotelmate/{DIGEST}-800"
        for _ in ("put", "renewed"):
            told = fetch(location.url).headers
            assert told["content-type"] == "image/webp"
            assert told["cache-control"] == "public, max-age=31536000, immutable"
            assert told["content-disposition"] == f'inline; filename="{DIGEST}-800.webp"'
            assert storage.renew(NAMES[1]) == location

    def test_what_others_keep_in_the_bucket_is_neither_listed_nor_removed(self, s3_address: str) -> None:
        client = boto3.client("s3", endpoint_url=s3_address)
        ours = s3(s3_address, prefix="shared/")
        for key in (f"elsewhere/{NAMES[0]}", "shared/notes.txt"):
            client.put_object(Bucket=BUCKET, Key=key, Body=b"theirs")
        ours.put(OTHER, b"ours")
        assert set(ours.names()) == {OTHER}
        assert ours.remove([OTHER, NAMES[0]], put_before=in_an_hour()) == [OTHER]
        assert read(f"{s3_address}/{BUCKET}/elsewhere/{NAMES[0]}") == b"theirs"
        client.close()

    def test_a_store_that_is_not_there_or_refuses_is_an_error_with_a_code(self, s3_address: str) -> None:
        with pytest.raises(StorageUnavailable):
            s3(s3_address, bucket="nobodys").put(NAMES[0], b"content")
        with pytest.raises(StorageUnavailable):
            s3("http://127.0.0.1:1").put(NAMES[0], b"content")
        with pytest.raises(StorageUnavailable):
            s3(s3_address, bucket="nobodys").names()
        with pytest.raises(StorageUnavailable):
            s3("http://127.0.0.1:1").renew(NAMES[0])


class TestCloudinary:
    def test_a_file_is_as_old_as_when_it_was_last_put(self, cloudinary: CloudinaryEndpoint) -> None:
        storage = CloudinaryStorage(cloudinary.account, prefix="hotelmate/", public_url=None)
        storage.put(NAMES[0], b"content")
        storage.put(OTHER, b"content")
        cloudinary.age(86_400)
        storage.put(NAMES[0], b"content")
        removed = storage.remove([NAMES[0], OTHER], put_before=datetime.now(UTC) - HOUR)
        assert removed == [OTHER]
        assert set(storage.names()) == {NAMES[0]}

    def test_pictures_are_at_cloudinarys_own_address(self, cloudinary: CloudinaryEndpoint) -> None:
        storage = CloudinaryStorage(cloudinary.account, prefix="hotelmate/", public_url=None)
        location = storage.put(NAMES[0], b"content")
        assert location.url == (f"https://res.cloudinary.com/{CLOUD}/image/upload/v1/hotelmate/{NAMES[0]}")
        assert location.public_id == f"hotelmate/{DIGEST}"

    def test_what_another_installation_keeps_there_is_not_listed(
        self, cloudinary: CloudinaryEndpoint
    ) -> None:
        theirs = CloudinaryStorage(cloudinary.account, prefix="hotelmate/theirs/", public_url=None)
        theirs.put(NAMES[0], b"theirs")
        ours = CloudinaryStorage(cloudinary.account, prefix="hotelmate/", public_url=None)
        ours.put(OTHER, b"ours")
        assert ours.names() == [OTHER]

    def test_a_wrong_secret_is_refused_by_the_signature(self, cloudinary: CloudinaryEndpoint) -> None:
        wrong = CloudinaryStorage(cloudinary.account_with("wrong"), prefix="hotelmate/", public_url=None)
        with pytest.raises(StorageUnavailable) as refused:
            wrong.put(NAMES[0], b"content")
        assert "Invalid Signature" in str(refused.value.__cause__)
        with pytest.raises(StorageUnavailable):
            wrong.names()

    @pytest.mark.parametrize(
        ("status", "body"),
        [(500, '{"error": {"message": "down"}}'), (502, "<html>Bad gateway</html>"), (418, '{"error": {}}')],
    )
    def test_whatever_it_fails_with_is_an_error_with_a_code(
        self, cloudinary: CloudinaryEndpoint, status: int, body: str
    ) -> None:
        storage = CloudinaryStorage(cloudinary.account, prefix="hotelmate/", public_url=None)
        cloudinary.fail(status, body)
        with pytest.raises(StorageUnavailable):
            storage.put(NAMES[0], b"content")
        with pytest.raises(StorageUnavailable):
            storage.names()


def test_the_settings_choose_the_store(tmp_path: Path) -> None:
    account = CloudinarySettings(url="cloudinary://1:secret@hotel")
    by_default = open_storage(Settings(data_dir=tmp_path, port=8123, cloudinary=CloudinarySettings(url=None)))
    assert by_default.put(NAMES[0], b"x").url == f"http://127.0.0.1:8123/media/{NAMES[0]}"
    assert (tmp_path / "media" / NAMES[0]).read_bytes() == b"x"
    behind_cdn = open_storage(Settings(data_dir=tmp_path, media_url="https://cdn.example/pictures/"))
    assert behind_cdn.put(NAMES[0], b"x").url == f"https://cdn.example/pictures/{NAMES[0]}"
    assert isinstance(open_storage(Settings(cloudinary=account)), CloudinaryStorage)
    in_bucket = Settings(s3_bucket="pictures", media_url="https://cdn.example")
    assert isinstance(open_storage(in_bucket), S3Storage)
