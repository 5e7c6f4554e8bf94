"""What holds at every door: slashes, credentials, hotels, ids, and the form of refusals."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text

from hotelmate.database import Database
from hotelmate.identity import known_sessions, sessions
from hotelmate.models import BookingStatus, Hotel
from tests.resolvers.steps import everything
from tests.rest.conftest import booking_of, guest_token
from tests.rest.frontend import ANNA, CARLA, KILLARNEY, Frontend

# Method and path of every door that is for staff, below /api/staff.
STAFF_DOORS = [
    ("POST", "/{slug}/clock/"),
    ("GET", "/hotel/{slug}/offers/"),
    ("POST", "/hotel/{slug}/offers/"),
    ("GET", "/hotel/{slug}/offers/{offer}/"),
    ("PATCH", "/hotel/{slug}/offers/{offer}/"),
    ("PUT", "/hotel/{slug}/offers/{offer}/"),
    ("DELETE", "/hotel/{slug}/offers/{offer}/"),
    ("POST", "/hotel/{slug}/offers/{offer}/upload-image/"),
    ("GET", "/hotel/{slug}/settings/"),
    ("PATCH", "/hotel/{slug}/settings/"),
    ("PUT", "/hotel/{slug}/settings/"),
    ("POST", "/hotel/{slug}/settings/gallery/upload/"),
    ("POST", "/hotel/{slug}/gallery/upload/"),
    ("POST", "/hotel/{slug}/settings/gallery/reorder/"),
    ("POST", "/hotel/{slug}/gallery/reorder/"),
    ("DELETE", "/hotel/{slug}/settings/gallery/remove/"),
    ("DELETE", "/hotel/{slug}/gallery/remove/"),
    ("GET", "/hotel/{slug}/room-types/"),
    ("POST", "/hotel/{slug}/room-types/{room_type}/upload-image/"),
    ("GET", "/hotel/{slug}/bookings/"),
    ("POST", "/hotel/{slug}/bookings/{booking}/confirm/"),
    ("POST", "/hotel/{slug}/bookings/{booking}/check-in/"),
    ("POST", "/hotel/{slug}/bookings/{booking}/check-out/"),
    ("POST", "/hotel/{slug}/bookings/{booking}/cancel/"),
    ("POST", "/hotel/{slug}/bookings/{booking}/no-show/"),
    ("POST", "/hotel/{slug}/bookings/{booking}/assign-room/"),
]
JSON = {"Content-Type": "application/json"}


def place(path: str, *, slug: str = "killarney", **ids: object) -> str:
    given = {"offer": 1, "room_type": 1, "booking": "BK-2025-0001"} | ids
    return "/api/staff" + path.format(slug=slug, **given)


async def test_nobody_but_staff_of_the_hotel_gets_in(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel
) -> None:
    guest = guest_token(booking_of(sqlite_database, killarney))
    refused = (
        (None, 401, "Log in first."),
        ("Token nonsense", 401, "This session has ended; log in again."),
        ("Basic YTpi", 401, "Send 'Authorization: Token …', 'Bearer …' or 'GuestToken …'."),
        (f"GuestToken {guest}", 403, "Only staff may do this."),
        ("Token demo-carla", 403, "This is not your hotel."),
    )
    before = everything(sqlite_database)
    for method, path in STAFF_DOORS:
        for caller, status, error in refused:
            # Who calls is asked before the body is read, which is none.
            reply = await frontend.send(method, place(path), caller, data=b"{", headers=JSON)
            assert (reply.status, reply.content) == (status, {"error": error}), (method, path)
            assert reply.headers.get("WWW-Authenticate") == ("Token" if status == 401 else None)
        for slug in ("dublin", "nowhere", "Killarney", "%00", "🏨"):
            assert (await frontend.send(method, place(path, slug=slug))).status == 403, (method, path)
    assert everything(sqlite_database) == before


@pytest.mark.parametrize(
    ("thing", "listed", "error"),
    [
        ("offer", "offers", "There is no such offer."),
        ("room_type", "room-types", "There is no such room type."),
    ],
)
async def test_what_is_another_hotels_is_not_there(
    frontend: Frontend, sqlite_database: Database, thing: str, listed: str, error: str
) -> None:
    theirs = (await frontend.ok("GET", f"/api/staff/hotel/dublin/{listed}/", CARLA))[0]["id"]
    before = everything(sqlite_database)
    for method, path in STAFF_DOORS:
        if f"{{{thing}}}" in path:
            for unknown in (theirs, 999, 0, -1, "abc", "1e3", "9" * 30, "2147483648", "%00", "١"):
                reply = await frontend.send(method, place(path, **{thing: unknown}))
                assert (reply.status, reply.content) == (404, {"error": error}), (path, unknown)
    assert everything(sqlite_database) == before


async def test_a_booking_of_another_hotel_is_not_there(
    frontend: Frontend, sqlite_database: Database, dublin: Hotel
) -> None:
    theirs = booking_of(sqlite_database, dublin, BookingStatus.PENDING_PAYMENT).reference
    before = everything(sqlite_database)
    for method, path in STAFF_DOORS:
        if "{booking}" in path:
            for reference in (theirs, "BK-2025-9999", "1", "%00", "🏨"):
                body = {"json": {"room_number": "101"}} if path.endswith("assign-room/") else {}
                reply = await frontend.send(method, place(path, booking=reference), **body)
                assert (reply.status, reply.content) == (404, {"error": "There is no such booking."}), path
    assert everything(sqlite_database) == before


async def test_the_slash_at_the_end_may_be_missing(frontend: Frontend) -> None:
    for path in ("offers", "settings", "room-types", "bookings"):
        with_slash = await frontend.ok("GET", f"{KILLARNEY}/{path}/")
        assert await frontend.ok("GET", f"{KILLARNEY}/{path}") == with_slash
    page = await frontend.ok("GET", "/api/public/hotel/killarney/", None)
    assert await frontend.ok("GET", "/api/public/hotel/killarney", None) == page
    for method, path in [*STAFF_DOORS, ("POST", "/login/")]:
        refused = [await frontend.send(method, place(path.rstrip("/") + slash), None) for slash in ("", "/")]
        assert refused[0].content == refused[1].content, path
        assert {reply.status for reply in refused} <= {400, 401}, path


async def test_both_schemes_open_the_doors(frontend: Frontend) -> None:
    for scheme in ("Token", "Bearer", "token", "BEARER"):
        assert (await frontend.send("GET", f"{KILLARNEY}/offers/", f"{scheme} demo-anna")).status == 200


async def test_what_there_is_not_is_refused_as_everything_else(frontend: Frontend) -> None:
    for path in ("/api/nowhere/", f"{KILLARNEY}/nowhere/", f"{KILLARNEY}/offers/1/nowhere/"):
        reply = await frontend.send("GET", path)
        assert (reply.status, reply.content) == (404, {"error": "Not Found"})
    for path, allowed in (("settings/", "GET, PUT, PATCH"), ("offers/1", "GET, PUT, PATCH, DELETE")):
        reply = await frontend.send("POST", f"{KILLARNEY}/{path}")
        assert (reply.status, reply.content) == (405, {"error": "Method Not Allowed"})
        assert reply.headers["Allow"] == allowed


async def test_no_cache_keeps_an_answer(frontend: Frontend) -> None:
    for path, caller in ((f"{KILLARNEY}/bookings/", ANNA), (f"{KILLARNEY}/bookings/", None)):
        reply = await frontend.send("GET", path, caller)
        assert reply.headers["Cache-Control"] == "no-store"


async def test_what_fails_on_our_side_is_told_by_an_id_and_nothing_else(
    frontend: Frontend, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite_database.engine.begin() as connection:
        connection.execute(text("DROP TABLE offer"))
    reply = await frontend.send("GET", f"{KILLARNEY}/offers/")
    error_id = reply.content["id"]
    assert (reply.status, reply.content) == (
        500,
        {"error": "Something went wrong on our side.", "id": error_id},
    )
    logged = capsys.readouterr().out
    assert error_id in logged
    assert "no such table: offer" in logged


async def test_whoever_is_known_is_not_looked_up_again_until_the_session_ends(
    frontend: Frontend, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_sessions, "KNOWN_SECONDS", 3600)
    looked_up: list[str] = []

    def note(*args: Any) -> None:
        if "FROM session" in args[2]:
            looked_up.append(args[2])

    for engine in sqlite_database.engines:
        event.listen(engine, "before_cursor_execute", note)
    for _ in range(3):
        assert (await frontend.send("GET", f"{KILLARNEY}/offers/")).status == 200
    assert len(looked_up) == 1
    with sqlite_database.transaction() as transaction:
        actor = sessions.find(transaction, ANNA.removeprefix("Token "), at=datetime.now(UTC))
        assert actor is not None
        sessions.end(transaction, actor.session_id)
    reply = await frontend.send("GET", f"{KILLARNEY}/offers/")
    assert (reply.status, reply.content) == (401, {"error": "This session has ended; log in again."})
