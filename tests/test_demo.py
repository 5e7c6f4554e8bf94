"""What `make run` fills an empty database with is all there, pictures included."""

from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from hotelmate import demo
from hotelmate.database import Database
from tests.server import Server
from tests.test_cli import hotelmate

PAGES = """{ hotels { edges { node {
    slug settings { heroImage heroImageDisplay } gallery { url }
} } } }"""


async def pages(server: Server) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await server.data(PAGES))["hotels"]["edges"]]


async def test_every_picture_of_the_demo_is_served_where_it_says(tmp_path: Path) -> None:
    async with Server.run(tmp_path / "data", HOTELMATE_DEMO="1") as server:
        shown = await pages(server)
        assert [page["slug"] for page in shown] == ["killarney", "dublin"]
        urls = {image["url"] for page in shown for image in page["gallery"]}
        urls |= {page["settings"]["heroImage"] for page in shown}
        assert len(urls) == 8
        async with aiohttp.ClientSession() as session:
            for url in urls | {page["settings"]["heroImageDisplay"] for page in shown}:
                assert url.startswith(f"{server.url}/media/")
                async with session.get(url) as response:
                    assert response.status == 200
                    with Image.open(BytesIO(await response.read())) as image:
                        assert image.width == 960
        await server.stop()
        # What is there already is left as it is.
        await server.start()
        assert await pages(server) == shown


def test_a_demo_whose_pictures_cannot_be_stored_says_so(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"in the way")
    done = hotelmate("serve", data_dir=tmp_path, HOTELMATE_DEMO="1", HOTELMATE_PORT="0")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("hotelmate: the demo's pictures cannot be stored (")
    database = Database(f"sqlite:///{tmp_path / 'hotelmate.sqlite3'}")
    with database.reading() as reading:
        assert demo.is_empty(reading)
    database.close()
