"""The pictures in the README and the documents are of this version.

They are written to docs/pictures/ where one is missing; HOTELMATE_TEST_RENEW_PICTURES=1 writes them all anew.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.server import Server
from tests.web.browsing import graphiql_is_ready, running_browser

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
# The address that readers will have.
ADDRESS = "localhost:8000"

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.5}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hotel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server with nothing but the demo's data, pictures included, and what the pictures are to show."""
    settings = {"HOTELMATE_DEMO": "1", "HOTELMATE_PUBLIC_URL": f"http://{ADDRESS}"}
    async with Server.run(tmp_path_factory.mktemp("pictures") / "data", **settings) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def camera(hotel: Server) -> AsyncIterator[Browser]:
    async with running_browser(
        f"--host-resolver-rules=MAP {ADDRESS} 127.0.0.1:{hotel.port}, MAP * ~NOTFOUND"
    ) as browser:
        yield browser


@asynccontextmanager
async def picture(camera: Browser, name: str, path: str, **context: Any) -> AsyncIterator[Page]:
    """Open a page, and take its picture when the block has made it worth one."""
    visitor = await camera.new_context(reduced_motion="reduce", **context)
    page = await visitor.new_page()
    await page.goto(f"http://{ADDRESS}{path}")
    yield page
    await page.evaluate("() => document.fonts.ready")
    file = await page.screenshot()
    await visitor.close()
    place = PICTURES / f"{name}.webp"
    if os.environ.get("HOTELMATE_TEST_RENEW_PICTURES") or not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.open(BytesIO(file)).save(place, quality=90, method=6)


async def play_console(page: Page) -> None:
    """Have something of each kind happen."""
    entries = page.locator(".entries > li")
    await expect(page.locator(".state.connected")).to_have_count(2)
    for happened, button in enumerate(
        (
            re.compile("^Clock in$"),
            re.compile("^New offer$"),
            re.compile("^Move picture 2"),
            re.compile("^New booking$"),
            re.compile("^Confirm$"),
            re.compile("^Assign a room$"),
        ),
        start=1,
    ):
        await page.get_by_role("button", name=button).click()
        await expect(entries).to_have_count(happened)
    await expect(entries.first).to_have_attribute("data-verdict", "same")
    await expect(page.get_by_role("region", name="Bridge to Pusher")).to_contain_text("Pending0")
    await page.mouse.move(0, 0)


async def test_graphiql(camera: Browser) -> None:
    async with picture(camera, "graphiql", "/graphql", **DESKTOP) as page:
        await graphiql_is_ready(page)
        await page.get_by_role("tab", name="Offers").click()
        await expect(page.get_by_label("Acting as")).to_be_visible()
        await page.get_by_role("button", name="Variables").click()
        await page.get_by_role("button", name="Execute query").click()
        await page.get_by_role("menuitem", name="Offers", exact=True).click()
        await expect(page.locator(".result-window")).to_contain_text("Families welcome")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_console(camera: Browser, hotel: Server, color_scheme: str) -> None:
    async with picture(
        camera, f"console-{color_scheme}", "/console", color_scheme=color_scheme, **DESKTOP
    ) as page:
        await play_console(page)
        if color_scheme == "dark":
            await page.locator(".entries summary").nth(3).click()
            await page.mouse.move(0, 0)
    await put_back(hotel)


async def test_console_on_a_phone(camera: Browser) -> None:
    async with picture(camera, "console-phone", "/console", **PHONE) as page:
        await page.get_by_text("Make something happen").click()
        await play_console(page)
        await page.get_by_text("Make something happen").click()


async def test_guest(camera: Browser, hotel: Server) -> None:
    bookings = await hotel.data(
        "{ bookings(status: [CHECKED_IN]) { edges { node { id } } } }", token="demo-anna"
    )
    reference = bookings["bookings"]["edges"][0]["node"]["id"]
    token = await hotel.data(
        "mutation ($id: ID!) { renewGuestToken(id: $id) }", token="demo-anna", id=reference
    )
    path = f"/guest/{reference}#token={token['renewGuestToken']}"
    async with picture(camera, "guest", path, **PHONE) as page:
        await expect(page.get_by_text("Live")).to_be_visible()


async def test_hotel(camera: Browser) -> None:
    async with picture(camera, "hotel", "/hotel/killarney", **DESKTOP) as page:
        await expect(page.get_by_text("Live")).to_be_visible()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_landing(camera: Browser, color_scheme: str) -> None:
    async with picture(camera, f"landing-{color_scheme}", "/", color_scheme=color_scheme, **DESKTOP) as page:
        await expect(page.get_by_text("Database")).to_be_visible()
        await expect(page.get_by_text("Hotel Dublin")).to_be_visible()


async def put_back(hotel: Server) -> None:
    """Undo what `play_console` did to the clock and the gallery."""
    await hotel.data("mutation { toggleClock { action } }", token="demo-anna")
    data = await hotel.data('{ hotel(slug: "killarney") { gallery { url } } }')
    first, second, *rest = [image["url"] for image in data["hotel"]["gallery"]]
    await hotel.data(
        "mutation ($urls: [String!]!) { reorderGallery(urls: $urls) { url } }",
        token="demo-anna",
        urls=[second, first, *rest],
    )
