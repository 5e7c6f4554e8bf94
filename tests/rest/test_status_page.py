"""The guest's link shows the booking, to its guest and to staff of its hotel only."""

from datetime import UTC, date, timedelta
from typing import Any

import aiohttp

from hotelmate.database import Database
from hotelmate.models import Booking, BookingStatus, Hotel
from tests.rest.conftest import booking_of, guest_token


async def get(
    rest: aiohttp.ClientSession,
    slug: str,
    reference: str,
    *,
    token: str | None = None,
    header: str | None = None,
    slash: str = "/",
) -> tuple[int, dict[str, Any]]:
    async with rest.get(
        f"/api/public/hotel/{slug}/room-bookings/{reference}{slash}",
        params={} if token is None else {"token": token},
        headers={"Authorization": header} if header else {},
    ) as response:
        return response.status, await response.json()


async def test_the_guests_link_shows_the_booking(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    booking = booking_of(database, killarney)
    status, content = await get(rest, "killarney", booking.reference, token=guest_token(booking))
    assert status == 200
    assert booking.checked_in_at is not None
    assert booking.room_assigned_at is not None
    arrival = date.fromisoformat(content["arrival"])
    assert await get(rest, "killarney", booking.reference, token=guest_token(booking), slash="") == (
        status,
        content,
    )
    assert content == {
        "id": booking.reference,
        "status": "CHECKED_IN",
        "hotel": {"id": killarney.id, "slug": "killarney", "name": "Hotel Killarney"},
        "room_type": {"id": booking.room_type_id, "code": "standard", "name": "Standard Double"},
        "room": {"id": booking.room_id, "number": "103"},
        "guest_name": "Maeve Connacht",
        "guest_email": "maeve@guests.example",
        "guest_phone": "",
        "arrival": booking.arrival.isoformat(),
        "departure": (arrival + timedelta(days=3)).isoformat(),
        "nights": 3,
        "adults": 1,
        "children": 0,
        "special_requests": "",
        "room_assigned_at": booking.room_assigned_at.astimezone(UTC).isoformat(),
        "checked_in_at": booking.checked_in_at.astimezone(UTC).isoformat(),
        "checked_out_at": None,
        "cancelled_at": None,
        "created_at": booking.created_at.astimezone(UTC).isoformat(),
        "wifi": {"name": "Hotel Killarney Guests", "password": "welcome-to-killarney"},
        "cursor": content["cursor"],
    }


async def test_the_wifi_is_shown_to_guests_in_the_house_only(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    for status in set(BookingStatus) - {BookingStatus.CHECKED_IN}:
        booking = booking_of(database, killarney, status)
        answered, content = await get(rest, "killarney", booking.reference, token=guest_token(booking))
        assert (answered, content["status"], content["wifi"]) == (200, status, None)


async def test_staff_of_the_hotel_may_look_as_well(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    own, foreign = booking_of(database, killarney), booking_of(database, dublin)
    assert (await get(rest, "killarney", own.reference, header="Token demo-anna"))[0] == 200
    assert (await get(rest, "dublin", foreign.reference, header="Token demo-anna"))[0] == 404
    assert (await get(rest, "killarney", "BK-2025-9999", header="Token demo-anna"))[0] == 404
    assert (await get(rest, "killarney", "\x00", header="Token demo-anna"))[0] == 404


async def test_without_the_right_token_it_is_401(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    booking = booking_of(database, killarney)
    other = booking_of(database, killarney, BookingStatus.CONFIRMED)
    for token in (None, "", "x", f"{booking.reference}.{'A' * 43}", guest_token(other), "\x00", "🏨"):
        status, content = await get(rest, "killarney", booking.reference, token=token)
        assert (status, list(content)) == (401, ["error"]), token
    assert (await get(rest, "killarney", "BK-2025-9999", token=guest_token(booking)))[0] == 401


async def test_under_another_hotels_address_there_is_no_such_booking(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    booking = booking_of(database, killarney)
    for slug in ("dublin", "nowhere", "\x00"):
        assert await get(rest, slug, booking.reference, token=guest_token(booking)) == (
            404,
            {"error": "There is no such booking."},
        )


async def test_no_cache_keeps_it(rest: aiohttp.ClientSession, database: Database, killarney: Hotel) -> None:
    booking: Booking = booking_of(database, killarney)
    url = f"/api/public/hotel/killarney/room-bookings/{booking.reference}/"
    async with rest.get(url, params={"token": guest_token(booking)}) as response:
        assert response.headers["Cache-Control"] == "no-store"
