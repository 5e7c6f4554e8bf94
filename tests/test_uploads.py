"""Pictures on their way through the whole server: from an upload to a browser, or to a refusal."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from tests.media.s3_server import BUCKET, s3_server
from tests.media.test_attacks import PAGE, archive
from tests.media.uploads import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    assert_quarters,
    deflated_zeros,
    encoded,
    png,
    quarters,
)
from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

KILLARNEY = "/api/staff/hotel/killarney"
ANNA = {"Authorization": "Token demo-anna"}
FRONTEND = "https://app.hotels.example"
UPLOAD = "mutation($image: Upload!) { uploadGalleryImage(image: $image) { url } }"
STATE = '{ hotel(slug: "killarney") { cursor gallery { url } } }'


class Uploader:
    """Uploads to killarney's gallery, through either door."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def by_graphql(self, content: bytes, **headers: str) -> tuple[int, Any]:
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("operations", json.dumps({"query": UPLOAD, "variables": {"image": None}}))
        form.add_field("map", json.dumps({"0": ["variables.image"]}))
        form.add_field("0", BytesIO(content), filename="photo.jpg", content_type="image/jpeg")
        return await self._post("/graphql", form, {"GraphQL-Require-Preflight": "1"} | headers)

    async def by_rest(self, content: bytes) -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("image", BytesIO(content), filename="photo.jpg", content_type="image/jpeg")
        return await self._post(f"{KILLARNEY}/gallery/upload/", form, {})

    async def state(self) -> Any:
        """The gallery, and where the log stands."""
        return await self._server.data(STATE)

    async def _post(self, path: str, form: aiohttp.FormData, headers: dict[str, str]) -> tuple[int, Any]:
        url = f"{self._server.url}{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=form, headers=ANNA | headers) as response,
        ):
            return response.status, await response.json(content_type=None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    data_dir = tmp_path_factory.mktemp("uploads") / "data"
    async with Server.run(data_dir, HOTELMATE_CORS_ORIGINS=FRONTEND) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def uploader(server: Server) -> Uploader:
    return Uploader(server)


async def load(url: str) -> tuple[aiohttp.ClientResponse, Image.Image]:
    """Load a picture as a browser does."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        image = Image.open(BytesIO(await response.read()))
        image.load()
        return response, image


FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "GIF"]


@pytest.mark.parametrize("file_format", FORMATS)
async def test_every_kind_of_picture_comes_back_as_it_was_sent(uploader: Uploader, file_format: str) -> None:
    # Of another size each time: the gallery takes a picture once, and a GIF can be the same one as a PNG.
    height = 480 + 2 * FORMATS.index(file_format)
    sizes = {"graphql": (640, height), "rest": (480, height)}
    _, by_graphql = await uploader.by_graphql(encoded(quarters(sizes["graphql"]), file_format))
    _, by_rest = await uploader.by_rest(encoded(quarters(sizes["rest"]), file_format))
    urls = {"graphql": by_graphql["data"]["uploadGalleryImage"]["url"], "rest": by_rest["url"]}
    for door, url in urls.items():
        response, image = await load(url)
        assert image.size == sizes[door]
        assert_quarters(image, [RED, GREEN, BLUE, WHITE], within=16)
        name = url.rpartition("/")[2]
        assert response.headers["Content-Type"] == f"image/{(image.format or '').lower()}"
        assert response.headers["Content-Disposition"] == f'inline; filename="{name}"'
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_photo_is_shown_upright_and_says_nothing_of_where_it_was_taken(uploader: Uploader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif.get_ifd(0x8825)[2] = (52.0, 3.0, 33.0)  # the latitude
    status, answer = await uploader.by_rest(encoded(quarters((64, 48)), "JPEG", exif=exif))
    assert status == 201
    _, image = await load(answer["url"])
    assert image.size == (48, 64)
    assert_quarters(image, [BLUE, RED, WHITE, GREEN])
    assert dict(image.getexif()) == {}


ATTACKS = {
    "an svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 415),
    "a page": (PAGE, 415),
    "a picture and a page": (encoded(quarters(), "JPEG") + PAGE, 415),
    "a script in a comment": (encoded(quarters(), "JPEG", comment=b"<script>alert(1)</script>"), 415),
    "a picture and an archive": (encoded(quarters(), "PNG") + archive(), 415),
    "an empty file": (b"", 400),
    "half a picture": (encoded(Image.effect_noise((64, 64), 90), "PNG")[:2000], 400),
    "a bomb of pixels": (png(width=30_000, height=30_000), 400),
    "a bomb in a profile": (png((b"iCCP", b"p\0\0" + deflated_zeros(100 * 1024 * 1024))), 400),
    "a byte too much": (bytes(10 * 1024 * 1024 + 1), 413),
}


@pytest.mark.parametrize(("attack", "status"), ATTACKS.values(), ids=ATTACKS)
async def test_every_attack_is_refused_at_both_doors_and_changes_nothing(
    uploader: Uploader, server: Server, attack: bytes, status: int
) -> None:
    before = await uploader.state()
    by_rest = await uploader.by_rest(attack)
    assert by_rest[0] == status
    sentence = by_rest[1]["error"]
    assert by_rest[1] == {"error": sentence, "image": [sentence]}
    told, answer = await uploader.by_graphql(attack)
    [error] = answer["errors"]
    assert (told, error["message"]) == (200, sentence)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "image"}
    assert await uploader.state() == before
    names = [path.name for path in (server.output.parent / "media").iterdir()]
    assert not [name for name in names if name.startswith(".draft-")]


async def test_a_frontend_may_send_files_from_where_the_settings_say_and_nobody_else(
    uploader: Uploader, server: Server
) -> None:
    async with aiohttp.ClientSession(server.url) as session:
        for origin, is_allowed in ((FRONTEND, True), ("https://elsewhere.example", False)):
            for header in ("graphql-require-preflight", "apollo-require-preflight", "x-graphql-yoga-csrf"):
                asked = {
                    "Origin": origin,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": f"authorization,{header}",
                }
                async with session.options("/graphql", headers=asked) as response:
                    assert (response.status == 200) is is_allowed
                    assert ("Access-Control-Allow-Origin" in response.headers) is is_allowed
    before = await uploader.state()
    # What a form on any site sends without asking; its own credentials would be cookies, and there are none.
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("operations", json.dumps({"query": UPLOAD, "variables": {"image": None}}))
    form.add_field("map", json.dumps({"0": ["variables.image"]}))
    form.add_field("0", encoded(quarters((70, 70)), "PNG"), filename="photo.png")
    async with aiohttp.ClientSession() as session:
        headers = ANNA | {"Origin": "https://elsewhere.example"}
        async with session.post(f"{server.url}/graphql", data=form, headers=headers) as response:
            assert response.status == 400
    assert await uploader.state() == before


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials, for this process and those that it starts."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)


def bucket_at(address: str) -> dict[str, str]:
    """The settings for a bucket of an S3 server's."""
    return {
        "HOTELMATE_S3_BUCKET": BUCKET,
        "HOTELMATE_S3_ENDPOINT_URL": address,
        "HOTELMATE_MEDIA_URL": f"{address}/{BUCKET}",
    }


@pytest.mark.usefixtures("aws")
async def test_while_the_bucket_does_not_answer_everything_else_does(tmp_path: Path) -> None:
    change = "mutation ($url: String) { updateSettings(input: {heroImage: $url}) { id } }"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with Server.run(tmp_path / "data", **bucket_at(address)) as server:
            before = await Uploader(server).state()
            url = f"{address}/{BUCKET}/hotelmate/{'a' * 64}.jpg"
            asking = [
                asyncio.create_task(server.execute(change, token="demo-anna", url=url)) for _ in range(5)
            ]
            async with asyncio.timeout(20):
                asked = [await asyncio.get_running_loop().sock_accept(listener) for _ in asking]
            async with asyncio.timeout(10):
                assert await Uploader(server).state() == before
            listener.close()
            for connection, _ in asked:
                connection.close()
            answers = await asyncio.gather(*asking)
            assert {answer["errors"][0]["extensions"]["code"] for answer in answers} == {"INTERNAL"}
            assert await Uploader(server).state() == before


@pytest.mark.usefixtures("aws")
async def test_while_the_bucket_is_away_nothing_is_changed(tmp_path: Path) -> None:
    with ExitStack() as store:
        address = store.enter_context(s3_server())
        async with Server.run(tmp_path / "data", **bucket_at(address)) as server:
            uploader = Uploader(server)
            _, answer = await uploader.by_graphql(encoded(quarters(), "PNG"))
            url = answer["data"]["uploadGalleryImage"]["url"]
            assert url.startswith(f"{address}/{BUCKET}/hotelmate/")
            assert_quarters((await load(url))[1], [RED, GREEN, BLUE, WHITE])
            before = await uploader.state()
            store.close()
            status, answer = await uploader.by_rest(encoded(quarters((64, 50)), "PNG"))
            sentence = "Pictures cannot be stored at the moment. Nothing was changed; try again later."
            assert (status, answer["error"]) == (503, sentence)
            _, answer = await uploader.by_graphql(encoded(quarters((64, 50)), "PNG"))
            [error] = answer["errors"]
            assert (error["message"], error["extensions"]["code"]) == (sentence, "INTERNAL")
            assert await uploader.state() == before
