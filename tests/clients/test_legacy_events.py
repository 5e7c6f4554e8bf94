"""From a mutation to every screen: what the legacy frontends get through pusher-js, and GraphQL beside it.

The names, channels and keys below are typed from LEGACY.md. One server, one pusher-js, one graphql-ws.
"""

import json
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.clients.node import NodeClient, require_node
from tests.media.uploads import encoded, quarters
from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFFER_KEYS = {
    "id",
    "title",
    "short_description",
    "details_text",
    "details_html",
    "valid_from",
    "valid_to",
    "tag",
    "book_now_url",
    "photo",
    "photo_url",
    "sort_order",
    "is_active",
    "created_at",
}


class Screens:
    """A server, and the two kinds of clients that watch killarney."""

    def __init__(self, server: Server, pusher: NodeClient, graphql: NodeClient) -> None:
        self.server = server
        self.pusher = pusher
        self.graphql = graphql
        self._seen: dict[int, dict[str, Any]] = {}

    async def anna(self, query: str, **variables: Any) -> dict[str, Any]:
        return await self.server.data(query, token="demo-anna", **variables)

    async def see(self, channel: str, name: str, keys: set[str], *, graphql: str) -> dict[str, Any]:
        """Return the payload that pusher-js got, once GraphQL has the same event under the same numbers."""
        event = await self.pusher.wait_for("event", channel=channel, name=name)
        payload: dict[str, Any] = event["data"]
        assert set(payload) == keys | {"meta"}
        assert set(payload["meta"]) == {"event_id", "seq", "cursor"}
        meta = payload.pop("meta")
        seen = await self.graphql_event(meta["seq"])
        assert seen == {
            "__typename": graphql,
            "id": str(meta["event_id"]),
            "seq": meta["seq"],
            "cursor": meta["cursor"],
            "hotelSlug": "killarney",
        }
        return payload

    async def graphql_event(self, seq: int) -> dict[str, Any]:
        """Return what the GraphQL subscription got under this number; asked once for each channel."""
        if seq not in self._seen:
            report = await self.graphql.wait_for(
                "next",
                where=lambda report: report["payload"]["data"]["hotelEvents"]["seq"] == seq,
            )
            self._seen[seq] = report["payload"]["data"]["hotelEvents"]
        return self._seen[seq]

    async def book(self) -> str:
        """Make a booking of a standard room in the far future and watch its channels as staff."""
        arrival = date.today() + timedelta(days=200)  # noqa: DTZ011 - far enough ahead in every zone
        data = await self.server.data(
            """
            mutation ($type: ID!, $arrival: Date!, $departure: Date!) {
              createBooking(hotelSlug: "killarney", input: {
                roomTypeId: $type, guestName: "Pádraig", guestEmail: "p@example.com",
                arrival: $arrival, departure: $departure
              }) { booking { id } }
            }""",
            type=await self.standard_room_type(),
            arrival=arrival.isoformat(),
            departure=(arrival + timedelta(days=1)).isoformat(),
        )
        reference: str = data["createBooking"]["booking"]["id"]
        for channel in (f"booking.{reference}", f"private-guest-booking.{reference}"):
            await self.pusher.command("subscribe", channel=channel)
            await self.pusher.wait_for("event", channel=channel, name="pusher:subscription_succeeded")
        return reference

    async def standard_room_type(self) -> str:
        data = await self.server.data('{ hotel(slug: "killarney") { roomTypes { id code } } }')
        found: str = next(kind["id"] for kind in data["hotel"]["roomTypes"] if kind["code"] == "standard")
        return found

    async def assign_a_room(self, reference: str) -> str:
        """Confirm the booking and give it a room that nobody occupies; return its number."""
        rooms = await self.anna(
            "query ($type: ID!) { rooms(roomTypeId: $type) { id number isOccupied } }",
            type=await self.standard_room_type(),
        )
        room = [room for room in rooms["rooms"] if not room["isOccupied"]][-1]
        await self.anna("mutation ($id: ID!) { confirmBooking(id: $id) { id } }", id=reference)
        await self.anna(
            "mutation ($id: ID!, $room: ID!) { assignRoom(id: $id, roomId: $room) { id } }",
            id=reference,
            room=room["id"],
        )
        number: str = room["number"]
        return number


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Screens]:
    require_node()
    data: Path = tmp_path_factory.mktemp("legacy") / "data"
    async with (
        Server.run(data) as server,
        NodeClient.run("pusher_client.mjs") as pusher,
        NodeClient.run("graphql_client.mjs") as graphql,
    ):
        await pusher.command(
            "connect",
            key="hotelmate-key",
            options={
                "cluster": "eu",
                "wsHost": "127.0.0.1",
                "wsPort": server.port,
                "forceTLS": False,
                "enabledTransports": ["ws"],
                "channelAuthorization": {
                    "endpoint": f"{server.url}/pusher/auth",
                    "headers": {"Authorization": "Token demo-anna"},
                },
            },
        )
        await pusher.wait_for("state", current="connected")
        await pusher.command("subscribe", channel="hotel-killarney")
        await pusher.wait_for("event", channel="hotel-killarney", name="pusher:subscription_succeeded")
        await graphql.command(
            "connect",
            transport="ws",
            options={
                "url": f"ws://127.0.0.1:{server.port}/graphql",
                "connectionParams": {"authorization": "Token demo-anna"},
            },
        )
        cursor = (await server.data('{ hotel(slug: "killarney") { cursor } }'))["hotel"]["cursor"]
        await graphql.command(
            "subscribe",
            id="hotel",
            query="""subscription ($after: String) {
              hotelEvents(after: $after) { __typename id seq cursor hotelSlug }
            }""",
            variables={"after": cursor},
        )
        await graphql.wait_for("connected")
        yield Screens(server, pusher, graphql)


def is_a_time_in_utc(text: str) -> bool:
    return datetime.fromisoformat(text).utcoffset() == timedelta(0)


async def test_clock_status_updated(screens: Screens) -> None:
    keys = {"user_id", "staff_id", "is_on_duty", "clock_time", "first_name", "last_name", "action"}
    viewer = (await screens.anna("{ viewer { ... on Staff { id userId } } }"))["viewer"]
    clocked = (await screens.anna("mutation { clockIn { clockTime } }"))["clockIn"]
    payload = await screens.see("hotel-killarney", "clock-status-updated", keys, graphql="ClockStatusUpdated")
    clock_time = payload.pop("clock_time")
    assert is_a_time_in_utc(clock_time)
    assert datetime.fromisoformat(clock_time) == datetime.fromisoformat(clocked["clockTime"])
    assert payload == {
        "user_id": int(viewer["userId"]),
        "staff_id": int(viewer["id"]),
        "is_on_duty": True,
        "first_name": "Anna",
        "last_name": "Kelly",
        "action": "clock_in",
    }
    await screens.anna("mutation { toggleClock { action } }")
    payload = await screens.see("hotel-killarney", "clock-status-updated", keys, graphql="ClockStatusUpdated")
    assert (payload["is_on_duty"], payload["action"]) == (False, "clock_out")


async def create_offer(screens: Screens) -> dict[str, Any]:
    await screens.anna("""mutation {
      createOffer(input: {
        title: "Oysters & stout", shortDescription: "A dozen and a pint", detailsText: "Fresh",
        validFrom: "2026-05-01", validTo: "2026-08-31", tag: "Summer", sortOrder: 7,
        bookNowUrl: "https://killarney.example/oysters"
      }) { id }
    }""")
    return await screens.see("hotel-killarney", "offer-created", {"offer", "action"}, graphql="OfferCreated")


async def test_offer_created(screens: Screens) -> None:
    payload = await create_offer(screens)
    assert payload["action"] == "created"
    offer = payload["offer"]
    assert set(offer) == OFFER_KEYS
    assert isinstance(offer.pop("id"), int)
    assert is_a_time_in_utc(offer.pop("created_at"))
    assert offer == {
        "title": "Oysters & stout",
        "short_description": "A dozen and a pint",
        "details_text": "Fresh",
        "details_html": "",
        "valid_from": "2026-05-01",
        "valid_to": "2026-08-31",
        "tag": "Summer",
        "book_now_url": "https://killarney.example/oysters",
        "photo": None,
        "photo_url": None,
        "sort_order": 7,
        "is_active": True,
    }


async def test_offer_updated(screens: Screens) -> None:
    offer = (await create_offer(screens))["offer"]
    await screens.anna(
        'mutation ($id: ID!) { updateOffer(id: $id, input: {title: "Oysters"}) { id } }', id=str(offer["id"])
    )
    payload = await screens.see(
        "hotel-killarney", "offer-updated", {"offer", "action"}, graphql="OfferUpdated"
    )
    assert payload == {"offer": offer | {"title": "Oysters"}, "action": "updated"}


async def test_offer_deleted(screens: Screens) -> None:
    offer = (await create_offer(screens))["offer"]
    await screens.anna("mutation ($id: ID!) { deleteOffer(id: $id) { id } }", id=str(offer["id"]))
    payload = await screens.see(
        "hotel-killarney", "offer-deleted", {"offer_id", "offer_title", "action"}, graphql="OfferDeleted"
    )
    assert payload == {"offer_id": offer["id"], "offer_title": "Oysters & stout", "action": "deleted"}


async def upload(
    screens: Screens, query: str, height: int, *, records: str, **variables: Any
) -> dict[str, Any]:
    """Run a mutation whose `$file` is a picture of this height, and that records one event."""
    before = (await screens.server.data('{ hotel(slug: "killarney") { cursor } }'))["hotel"]["cursor"]
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("operations", json.dumps({"query": query, "variables": {**variables, "file": None}}))
    form.add_field("map", '{"0": ["variables.file"]}')
    form.add_field("0", encoded(quarters((64, height)), "PNG"), filename="photo.png")
    headers = {"Authorization": "Token demo-anna", "GraphQL-Require-Preflight": "1"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{screens.server.url}/graphql", data=form, headers=headers) as response,
    ):
        answer: dict[str, Any] = await response.json()
    assert "errors" not in answer, answer
    recorded = await screens.anna(
        "query ($after: String) { events(after: $after) { __typename } }", after=before
    )
    assert recorded == {"events": [{"__typename": records}]}
    data: dict[str, Any] = next(iter(answer["data"].values()))
    return data


async def test_an_offer_created_with_its_photo_is_one_event(screens: Screens) -> None:
    query = """mutation ($file: Upload!) {
      createOffer(input: {title: "Oysters", shortDescription: "A dozen"}, photo: $file) { photoUrl }
    }"""
    created = await upload(screens, query, 48, records="OfferCreated")
    payload = await screens.see(
        "hotel-killarney", "offer-created", {"offer", "action"}, graphql="OfferCreated"
    )
    assert payload["offer"]["photo_url"] == payload["offer"]["photo"] == created["photoUrl"]


async def test_an_offer_updated_with_its_photo_is_one_event(screens: Screens) -> None:
    offer = (await create_offer(screens))["offer"]
    query = """mutation ($id: ID!, $file: Upload!) {
      updateOffer(id: $id, input: {title: "Oysters"}, photo: $file) { photoUrl }
    }"""
    updated = await upload(screens, query, 50, records="OfferUpdated", id=str(offer["id"]))
    payload = await screens.see(
        "hotel-killarney", "offer-updated", {"offer", "action"}, graphql="OfferUpdated"
    )
    photo = {"photo": updated["photoUrl"], "photo_url": updated["photoUrl"]}
    assert payload == {"offer": offer | photo | {"title": "Oysters"}, "action": "updated"}


async def test_offer_image_updated(screens: Screens) -> None:
    offer = (await create_offer(screens))["offer"]
    query = "mutation ($id: ID!, $file: Upload!) { uploadOfferImage(id: $id, photo: $file) { photoUrl } }"
    changed = await upload(screens, query, 52, records="OfferImageUpdated", id=str(offer["id"]))
    keys = {"offer_id", "offer_title", "photo_url", "timestamp"}
    payload = await screens.see("hotel-killarney", "offer-image-updated", keys, graphql="OfferImageUpdated")
    assert is_a_time_in_utc(payload.pop("timestamp"))
    assert payload == {
        "offer_id": offer["id"],
        "offer_title": "Oysters & stout",
        "photo_url": changed["photoUrl"],
    }


SETTINGS_KEYS = {"hero_image", "hero_image_display", "gallery", "updated_at"}


async def gallery(screens: Screens) -> list[str]:
    data = await screens.server.data('{ hotel(slug: "killarney") { gallery { url } } }')
    return [image["url"] for image in data["hotel"]["gallery"]]


async def test_settings_updated(screens: Screens) -> None:
    await screens.anna("""mutation {
      updateSettings(input: {tagline: "By the lake", heroImage: "https://killarney.example/lake.jpg"}) { id }
    }""")
    payload = await screens.see(
        "hotel-killarney", "settings-updated", SETTINGS_KEYS, graphql="SettingsUpdated"
    )
    assert is_a_time_in_utc(payload.pop("updated_at"))
    assert payload == {
        "hero_image": "https://killarney.example/lake.jpg",
        "hero_image_display": "https://killarney.example/lake.jpg",
        "gallery": await gallery(screens),
    }


async def test_settings_updated_by_an_upload(screens: Screens) -> None:
    query = """mutation ($file: Upload!) {
      updateSettings(input: {}, heroImage: $file) { settings { heroImage heroImageDisplay } }
    }"""
    settings = (await upload(screens, query, 54, records="SettingsUpdated"))["settings"]
    payload = await screens.see(
        "hotel-killarney", "settings-updated", SETTINGS_KEYS, graphql="SettingsUpdated"
    )
    assert payload["hero_image"] == settings["heroImage"]
    assert payload["hero_image_display"] == settings["heroImageDisplay"] != settings["heroImage"]


async def test_gallery_image_uploaded(screens: Screens) -> None:
    before = await gallery(screens)
    query = "mutation ($file: Upload!) { uploadGalleryImage(image: $file) { url publicId } }"
    image = await upload(screens, query, 56, records="GalleryImageUploaded")
    payload = await screens.see(
        "hotel-killarney", "gallery-image-uploaded", {"url", "public_id"}, graphql="GalleryImageUploaded"
    )
    assert payload == {"url": image["url"], "public_id": image["publicId"]}
    assert await gallery(screens) == [*before, image["url"]]


async def test_room_type_image_updated(screens: Screens) -> None:
    room_type = await screens.standard_room_type()
    query = "mutation ($id: ID!, $file: Upload!) { uploadRoomTypeImage(id: $id, photo: $file) { photoUrl } }"
    changed = await upload(screens, query, 58, records="RoomTypeImageUpdated", id=room_type)
    keys = {"room_type_id", "photo_url", "timestamp"}
    payload = await screens.see(
        "hotel-killarney", "room-type-image-updated", keys, graphql="RoomTypeImageUpdated"
    )
    assert is_a_time_in_utc(payload.pop("timestamp"))
    assert payload == {"room_type_id": int(room_type), "photo_url": changed["photoUrl"]}


async def test_gallery_reordered(screens: Screens) -> None:
    turned = (await gallery(screens))[::-1]
    await screens.anna("mutation ($urls: [String!]!) { reorderGallery(urls: $urls) { url } }", urls=turned)
    payload = await screens.see(
        "hotel-killarney", "gallery-reordered", {"gallery"}, graphql="GalleryReordered"
    )
    assert payload == {"gallery": turned}


async def test_a_removed_gallery_image_is_settings_updated(screens: Screens) -> None:
    removed, *remaining = await gallery(screens)
    await screens.anna("mutation ($url: String!) { removeGalleryImage(url: $url) { url } }", url=removed)
    payload = await screens.see(
        "hotel-killarney", "settings-updated", SETTINGS_KEYS, graphql="GalleryImageRemoved"
    )
    assert payload["gallery"] == remaining


STATUS_KEYS = {"booking_id", "status", "previous_status", "changed_at"}


async def see_status(screens: Screens, reference: str, previous: str, status: str) -> None:
    for channel in (f"booking.{reference}", f"private-guest-booking.{reference}"):
        payload = await screens.see(
            channel, "booking_status_changed", STATUS_KEYS, graphql="BookingStatusChanged"
        )
        assert is_a_time_in_utc(payload.pop("changed_at"))
        assert payload == {"booking_id": reference, "status": status, "previous_status": previous}


async def test_booking_status_changed(screens: Screens) -> None:
    reference = await screens.book()
    await screens.anna("mutation ($id: ID!) { confirmBooking(id: $id) { id } }", id=reference)
    await see_status(screens, reference, "PENDING_PAYMENT", "CONFIRMED")
    await screens.anna("mutation ($id: ID!) { cancelBooking(id: $id) { id } }", id=reference)
    await see_status(screens, reference, "CONFIRMED", "CANCELLED")


async def test_a_booking_from_its_room_to_the_guests_departure(screens: Screens) -> None:
    reference = await screens.book()
    public, private = f"booking.{reference}", f"private-guest-booking.{reference}"
    number = await screens.assign_a_room(reference)
    for channel in (public, private):
        payload = await screens.see(
            channel,
            "booking_room_assigned",
            {"booking_id", "room_number", "room_type", "assigned_at"},
            graphql="BookingRoomAssigned",
        )
        assert is_a_time_in_utc(payload.pop("assigned_at"))
        assert payload == {"booking_id": reference, "room_number": number, "room_type": "Standard Double"}
    await see_status(screens, reference, "PENDING_PAYMENT", "CONFIRMED")

    await screens.anna("mutation ($id: ID!) { checkIn(id: $id) { id } }", id=reference)
    arrived = await screens.see(
        public,
        "booking_checked_in",
        {"booking_id", "room_number", "checked_in_at"},
        graphql="BookingCheckedIn",
    )
    assert is_a_time_in_utc(arrived.pop("checked_in_at"))
    assert arrived == {"booking_id": reference, "room_number": number}
    arrived = await screens.see(
        private,
        "booking_checked_in",
        {"booking_id", "room_number", "checked_in_at", "guest_token"},
        graphql="BookingCheckedIn",
    )
    opened = await screens.server.data(
        "query ($id: ID!) { booking(id: $id) { status wifi { name } } }",
        token=arrived["guest_token"],
        id=reference,
    )
    assert opened["booking"] == {"status": "CHECKED_IN", "wifi": {"name": "Hotel Killarney Guests"}}
    await see_status(screens, reference, "CONFIRMED", "CHECKED_IN")
    names = [event["name"] for event in screens.pusher.reported("event", channel=public)]
    assert names[-2:] == ["booking_checked_in", "booking_status_changed"], "in the order recorded"

    await screens.anna("mutation ($id: ID!) { checkOut(id: $id) { id } }", id=reference)
    for channel in (public, private):
        payload = await screens.see(
            channel,
            "booking_checked_out",
            {"booking_id", "room_number", "checked_out_at"},
            graphql="BookingCheckedOut",
        )
        assert is_a_time_in_utc(payload.pop("checked_out_at"))
        assert payload == {"booking_id": reference, "room_number": number}
    await see_status(screens, reference, "CHECKED_IN", "CHECKED_OUT")
