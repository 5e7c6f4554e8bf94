"""The flows of the legacy frontends' own notes, played with their HTTP calls and real pusher-js clients.

Source:
    legacy/offers-frontend.txt, "Testing Guide", and legacy/image-updates.txt.
"""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tests.clients.fixtures import StartClient
from tests.clients.node import NodeClient
from tests.media.uploads import BLUE, GREEN, RED, WHITE, assert_quarters, encoded, quarters
from tests.server import Server

KILLARNEY = "/api/staff/hotel/killarney"
CHANNEL = "hotel-killarney"


class Frontends:
    """Two tabs with pusher-js on the hotel's channel, and the HTTP calls that frontends make."""

    def __init__(self, http: aiohttp.ClientSession, tabs: list[NodeClient]) -> None:
        self._http = http
        self._tabs = tabs
        self.heard: list[str] = []

    async def call(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": "Token demo-anna"}
        async with self._http.request(method, path, headers=headers, **body) as response:
            assert response.status in {200, 201, 204}, await response.text()
            return await response.json() if response.status != 204 else None

    async def public_page(self) -> dict[str, Any]:
        async with self._http.get("/api/public/hotel/killarney/") as response:
            page: dict[str, Any] = await response.json()
            return page

    async def hear(self, name: str) -> dict[str, Any]:
        """Return what both tabs are told, which is the same."""
        told = [await tab.wait_for("event", channel=CHANNEL, name=name) for tab in self._tabs]
        payloads = [event["data"] for event in told]
        assert payloads[0] == payloads[1]
        payloads[0].pop("meta")
        self.heard.append(name)
        payload: dict[str, Any] = payloads[0]
        return payload

    def heard_nothing_else(self) -> bool:
        """Whether every tab has heard each of it once, in this order."""
        names = [
            [event["name"] for event in tab.reported("event", channel=CHANNEL)[1:]] for tab in self._tabs
        ]
        return names == [self.heard, self.heard]

    async def shows_the_quarters(self, url: str) -> bool:
        """Look at a picture as a browser loads it."""
        async with self._http.get(url) as response:
            assert response.status == 200
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            with Image.open(BytesIO(await response.read())) as image:
                assert_quarters(image, [RED, GREEN, BLUE, WHITE])
                return True


@pytest.fixture
async def frontends(server: Server, start_pusher_client: StartClient) -> AsyncIterator[Frontends]:
    tabs = [await start_pusher_client() for _ in range(2)]
    for tab in tabs:
        await tab.command(
            "connect",
            key="hotelmate-key",
            options={
                "cluster": "eu",
                "wsHost": "127.0.0.1",
                "wsPort": server.port,
                "forceTLS": False,
                "enabledTransports": ["ws"],
            },
        )
        await tab.command("subscribe", channel=CHANNEL)
        await tab.wait_for("event", channel=CHANNEL, name="pusher:subscription_succeeded")
    async with aiohttp.ClientSession(server.url) as http:
        yield Frontends(http, tabs)


def form_data(photo: bytes | None = None, *, called: str = "photo", **fields: str) -> aiohttp.FormData:
    """What FormData sends: every value a text, and the file."""
    data = aiohttp.FormData(default_to_multipart=True)
    for name, text in fields.items():
        data.add_field(name, text)
    if photo is not None:
        data.add_field(called, photo, filename="photo.jpg", content_type="image/jpeg")
    return data


def picture(height: int) -> bytes:
    return encoded(quarters((64, height)), "PNG")


async def test_offers_from_tab_to_tab_and_to_the_public_page(frontends: Frontends) -> None:
    # Test 1: an offer is created with its image.
    created = await frontends.call(
        "POST",
        f"{KILLARNEY}/offers/",
        data=form_data(
            picture(48), title="Test Offer", short_description="Test", is_active="true", valid_from=""
        ),
    )
    assert await frontends.hear("offer-created") == {"offer": created, "action": "created"}
    assert await frontends.shows_the_quarters(created["photo_url"])
    # Test 2: it is updated, as JSON and then with another image.
    one = f"{KILLARNEY}/offers/{created['id']}/"
    updated = await frontends.call("PATCH", one, json={"title": "Updated Title"})
    assert updated == {**created, "title": "Updated Title"}
    assert await frontends.hear("offer-updated") == {"offer": updated, "action": "updated"}
    updated = await frontends.call("PATCH", one, data=form_data(picture(50), tag="New"))
    assert await frontends.hear("offer-updated") == {"offer": updated, "action": "updated"}
    assert (updated["title"], updated["tag"]) == ("Updated Title", "New")
    # Test 3: "Upload Now".
    uploaded = await frontends.call("POST", f"{one}upload-image/", data=form_data(picture(52)))
    told = await frontends.hear("offer-image-updated")
    timestamp = told.pop("timestamp")
    assert timestamp.endswith("+00:00")
    assert told == {
        "offer_id": created["id"],
        "offer_title": "Updated Title",
        "photo_url": uploaded["photo_url"],
    }
    assert await frontends.shows_the_quarters(uploaded["photo_url"])
    # Test 5, before test 4 takes it away: the public page shows what the events told.
    shown = (await frontends.public_page())["offers"]
    photo = {"photo": uploaded["photo_url"], "photo_url": uploaded["photo_url"]}
    assert {**updated, **photo} in shown
    # Test 4: it is deleted.
    assert await frontends.call("DELETE", one) is None
    assert await frontends.hear("offer-deleted") == {
        "offer_id": created["id"],
        "offer_title": "Updated Title",
        "action": "deleted",
    }
    assert created["id"] not in {offer["id"] for offer in (await frontends.public_page())["offers"]}
    assert frontends.heard_nothing_else()


async def test_images_from_the_settings_to_the_public_page(frontends: Frontends) -> None:
    # Architecture: the hero image, by file upload.
    settings = await frontends.call(
        "PATCH", f"{KILLARNEY}/settings/", data=form_data(picture(48), called="hero_image")
    )
    assert await frontends.hear("settings-updated") == {
        name: settings[name] for name in ("hero_image", "hero_image_display", "gallery", "updated_at")
    }
    for name in ("hero_image", "hero_image_display"):
        assert await frontends.shows_the_quarters(settings[name])
    # A new gallery image, and another order.
    uploaded = await frontends.call(
        "POST", f"{KILLARNEY}/settings/gallery/upload/", data=form_data(picture(50), called="image")
    )
    assert await frontends.hear("gallery-image-uploaded") == {
        "url": uploaded["url"],
        "public_id": uploaded["public_id"],
    }
    assert await frontends.shows_the_quarters(uploaded["url"])
    turned = [uploaded["url"], *settings["gallery"]]
    await frontends.call("POST", f"{KILLARNEY}/settings/gallery/reorder/", json={"gallery": turned})
    assert await frontends.hear("gallery-reordered") == {"gallery": turned}
    # It is removed again: settings-updated, as LEGACY.md has it.
    removed = await frontends.call(
        "DELETE", f"{KILLARNEY}/settings/gallery/remove/", json={"url": uploaded["url"]}
    )
    assert (await frontends.hear("settings-updated"))["gallery"] == removed["gallery"] == turned[1:]
    # A room type's photo.
    [room_type, *_] = await frontends.call("GET", f"{KILLARNEY}/room-types/")
    uploaded = await frontends.call(
        "POST", f"{KILLARNEY}/room-types/{room_type['id']}/upload-image/", data=form_data(picture(52))
    )
    told = await frontends.hear("room-type-image-updated")
    assert told.pop("timestamp").endswith("+00:00")
    assert told == {"room_type_id": room_type["id"], "photo_url": uploaded["photo_url"]}
    # Text and colours.
    changes = {"tagline": "By the lake", "theme": {"primary_color": "#123456"}}
    settings = await frontends.call("PATCH", f"{KILLARNEY}/settings/", json=changes)
    await frontends.hear("settings-updated")

    page = await frontends.public_page()
    assert {**page["settings"], "gallery": page["gallery"]} == settings
    assert page["room_types"][0] == {**room_type, "photo_url": uploaded["photo_url"]}
    assert frontends.heard_nothing_else()


async def test_calls_at_once_are_told_each_once(frontends: Frontends) -> None:
    uploads = [
        frontends.call(
            "POST", f"{KILLARNEY}/gallery/upload/", data=form_data(picture(height), called="image")
        )
        for height in (60, 62, 64, 66)
    ]
    answered = await asyncio.gather(*uploads)
    told = [await frontends.hear("gallery-image-uploaded") for _ in answered]
    assert [image["url"] for image in told] == (await frontends.public_page())["gallery"][3:]
    assert {image["url"] for image in told} == {image["url"] for image in answered}
    assert frontends.heard_nothing_else()
