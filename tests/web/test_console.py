"""The console shows an event as pusher-js and as GraphQL get it, and what differs between them."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Locator, Page, Route, WebSocketRoute, expect

from tests.bridge.pusher_endpoint import PusherEndpoint
from tests.server import Server
from tests.web.browsing import faults, overflows, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"width": 390, "height": 800}
WITHIN_MS = 1_000


async def until_connected(page: Page) -> None:
    for name in ("pusher-js", "GraphQL"):
        await expect(page.get_by_label(f"{name} is connected")).to_be_visible()


def newest(page: Page) -> Locator:
    return page.locator(".entries > li").first


async def seq(entry: Locator) -> int:
    return int(await entry.locator(".seq").inner_text())


async def test_a_clock_in_is_seen_on_both_sides_within_a_second_and_paired(
    browser: Browser, site: Server
) -> None:
    # Events of all hotels share their ids, and have a seq of their own.
    await site.data("mutation { toggleClock { action } }", token="demo-carla")
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        await page.get_by_role("button", name=re.compile("^Clock (in|out)$")).click()
        entry = newest(page)
        await expect(entry).to_have_attribute("data-verdict", "same", timeout=WITHIN_MS)
        await expect(entry).to_contain_text(re.compile("Anna Kelly clocked (in|out)"))
        for side in ("pusher", "graphql"):
            took = await entry.locator(f'[data-side="{side}"]').inner_text()
            assert int(re.findall(r"(\d+) ms", took)[0]) < WITHIN_MS

        event = (await site.data("{ events { id } }", token="demo-anna"))["events"][-1]
        await expect(entry).to_have_attribute("data-event-id", event["id"])


async def test_an_event_unfolds_into_what_each_side_was_told(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        await page.get_by_role("button", name="New offer").click()
        entry = newest(page)
        await expect(entry).to_have_attribute("data-verdict", "same")
        await entry.locator("summary").click()

        title = entry.get_by_role("row").filter(has=page.get_by_role("rowheader", name="offer.title"))
        told = await title.get_by_role("cell").all_inner_texts()
        assert len(told) == 2
        assert told[0] == told[1]
        action = entry.get_by_role("row").filter(has=page.get_by_role("rowheader", name="action", exact=True))
        assert await action.get_by_role("cell").all_inner_texts() == ['"created"', "not sent"]
        await expect(entry.get_by_label("pusher-js on hotel-killarney")).to_contain_text('"details_html"')
        await expect(entry.get_by_role("region", name="GraphQL")).to_contain_text('"detailsHtml"')


async def test_an_event_that_differs_is_marked(browser: Browser, site: Server) -> None:
    """What the bridge sends is changed on its way to pusher-js, as a fault of the bridge would."""
    visitor = await browser.new_context()
    page = await visitor.new_page()

    def forward(socket: WebSocketRoute) -> None:
        upstream = socket.connect_to_server()
        upstream.on_message(lambda text: socket.send(str(text).replace("Anna", "Hanna")))

    await page.route_web_socket(re.compile("/app/"), forward)
    await page.goto(f"{site.url}/console")
    await until_connected(page)
    await page.get_by_role("button", name=re.compile("^Clock (in|out)$")).click()
    entry = newest(page)
    await expect(entry).to_have_attribute("data-verdict", "differs")
    await entry.locator("summary").click()
    row = entry.get_by_role("row").nth(1)
    assert await row.get_by_role("cell").all_inner_texts() == ['"Hanna"', '"Anna"']
    await visitor.close()


async def test_graphql_catches_up_on_what_happened_while_it_was_away_and_pusher_does_not(
    browser: Browser, site: Server
) -> None:
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        for name in ("GraphQL", "pusher-js"):
            await page.get_by_role("button", name=f"Disconnect {name}").click()
        for _ in range(2):
            await site.data("mutation { toggleClock { action } }", token="demo-ben")
        for name in ("GraphQL", "pusher-js"):
            await page.get_by_role("button", name=f"Connect {name}").click()

        entries = page.locator(".entries > li")
        await expect(entries).to_have_count(2)
        assert await seq(entries.nth(0)) == await seq(entries.nth(1)) + 1
        for entry in await entries.all():
            await expect(entry).to_have_attribute("data-verdict", "graphql only")
            await expect(entry).to_contain_text("caught up")
        await entries.first.locator("summary").click()
        await expect(entries.first).to_contain_text("is not sent what it missed")


async def test_it_comes_back_with_the_server_and_shows_what_happened_since(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server.run(tmp_path / "data") as site:
        visitor = await browser.new_context()
        page = await visitor.new_page()
        await page.goto(f"{site.url}/console")
        await until_connected(page)
        await site.data("mutation { toggleClock { action } }", token="demo-anna")
        await expect(newest(page)).to_contain_text("Anna Kelly clocked in")
        await site.stop()
        await expect(page.get_by_label("GraphQL is reconnecting")).to_be_visible()
        await site.start()
        await site.data("mutation { toggleClock { action } }", token="demo-ben")
        await expect(page.get_by_label("GraphQL is connected")).to_be_visible(timeout=20_000)
        await expect(newest(page)).to_contain_text("Ben Murphy clocked in")
        await expect(page.get_by_text("again")).to_have_count(0)
        await visitor.close()


async def test_what_pusher_refused_is_shown_with_its_reason_and_sent_again(
    browser: Browser, tmp_path: Path
) -> None:
    with PusherEndpoint.run() as pusher:
        await pusher.fail(status=400, body="No such event", times=1)
        async with Server.run(tmp_path / "data", **pusher.environment) as site:
            visitor = await browser.new_context()
            page = await visitor.new_page()
            await page.goto(f"{site.url}/console")
            await page.get_by_role("button", name="Clock in").click()

            bridge = page.get_by_role("region", name="Bridge to Pusher")
            await expect(bridge.get_by_role("listitem")).to_contain_text(
                re.compile("1 clock-status-updated on hotel-killarney, refused at .*No such event")
            )
            await expect(bridge).to_contain_text("Dead letters1")
            await bridge.get_by_role("button", name="Send again").click()
            await expect(bridge).to_contain_text("Dead letters0")
            (sent,) = await pusher.received(at_least=1)
            assert (sent.name, sent.payload["first_name"]) == ("clock-status-updated", "Anna")
            await visitor.close()


async def test_a_booking_goes_its_way_by_buttons_and_every_step_is_paired(
    browser: Browser, site: Server
) -> None:
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        await page.get_by_role("button", name="New booking").click()
        await expect(newest(page)).to_contain_text("booked")
        await expect(newest(page)).to_have_attribute("data-verdict", "graphql only")
        for button, said in {
            "Confirm": "pending payment → confirmed",
            "Assign a room": "has room",
            "Check in": "confirmed → checked in",
            "Check out": "checked in → checked out",
        }.items():
            await page.get_by_role("button", name=button, exact=True).click()
            await expect(newest(page)).to_contain_text(said)
            await expect(newest(page)).to_have_attribute("data-verdict", "same")


async def test_one_booking_is_watched_on_its_public_and_private_channel(
    browser: Browser, site: Server
) -> None:
    reference = await booking_in(site, "PENDING_PAYMENT")
    async with visiting(browser, site, f"/console?booking={reference}") as page:
        await until_connected(page)
        await page.get_by_role("button", name="Confirm").click()
        entry = newest(page)
        await expect(entry).to_have_attribute("data-verdict", "same")
        await entry.locator("summary").click()
        for channel in (f"booking.{reference}", f"private-guest-booking.{reference}"):
            await expect(entry.get_by_label(f"pusher-js on {channel}")).to_be_visible()
        await site.data("mutation { toggleClock { action } }", token="demo-ben")
        await page.get_by_role("button", name="Cancel").click()
        await expect(newest(page)).to_contain_text("confirmed → cancelled")
        assert await page.locator(".entries > li").count() == 2, "and nothing else that happens in the hotel"


async def test_the_gallery_is_reordered_from_the_keyboard(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        before = await gallery(site)
        for number in range(1, len(before) + 1):
            shown = page.locator(".gallery li").filter(has_text=f"Picture {number}").locator("img")
            await expect(shown).to_have_js_property("naturalWidth", 960)
        await page.get_by_role("button", name="Move picture 2 up").focus()
        await page.keyboard.press("Enter")
        await expect(newest(page)).to_contain_text("Gallery in a new order")
        await expect(newest(page)).to_have_attribute("data-verdict", "same")
        first, second, *rest = before
        assert await gallery(site) == [second, first, *rest]
        await expect(page.get_by_role("button", name="Move picture 1 up")).to_be_focused()


async def test_the_focus_stays_where_the_next_thing_is_to_be_done(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        clock = page.get_by_role("button", name=re.compile("^Clock (in|out)$"))
        await clock.focus()
        for happened in (1, 2):
            await page.keyboard.press("Enter")
            await expect(page.locator(".entries > li")).to_have_count(happened)
            await expect(clock).to_be_focused()

        await page.get_by_role("button", name="New booking").click()
        await page.get_by_role("button", name="Confirm").focus()
        for following in ("Assign a room", "Check in", "Check out"):
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("button", name=following)).to_be_focused()

        await page.get_by_role("button", name="New guest link").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Open the guest's page")).to_be_focused()


async def test_pictures_are_uploaded_and_taken_out(browser: Browser, site: Server) -> None:
    file = BytesIO()
    Image.new("RGB", (64, 40), "#1f4e5f").save(file, "PNG")
    picture: FilePayload = {"name": "lake.png", "mimeType": "image/png", "buffer": file.getvalue()}
    before = await gallery(site)
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        await page.get_by_label("Photo").set_input_files(picture)
        await expect(newest(page)).to_contain_text("offer-image-updated")
        await expect(newest(page)).to_have_attribute("data-verdict", "same")

        await page.get_by_label("Add a picture").set_input_files(picture)
        await expect(newest(page)).to_contain_text("gallery-image-uploaded")
        await expect(newest(page)).to_have_attribute("data-verdict", "same")
        assert len(await gallery(site)) == len(before) + 1

        await page.get_by_role("button", name=f"Take picture {len(before) + 1} out").click()
        await expect(newest(page)).to_contain_text("GalleryImageRemoved")
        await expect(newest(page)).to_have_attribute("data-verdict", "same")
        assert await gallery(site) == before


async def test_a_refusal_is_told_with_its_code(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/console") as page:
        await until_connected(page)
        button = page.get_by_role("button", name="Delete")
        await expect(button).to_be_visible()
        offer = await page.get_by_label("Offer").input_value()

        async def delete_it_first(route: Route) -> None:
            if '"operationName":"DeleteOffer"' in (route.request.post_data or ""):
                await site.data(
                    "mutation ($id: ID!) { deleteOffer(id: $id) { id } }", token="demo-ben", id=offer
                )
            await route.continue_()

        await page.route("**/graphql", delete_it_first)
        await button.click()
        await expect(page.locator(".outcome")).to_contain_text("NOT_FOUND")


async def test_a_guest_sees_their_booking_and_may_cancel_it(browser: Browser, site: Server) -> None:
    reference = await booking_in(site, "CONFIRMED")
    renewed = await site.data(
        "mutation ($id: ID!) { renewGuestToken(id: $id) }", token="demo-anna", id=reference
    )
    async with visiting(browser, site, "/console") as page:
        await page.get_by_role("button", name="Switch").click()
        await page.get_by_label("A staff member's, or a guest's").fill(renewed["renewGuestToken"])
        await page.get_by_role("button", name="Open").click()
        await until_connected(page)
        await expect(page.get_by_role("button", name="Check in")).to_have_count(0)
        await page.get_by_role("button", name="Cancel").click()
        await expect(newest(page)).to_contain_text("confirmed → cancelled")
        await expect(newest(page)).to_have_attribute("data-verdict", "same")


async def test_staff_log_in_with_name_and_password(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/console") as page:
        await page.get_by_role("button", name="Switch").click()
        await page.get_by_label("Name").fill("carla")
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("Password").fill("demo")
        await page.get_by_role("button", name="Log in").click()
        await until_connected(page)
        await expect(page.get_by_label("Watching")).to_contain_text("Hotel Dublin, everything")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_it_has_no_fault_that_axe_finds(browser: Browser, site: Server, color_scheme: str) -> None:
    async with visiting(browser, site, "/console", color_scheme=color_scheme) as page:
        await until_connected(page)
        await page.get_by_role("button", name=re.compile("^Clock (in|out)$")).click()
        await expect(newest(page)).to_have_attribute("data-verdict", "same")
        await page.get_by_role("button", name="New booking").click()
        await expect(newest(page)).to_have_attribute("data-verdict", "graphql only")
        await page.locator(".entries > li summary").nth(1).click()
        assert await faults(page) == []
        await page.get_by_role("button", name="Switch").click()
        await expect(page.get_by_role("heading", name="Use a token")).to_be_visible()
        assert await faults(page) == []


async def test_it_fits_a_phone(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/console", viewport=PHONE) as page:
        await until_connected(page)
        await page.get_by_text("Make something happen").click()
        await page.get_by_role("button", name="New offer").click()
        await expect(newest(page)).to_have_attribute("data-verdict", "same")
        await newest(page).locator("summary").click()
        assert not await overflows(page)
        assert await faults(page) == []


async def booking_in(site: Server, status: str) -> str:
    """Return the reference of a new booking, as far along as asked."""
    types = await site.data('{ hotel(slug: "killarney") { roomTypes { id } } }')
    booked = await site.data(
        """
        mutation ($type: ID!) {
          createBooking(hotelSlug: "killarney", input: {
            roomTypeId: $type, guestName: "Maeve Ryan", guestEmail: "maeve@guests.example",
            arrival: "2031-05-01", departure: "2031-05-03"
          }) { booking { id } }
        }""",
        type=types["hotel"]["roomTypes"][0]["id"],
    )
    reference: str = booked["createBooking"]["booking"]["id"]
    if status == "CONFIRMED":
        await site.data(
            "mutation ($id: ID!) { confirmBooking(id: $id) { id } }", token="demo-anna", id=reference
        )
    return reference


async def gallery(site: Server) -> list[str]:
    data = await site.data('{ hotel(slug: "killarney") { gallery { url } } }')
    return [image["url"] for image in data["hotel"]["gallery"]]
