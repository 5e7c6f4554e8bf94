"""docs/moving.md: each frontend shows the same before and after it has moved, whatever happens."""

import asyncio
import base64
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.clients.fixtures import StartClient
from tests.clients.install import HERE
from tests.clients.node import NodeClient
from tests.media.uploads import encoded, quarters
from tests.server import Server

PAGE = Path(__file__).parents[2] / "docs" / "moving.md"
PHOTO = base64.b64encode(encoded(quarters(), "PNG")).decode()
ARRIVAL = date.today()  # noqa: DTZ011 - the guest checks in on the day
NIGHTS = timedelta(days=2)


def write_the_pages_code(folder: Path) -> None:
    """Write each block of the page into the file that its first line names."""
    blocks = re.findall(r"```js\n// ([\w.-]+)\.js\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 11
    for name, code in blocks:
        (folder / f"{name}.mjs").write_text(code)
    (folder / "node_modules").symlink_to(HERE / "node_modules")


class Frontends:
    """The five frontends, each as it is before and after, on one server."""

    def __init__(self, server: Server, client: NodeClient) -> None:
        self.server = server
        self.client = client

    async def anna(self, query: str, **variables: Any) -> dict[str, Any]:
        """Do something as a member of killarney's staff."""
        return await self.server.data(query, token="demo-anna", **variables)

    async def send_photo(self, door: str, field: str) -> dict[str, Any]:
        """Send a photo through a REST door, and return what it answers."""
        form = aiohttp.FormData()
        form.add_field(field, base64.b64decode(PHOTO), filename="photo.png")
        url = f"{self.server.url}/api/staff/hotel/killarney/{door}/"
        headers = {"Authorization": "Token demo-anna"}
        async with (
            aiohttp.ClientSession(headers=headers, raise_for_status=True) as session,
            session.post(url, data=form) as response,
        ):
            answer: dict[str, Any] = await response.json()
            return answer

    async def both_show(self, component: str, expected: object) -> None:
        """Wait until the component shows this, before and after."""
        async with asyncio.timeout(20):
            while (shown := self.shown(component)) != {"before": expected, "after": expected}:
                failures = self.client.reported("failed")
                assert failures == [], failures
                await asyncio.sleep(0.02)
        assert shown

    def shown(self, component: str) -> dict[str, Any]:
        """What the component shows at present, by side."""
        return {
            side: reports[-1]["state"]
            for side in ("before", "after")
            if (reports := self.client.reported("shown", component=component, side=side))
        }

    async def offers(self, *, everything: bool) -> list[list[Any]]:
        """The offers as the database has them, in the order of their ids."""
        page = await self.anna(
            """query ($all: Boolean!) {
              hotel(slug: "killarney") { offers(includeInactive: $all) { id title photoUrl isActive } }
            }""",
            all=everything,
        )
        offers = [
            [offer[key] for key in ("id", "title", "photoUrl", "isActive")]
            for offer in page["hotel"]["offers"]
        ]
        return sorted(offers, key=lambda offer: int(offer[0]))

    async def both_show_the_offers(self) -> list[list[Any]]:
        """Wait until staff and public are shown what the database has; return all that there are."""
        all_offers = await self.offers(everything=True)
        await self.both_show("staff-offers", all_offers)
        await self.both_show("public-offers", await self.offers(everything=False))
        return all_offers


async def book(server: Server) -> dict[str, str]:
    """Book as a guest; return the booking's id and the guest token."""
    types = await server.data('{ hotel(slug: "killarney") { roomTypes { id } } }')
    made = await server.data(
        """mutation ($input: BookingInput!) {
          createBooking(hotelSlug: "killarney", input: $input) { guestToken booking { id } }
        }""",
        input={
            "roomTypeId": types["hotel"]["roomTypes"][0]["id"],
            "guestName": "Nora",
            "guestEmail": "nora@guests.example",
            "arrival": ARRIVAL.isoformat(),
            "departure": (ARRIVAL + NIGHTS).isoformat(),
        },
    )
    return {"id": made["createBooking"]["booking"]["id"], "token": made["createBooking"]["guestToken"]}


@pytest.mark.timeout(180)
async def test_every_frontend_shows_the_same_before_and_after_it_has_moved(
    server: Server, tmp_path: Path, start_moving_client: StartClient
) -> None:
    write_the_pages_code(tmp_path)
    client = await start_moving_client()
    frontends = Frontends(server, client)
    booking = await book(server)
    me = (await frontends.anna("{ viewer { ... on Staff { id } } }"))["viewer"]
    await client.command(
        "watch",
        folder=str(tmp_path),
        url=server.url,
        wsPort=server.port,
        token="demo-anna",
        staffId=int(me["id"]),
        booking=booking,
    )
    await client.wait_for("level", within=40)

    await the_clock_moves(frontends)
    await offers_change(frontends)
    await pictures_change(frontends)
    await the_guest_arrives(frontends, booking["id"])


async def the_clock_moves(frontends: Frontends) -> None:
    await frontends.client.command("toggle_clock", side="before")
    await frontends.both_show("clock", True)
    await frontends.client.command("toggle_clock", side="after")
    await frontends.both_show("clock", False)


async def offers_change(frontends: Frontends) -> None:
    before = await frontends.both_show_the_offers()
    rest = {"title": "By REST", "short_description": "A pint.", "is_active": "true"}
    await frontends.client.command("create_offer", side="before", offer=rest, photo=PHOTO)
    graphql = {"title": "By GraphQL", "shortDescription": "A pint.", "isActive": True}
    await frontends.client.command("create_offer", side="after", offer=graphql, photo=PHOTO)
    async with asyncio.timeout(20):
        while len(await frontends.offers(everything=True)) < len(before) + 2:
            await asyncio.sleep(0.05)
    *_, by_rest, by_graphql = await frontends.both_show_the_offers()
    assert [by_rest[1], by_graphql[1]] == ["By REST", "By GraphQL"]
    assert by_rest[2] == by_graphql[2], "the same photo"
    update = "mutation ($id: ID!, $input: OfferPatch!) { updateOffer(id: $id, input: $input) { id } }"
    for change in ({"isActive": False}, {"title": "Once more"}, {"isActive": True}):
        await frontends.anna(update, id=by_rest[0], input=change)
        await frontends.both_show_the_offers()
    await frontends.anna("mutation ($id: ID!) { deleteOffer(id: $id) { id } }", id=by_graphql[0])
    assert len(await frontends.both_show_the_offers()) == len(before) + 1


async def pictures_change(frontends: Frontends) -> None:
    page = await frontends.anna(
        '{ hotel(slug: "killarney") { gallery { url } settings { heroImage } roomTypes { id photoUrl } } }'
    )
    urls = [image["url"] for image in page["hotel"]["gallery"]]
    expected = {
        "hero": page["hotel"]["settings"]["heroImage"],
        "gallery": urls,
        "roomTypes": {each["id"]: each["photoUrl"] for each in page["hotel"]["roomTypes"]},
    }
    await frontends.both_show("pictures", expected)
    await frontends.anna("mutation { updateSettings(input: {heroImage: null}) { id } }")
    await frontends.both_show("pictures", expected := {**expected, "hero": None})
    reorder = "mutation ($urls: [String!]!) { reorderGallery(urls: $urls) { url } }"
    await frontends.anna(reorder, urls=urls[::-1])
    await frontends.both_show("pictures", expected := {**expected, "gallery": urls[::-1]})
    await frontends.anna("mutation ($url: String!) { removeGalleryImage(url: $url) { url } }", url=urls[0])
    await frontends.both_show("pictures", expected := {**expected, "gallery": urls[:0:-1]})
    added = await frontends.send_photo("gallery/upload", "image")
    await frontends.both_show(
        "pictures", expected := {**expected, "gallery": [*expected["gallery"], added["url"]]}
    )
    [first, *_] = expected["roomTypes"]
    photo = await frontends.send_photo(f"room-types/{first}/upload-image", "photo")
    await frontends.both_show(
        "pictures", {**expected, "roomTypes": {**expected["roomTypes"], first: photo["photo_url"]}}
    )


async def the_guest_arrives(frontends: Frontends, booking: str) -> None:
    nothing = {"room": None, "wifi": None}
    await frontends.both_show("booking", {"status": "PENDING_PAYMENT", **nothing})
    await frontends.anna("mutation ($id: ID!) { confirmBooking(id: $id) { id } }", id=booking)
    await frontends.both_show("booking", {"status": "CONFIRMED", **nothing})
    free = await frontends.anna(
        """query ($id: ID!, $from: Date!, $to: Date!) {
          booking(id: $id) { roomType { id } }
          rooms(freeFrom: $from, freeTo: $to) { id number roomType { id } }
        }""",
        id=booking,
        **{"from": ARRIVAL.isoformat(), "to": (ARRIVAL + NIGHTS).isoformat()},
    )
    room = next(room for room in free["rooms"] if room["roomType"] == free["booking"]["roomType"])
    await frontends.anna(
        "mutation ($id: ID!, $room: ID!) { assignRoom(id: $id, roomId: $room) { id } }",
        id=booking,
        room=room["id"],
    )
    await frontends.both_show("booking", {"status": "CONFIRMED", "room": room["number"], "wifi": None})
    checked_in = await frontends.anna(
        "mutation ($id: ID!) { checkIn(id: $id) { wifi { password } } }", id=booking
    )
    wifi = checked_in["checkIn"]["wifi"]["password"]
    await frontends.both_show("booking", {"status": "CHECKED_IN", "room": room["number"], "wifi": wifi})
