"""Who gets through which REST door of killarney, as the demo has it."""

import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hotelmate.app import Application
from hotelmate.database import Database
from hotelmate.settings import Settings
from tests.isolation.callers import CALLERS, credentials, references
from tests.media.uploads import encoded, quarters
from tests.resolvers.steps import everything
from tests.rest.conftest import GUEST_TOKENS, published
from tests.server import Server

Row = tuple[int, int, int, int, int, int, int]
"""The statuses, in the order of CALLERS."""

Body = dict[str, Any]

HOTEL = "/api/staff/hotel/{slug}"
STAFF: Row = (401, 401, 401, 403, 403, 403, 200)
STAFF_MAKES: Row = (401, 401, 401, 403, 403, 403, 201)
STAFF_REMOVES: Row = (401, 401, 401, 403, 403, 403, 204)
# Nobody is asked who they are.
OPEN: Row = (200, 200, 200, 200, 200, 200, 200)
# What a link to another booking opens is told as little about this one as a link to none.
GUEST: Row = (401, 401, 401, 401, 200, 404, 200)
CHANNEL: Row = (401, 401, 401, 403, 403, 403, 200)
SIGN_IN: Row = (401, 401, 401, 200, 200, 200, 200)

GALLERY = [f"https://pictures.example/killarney/{name}.jpg" for name in ("garden", "lobby", "restaurant")]
ORDER: Body = {"json": {"gallery": GALLERY}}
REMOVAL: Body = {"json": {"url": GALLERY[0]}}
JOIN: Body = {"json": {"socket_id": "1.1", "channel_name": "private-hotel-killarney"}}

DOORS: dict[tuple[str, str], tuple[str, Body, Row]] = {
    ("POST", "/api/staff/login/"): ("", {"json": {"username": "anna", "password": "demo"}}, OPEN),
    ("POST", "/api/staff/{slug}/clock/"): ("", {}, STAFF),
    ("GET", f"{HOTEL}/offers/"): ("", {}, STAFF),
    ("POST", f"{HOTEL}/offers/"): ("", {"json": {"title": "Spa", "short_description": ""}}, STAFF_MAKES),
    ("GET", f"{HOTEL}/offers/{{id}}/"): ("1", {}, STAFF),
    ("PATCH", f"{HOTEL}/offers/{{id}}/"): ("1", {"json": {"tag": "x"}}, STAFF),
    ("PUT", f"{HOTEL}/offers/{{id}}/"): (
        "1",
        {"json": {"title": "Spa", "short_description": ""}},
        STAFF,
    ),
    ("DELETE", f"{HOTEL}/offers/{{id}}/"): ("1", {}, STAFF_REMOVES),
    ("POST", f"{HOTEL}/offers/{{id}}/upload-image/"): ("1", {"file": "photo"}, STAFF),
    ("GET", f"{HOTEL}/settings/"): ("", {}, STAFF),
    ("PATCH", f"{HOTEL}/settings/"): ("", {"json": {"tagline": "x"}}, STAFF),
    ("PUT", f"{HOTEL}/settings/"): ("", {"json": {"tagline": "x"}}, STAFF),
    ("POST", f"{HOTEL}/settings/gallery/upload/"): ("", {"file": "image"}, STAFF_MAKES),
    ("POST", f"{HOTEL}/gallery/upload/"): ("", {"file": "image"}, STAFF_MAKES),
    ("POST", f"{HOTEL}/settings/gallery/reorder/"): ("", ORDER, STAFF),
    ("POST", f"{HOTEL}/gallery/reorder/"): ("", ORDER, STAFF),
    ("DELETE", f"{HOTEL}/settings/gallery/remove/"): ("", REMOVAL, STAFF),
    ("DELETE", f"{HOTEL}/gallery/remove/"): ("", REMOVAL, STAFF),
    ("GET", f"{HOTEL}/room-types/"): ("", {}, STAFF),
    ("POST", f"{HOTEL}/room-types/{{id}}/upload-image/"): ("1", {"file": "photo"}, STAFF),
    ("GET", f"{HOTEL}/bookings/"): ("", {}, STAFF),
    ("POST", f"{HOTEL}/bookings/{{id}}/confirm/"): ("pending", {}, STAFF),
    ("POST", f"{HOTEL}/bookings/{{id}}/check-in/"): ("confirmed", {}, STAFF),
    ("POST", f"{HOTEL}/bookings/{{id}}/check-out/"): ("checked_in", {}, STAFF),
    ("POST", f"{HOTEL}/bookings/{{id}}/no-show/"): ("confirmed", {}, STAFF),
    # The guest's own way to cancel is GraphQL's; this door is for staff.
    ("POST", f"{HOTEL}/bookings/{{id}}/cancel/"): ("pending", {}, STAFF),
    ("POST", f"{HOTEL}/bookings/{{id}}/assign-room/"): ("pending", {"json": {"room_number": "101"}}, STAFF),
    ("GET", "/api/public/hotel/{slug}/"): ("", {}, OPEN),
    ("GET", "/api/public/hotel/{slug}/room-bookings/{id}/"): ("pending", {}, GUEST),
    ("POST", "/pusher/auth"): ("", JOIN, CHANNEL),
    ("POST", "/api/pusher/auth/"): ("", JOIN, CHANNEL),
    ("POST", f"{HOTEL}/notifications/pusher/auth/"): ("", JOIN, CHANNEL),
    ("POST", "/pusher/user-auth"): ("", {"json": {"socket_id": "1.1"}}, SIGN_IN),
}


# Beside the frontends' doors, and with nothing of any hotel behind them.
FOR_ANYBODY = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}


def test_every_door_has_its_callers_above(tmp_path: Path) -> None:
    whole = Application(Settings(data_dir=tmp_path))._rest.openapi()
    for paths, doors in ((published()["paths"], set()), (whole["paths"], FOR_ANYBODY)):
        found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
        assert found == DOORS.keys() | doors


async def test_what_is_for_anybody_asks_nobody_who_they_are(tmp_path: Path) -> None:
    async with Server.run(tmp_path / "data") as server, aiohttp.ClientSession(server.url) as client:
        for authorization in ("Token demo-anna", "Token demo-carla", "Token of-nobody", None):
            headers = {} if authorization is None else {"Authorization": authorization}
            for method, path in FOR_ANYBODY:
                async with client.request(method, path, headers=headers) as response:
                    assert response.status == 200, (path, authorization)
                    text = await response.text()
                    assert not re.search("killarney|dublin|anna|BK-", text), path


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_a_door_opens_or_stays_shut_by_who_calls(
    client: aiohttp.ClientSession, sqlite_database: Database, method: str, path: str
) -> None:
    thing, body, row = DOORS[method, path]
    of_caller = credentials(sqlite_database, GUEST_TOKENS)
    place = path.format(slug="killarney", id=references(sqlite_database).get(thing, thing))
    # Staff last, who change what is asked for.
    for caller, status in zip(CALLERS, row, strict=True):
        before = everything(sqlite_database)
        headers = {"Authorization": authorization} if (authorization := of_caller[caller]) else {}
        async with client.request(method, place, headers=headers, **sent(body)) as response:
            assert response.status == status, (caller, await response.text())
        if status >= 400:
            assert everything(sqlite_database) == before, caller


@pytest.mark.parametrize(
    ("method", "path"), [door for door in DOORS if "{id}" in door[1] and door[1].startswith("/api/staff/")]
)
async def test_at_another_hotels_door_there_is_nothing_of_this_one(
    client: aiohttp.ClientSession, sqlite_database: Database, method: str, path: str
) -> None:
    thing, body, _ = DOORS[method, path]
    place = path.format(slug="dublin", id=references(sqlite_database).get(thing, thing))
    before = everything(sqlite_database)
    headers = {"Authorization": "Token demo-carla"}
    async with client.request(method, place, headers=headers, **sent(body)) as response:
        assert response.status == 404, await response.text()
    assert everything(sqlite_database) == before


def sent(body: Body) -> Body:
    """Return what aiohttp sends; a form with a file can be sent only once."""
    if "file" not in body:
        return body
    form = aiohttp.FormData()
    form.add_field(body["file"], encoded(quarters(), "PNG"), filename="p.png", content_type="image/png")
    return {"data": form}
