"""A stored picture is served as the picture that it is, for ever, and nothing else is served at all."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount

from hotelmate.media.images import ImageProcessor
from hotelmate.media.serving import MediaFiles
from hotelmate.media.storage import FolderStorage
from tests.media.http_client import Answer, fetch
from tests.media.uploads import encoded, files, quarters

DIGEST = "5e" * 32
NAME = f"{DIGEST}.jpg"
NOT_SERVED = [
    "/media/",
    "/media",
    "/media/.lock",
    "/media/.draft-0123456789abcdef",
    "/media/notes.txt",
    "/media/../secret.key",
    "/media/..%2fsecret.key",
    "/media/%2e%2e/secret.key",
    "/media/..\\secret.key",
    f"/media/../{NAME.replace('5e', '5f')}",
    f"/media/..%2f{NAME.replace('5e', '5f')}",
    f"/media/media/{NAME}",
    f"/{NAME}",
    f"/media//{NAME}",
    f"/media/{NAME}/",
    f"/media/{NAME}%00",
    f"/media/{NAME}%0a",
    f"/media/{DIGEST.upper()}.jpg",
    f"/media/{DIGEST}.png",
    f"/media/{DIGEST}-800.webp",
    f"/media/{'0' * 64}.jpg",
]
CONTENT = b"\xff\xd8\xff content that is not looked at"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one picture, a draft, a lock, and a secret beside it."""
    folder = tmp_path / "media"
    FolderStorage(folder, public_url="").put(NAME, CONTENT)
    (folder / ".draft-0123456789abcdef").write_bytes(b"planted-secret")
    (folder / "notes.txt").write_bytes(b"planted-secret")
    (tmp_path / "secret.key").write_bytes(b"planted-secret")
    (tmp_path / NAME.replace("5e", "5f")).write_bytes(b"planted-secret")
    return folder


@asynccontextmanager
async def served(application: Any) -> AsyncIterator[str]:
    """Serve on a free port of the loopback address; yields the server's address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[str]:
    async with served(MediaFiles(folder)) as address:
        yield address


async def get(address: str, target: str = f"/media/{NAME}", **options: Any) -> Answer:
    return await asyncio.to_thread(fetch, address, target=target, **options)


async def test_a_picture_comes_with_all_that_keeps_it_a_picture(server: str) -> None:
    answer = await get(server)
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f'inline; filename="{NAME}"'
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["etag"] == f'"{NAME}"'


async def test_its_head_can_be_asked_for(server: str) -> None:
    answer = await get(server, method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))


async def test_who_has_it_is_not_sent_it_again(server: str) -> None:
    for known in (f'"{NAME}"', f'W/"{NAME}"', f'"other", "{NAME}"', "*"):
        answer = await get(server, headers={"If-None-Match": known})
        assert (answer.status, answer.body) == (304, b""), known
        assert answer.headers["etag"] == f'"{NAME}"'
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await get(server, headers={"If-None-Match": '"other"'})).status == 200


async def test_who_has_it_since_it_was_stored_is_not_sent_it_again(server: str) -> None:
    stored = (await get(server)).headers["last-modified"]
    for since, status in (
        (stored, 304),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 304),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("yesterday", 200),
        ("", 200),
    ):
        assert (await get(server, headers={"If-Modified-Since": since})).status == status, since
    # What names the picture says more than a time does.
    for known, status in (('"other"', 200), (f'"{NAME}"', 304)):
        headers = {"If-None-Match": known, "If-Modified-Since": stored}
        assert (await get(server, headers=headers)).status == status


async def test_a_part_can_be_asked_for(server: str) -> None:
    size = len(CONTENT)
    for wanted, first, last in (
        ("bytes=0-4", 0, 4),
        ("bytes=5-", 5, size - 1),
        ("bytes=-3", size - 3, size - 1),
        ("bytes=5-99999", 5, size - 1),
    ):
        answer = await get(server, headers={"Range": wanted})
        assert (answer.status, answer.body) == (206, CONTENT[first : last + 1]), wanted
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert answer.headers["etag"] == f'"{NAME}"'
    answer = await get(server, headers={"Range": f"bytes={size}-"})
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{size}")
    for known, status in ((f'"{NAME}"', 206), ('"other"', 200)):
        assert (await get(server, headers={"Range": "bytes=0-4", "If-Range": known})).status == status
    assert (await get(server, headers={"Range": "bytes=0-4", "If-None-Match": f'"{NAME}"'})).status == 304


async def test_a_part_that_makes_no_sense_is_the_whole(server: str) -> None:
    for wanted in ("bytes=4-0", "bytes=", "bytes=-", "bytes=a-b", "items=0-4", "4", "bytes=0-1,3-4", ""):
        answer = await get(server, headers={"Range": wanted})
        assert (answer.status, answer.body) == (200, CONTENT), wanted
    answer = await get(server, method="HEAD", headers={"Range": "bytes=0-4"})
    assert (answer.status, answer.headers["content-length"]) == (200, str(len(CONTENT)))


async def test_nothing_else_is_served(server: str) -> None:
    for target in NOT_SERVED:
        answer = await get(server, target)
        assert answer.status == 404, target
        assert b"planted-secret" not in answer.body, target
        assert answer.headers["x-content-type-options"] == "nosniff", target


async def test_pictures_are_only_read_here(server: str, folder: Path) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = await get(server, method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD"), method
    assert (folder / NAME).read_bytes() == CONTENT


async def test_it_can_be_mounted_in_another_application(folder: Path) -> None:
    async with served(Starlette(routes=[Mount("/media", MediaFiles(folder))])) as address:
        assert (await get(address)).body == CONTENT
        assert (await get(address, "/media/../secret.key")).status == 404


async def test_an_uploaded_picture_is_read_back_as_it_was_stored(
    server: str, folder: Path, processor: ImageProcessor
) -> None:
    drawn = quarters((900, 700))
    image = await asyncio.to_thread(processor.process, encoded(drawn, "PNG"), field="photo")
    storage = FolderStorage(folder, public_url=f"{server}/media")
    read = [
        await get(storage.put(file.name, file.content).url, f"/media/{file.name}") for file in files(image)
    ]
    assert [answer.headers["content-type"] for answer in read] == ["image/png", *["image/webp"] * 3]
    pictures = [Image.open(BytesIO(answer.body)) for answer in read]
    assert [picture.size for picture in pictures] == [(900, 700), (900, 700), (800, 622), (320, 249)]
    assert pictures[0].tobytes() == drawn.tobytes()
