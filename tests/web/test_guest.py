"""The guest's page changes when the staff do something, and shows nothing to anybody else."""

import pytest
from playwright.async_api import Browser, expect

from tests.server import Server
from tests.web.browsing import faults, overflows, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def book(site: Server) -> tuple[str, str]:
    """Return a new booking's reference, and the address of its page."""
    types = await site.data('{ hotel(slug: "killarney") { roomTypes { id } } }')
    booked = await site.data(
        """
        mutation ($type: ID!) {
          createBooking(hotelSlug: "killarney", input: {
            roomTypeId: $type, guestName: "Saoirse Nolan", guestEmail: "saoirse@guests.example",
            arrival: "2032-05-01", departure: "2032-05-04", adults: 2
          }) { booking { id } guestToken }
        }""",
        type=types["hotel"]["roomTypes"][1]["id"],
    )
    reference = booked["createBooking"]["booking"]["id"]
    return reference, f"/guest/{reference}#token={booked['createBooking']['guestToken']}"


async def as_staff(site: Server, operation: str, reference: str) -> None:
    await site.data(
        f"mutation ($id: ID!) {{ {operation}(id: $id) {{ id }} }}", token="demo-anna", id=reference
    )


async def assign_a_room(site: Server, reference: str) -> str:
    free = await site.data(
        '{ rooms(freeFrom: "2032-05-01", freeTo: "2032-05-04") { id number roomType { code } } }',
        token="demo-anna",
    )
    room = next(room for room in free["rooms"] if room["roomType"]["code"] == "family")
    await site.data(
        "mutation ($id: ID!, $room: ID!) { assignRoom(id: $id, roomId: $room) { id } }",
        token="demo-anna",
        id=reference,
        room=room["id"],
    )
    number: str = room["number"]
    return number


async def test_the_page_follows_the_stay_from_payment_to_departure(browser: Browser, site: Server) -> None:
    reference, path = await book(site)
    async with visiting(browser, site, path) as page:
        headline, step = page.get_by_role("heading", level=1), page.locator("[aria-current=step]")
        await expect(headline).to_have_text("Your booking waits for payment.")
        await expect(page.get_by_text("3 nights, Family Room")).to_be_visible()
        await expect(page.get_by_text("Live")).to_be_visible()

        await as_staff(site, "confirmBooking", reference)
        await expect(headline).to_have_text("Your booking is confirmed.")
        number = await assign_a_room(site, reference)
        await expect(headline).to_have_text(f"Room {number} is yours.")
        await expect(page.get_by_role("heading", name="WiFi")).to_have_count(0)

        await as_staff(site, "checkIn", reference)
        await expect(headline).to_have_text("Welcome, Saoirse.", timeout=1_000)
        await expect(step).to_contain_text("Checked in")
        await expect(page.get_by_text("welcome-to-killarney")).to_be_visible()

        await as_staff(site, "checkOut", reference)
        await expect(headline).to_have_text("Thank you for staying with us.")
        await expect(page.get_by_role("heading", name="WiFi")).to_have_count(0)


async def test_a_cancelled_booking_says_so(browser: Browser, site: Server) -> None:
    reference, path = await book(site)
    async with visiting(browser, site, path) as page:
        await expect(page.get_by_text("Live")).to_be_visible()
        await as_staff(site, "cancelBooking", reference)
        await expect(page.get_by_role("heading", level=1)).to_have_text("This booking is cancelled.")
        await expect(page.locator("[aria-current=step]")).to_contain_text("Cancelled")


async def test_a_link_that_was_renewed_stops_showing_the_booking(browser: Browser, site: Server) -> None:
    reference, path = await book(site)
    async with visiting(browser, site, path) as page:
        await expect(page.get_by_text("Live")).to_be_visible()
        await site.data("mutation ($id: ID!) { renewGuestToken(id: $id) }", token="demo-anna", id=reference)
        await expect(page.get_by_role("alert")).to_contain_text("This link does not open the booking")
        await expect(page.get_by_text("Saoirse")).to_have_count(0)


@pytest.mark.parametrize("fragment", ["", "#token=BK-2026-0001.wrong"])
async def test_without_the_right_token_nothing_is_shown(
    browser: Browser, site: Server, fragment: str
) -> None:
    async with visiting(browser, site, f"/guest/BK-2026-0001{fragment}") as page:
        await expect(page.get_by_role("alert")).to_contain_text("This link does not open the booking")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_it_fits_a_phone_and_has_no_fault_that_axe_finds(
    browser: Browser, site: Server, color_scheme: str
) -> None:
    reference, path = await book(site)
    await as_staff(site, "confirmBooking", reference)
    await assign_a_room(site, reference)
    await as_staff(site, "checkIn", reference)
    phone = {"width": 360, "height": 740}
    async with visiting(browser, site, path, viewport=phone, color_scheme=color_scheme) as page:
        await expect(page.get_by_role("heading", name="WiFi")).to_be_visible()
        assert not await overflows(page)
        assert await faults(page) == []
    await as_staff(site, "checkOut", reference)
