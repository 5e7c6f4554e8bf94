"""Bookings: reading them, making them, and the steps of their life."""

from datetime import timedelta
from typing import Any

from hotelmate.models import Hotel
from tests.schema.api import ANNA, CARLA, Api

BOOKING = """query($id: ID!) { booking(id: $id) {
    id status hotel { slug cursor } roomType { name } room { number isOccupied roomType { name } }
    guestName guestEmail guestPhone arrival departure nights adults children specialRequests
    roomAssignedAt checkedInAt checkedOutAt cancelledAt createdAt wifi { name password } cursor
} }"""
CREATE = """mutation($slug: String = "killarney", $input: BookingInput!) {
    createBooking(hotelSlug: $slug, input: $input) {
        guestToken statusUrl
        booking {
            id status guestName guestPhone arrival departure nights adults children specialRequests
            roomType { id } room { id } hotel { slug } cursor
        }
    }
}"""
STAY = {
    "roomTypeId": "2",
    "guestName": "Ada Lovelace",
    "guestEmail": "ada@guests.example",
    "arrival": "2040-06-15",
    "departure": "2040-06-18",
}
WIFI = "query($id: ID!) { booking(id: $id) { wifi { name password } } }"


def step(api: Api, field: str, reference: str, caller: str = ANNA) -> dict[str, Any]:
    document = f"""mutation($id: ID!) {{ {field}(id: $id) {{
        id status cursor hotel {{ cursor }} room {{ number }}
        roomAssignedAt checkedInAt checkedOutAt cancelledAt
    }} }}"""
    booking: dict[str, Any] = api.data(document, caller, id=reference)[field]
    # Nothing was recorded after what the answer tells.
    assert booking["cursor"] == booking["hotel"]["cursor"] == api.log()[-1].cursor
    return booking


def test_a_booking_tells_all_that_the_contract_names(api: Api, killarney: Hotel) -> None:
    maeve = api.reference("Maeve Connacht")
    row = api.booking(maeve)
    booking = api.data(BOOKING, ANNA, id=maeve)["booking"]
    assert booking == {
        "id": maeve,
        "status": "CHECKED_IN",
        "hotel": {"slug": "killarney", "cursor": booking["cursor"]},
        "roomType": {"name": "Standard Double"},
        "room": {"number": "103", "isOccupied": True, "roomType": {"name": "Standard Double"}},
        "guestName": "Maeve Connacht",
        "guestEmail": "maeve@guests.example",
        "guestPhone": "",
        "arrival": row.arrival.isoformat(),
        "departure": (row.arrival + timedelta(days=3)).isoformat(),
        "nights": 3,
        "adults": 1,
        "children": 0,
        "specialRequests": "",
        "roomAssignedAt": row.created_at.isoformat(),
        "checkedInAt": (row.created_at - timedelta(days=1)).isoformat(),
        "checkedOutAt": None,
        "cancelledAt": None,
        "createdAt": row.created_at.isoformat(),
        "wifi": {"name": "Hotel Killarney Guests", "password": "welcome-to-killarney"},
        "cursor": booking["cursor"],
    }


def test_wifi_is_for_guests_during_their_stay_and_for_staff(api: Api) -> None:
    shown = {"booking": {"wifi": {"name": "Hotel Killarney Guests", "password": "welcome-to-killarney"}}}
    hidden = {"booking": {"wifi": None}}
    for name, wifi in (("Brian Boru", hidden), ("Maeve Connacht", shown), ("Oscar Wilde", hidden)):
        reference = api.reference(name)
        assert api.data(WIFI, api.guest(reference), id=reference) == wifi
        assert api.data(WIFI, ANNA, id=reference) == shown


def test_wifi_is_null_without_a_network_and_has_an_empty_password_without_one(api: Api) -> None:
    update = "mutation($input: SettingsPatch!) { updateSettings(input: $input) { id } }"
    maeve = api.reference("Maeve Connacht")
    api.data(update, ANNA, input={"wifiPassword": None})
    wifi = {"name": "Hotel Killarney Guests", "password": ""}
    assert api.data(WIFI, ANNA, id=maeve) == {"booking": {"wifi": wifi}}
    api.data(update, ANNA, input={"wifiName": None})
    assert api.data(WIFI, ANNA, id=maeve) == {"booking": {"wifi": None}}


def test_bookings_are_listed_newest_first_and_can_be_chosen(api: Api) -> None:
    document = """query(
        $status: [BookingStatus!], $from: Date, $to: Date, $search: String, $first: Int = 20, $after: String
    ) {
        bookings(
            status: $status, arrivingFrom: $from, arrivingTo: $to, search: $search
            first: $first, after: $after
        ) { edges { cursor node { guestName } } pageInfo { hasNextPage endCursor } }
    }"""

    def names(**arguments: object) -> list[str]:
        edges = api.data(document, ANNA, **arguments)["bookings"]["edges"]
        return [edge["node"]["guestName"].split()[0] for edge in edges]

    everyone = ["Fionn", "Molly", "Oscar", "Maeve", "Brian", "Grace"]
    assert names() == names(status=None, search=None) == everyone
    assert names(status=["CONFIRMED", "CANCELLED"]) == ["Molly", "Brian"]
    assert names(search="mALONE") == ["Molly"]
    assert names(search="grace@guests") == ["Grace"]
    assert names(search=api.reference("Oscar Wilde")) == ["Oscar"]
    arrival = api.booking(api.reference("Brian Boru")).arrival.isoformat()
    assert names(**{"from": arrival}) == ["Molly", "Brian", "Grace"]
    assert names(**{"from": arrival, "to": arrival}) == ["Brian"]
    page = api.data(document, ANNA, first=4)["bookings"]
    assert page["pageInfo"] == {"hasNextPage": True, "endCursor": page["edges"][3]["cursor"]}
    assert names(first=4, after=page["pageInfo"]["endCursor"]) == ["Brian", "Grace"]


def test_anyone_can_book_and_gets_the_key_to_the_booking(api: Api) -> None:
    created = api.data(CREATE, input=STAY)["createBooking"]
    booking = created["booking"]
    reference = booking["id"]
    assert booking == {
        "id": reference,
        "status": "PENDING_PAYMENT",
        "guestName": "Ada Lovelace",
        "guestPhone": "",
        "arrival": "2040-06-15",
        "departure": "2040-06-18",
        "nights": 3,
        "adults": 1,
        "children": 0,
        "specialRequests": "",
        "roomType": {"id": "2"},
        "room": None,
        "hotel": {"slug": "killarney"},
        "cursor": api.log()[-1].cursor,
    }
    token = created["guestToken"]
    assert created["statusUrl"] == (f"https://hotelmate.example/guest/{reference}#token={token}")
    assert api.data(BOOKING, f"GuestToken {token}", id=reference)["booking"]["guestName"] == "Ada Lovelace"
    assert [event.type for event in api.log()] == ["BookingCreated"]


def test_everything_that_is_said_when_booking_is_kept(api: Api) -> None:
    said = {"guestPhone": "+353 1", "adults": 2, "children": 2, "specialRequests": "A cot."}
    booking = api.data(CREATE, CARLA, input=STAY | said)["createBooking"]["booking"]
    assert {name: booking[name] for name in said} == said
    assert booking["hotel"] == {"slug": "killarney"}


def test_a_booking_from_its_confirmation_to_the_departure(api: Api) -> None:
    reference = api.data(CREATE, input=STAY)["createBooking"]["booking"]["id"]
    assert step(api, "confirmBooking", reference)["status"] == "CONFIRMED"

    assign = """mutation($id: ID!) {
        assignRoom(id: $id, roomId: "6") { status room { number } roomAssignedAt }
    }"""
    assigned = api.data(assign, ANNA, id=reference)["assignRoom"]
    assert (assigned["status"], assigned["room"]) == ("CONFIRMED", {"number": "202"})
    assert assigned["roomAssignedAt"] == api.log()[-1].occurred_at.isoformat()

    arrived = step(api, "checkIn", reference)
    assert (arrived["status"], arrived["room"]) == ("CHECKED_IN", {"number": "202"})
    assert arrived["checkedInAt"] == api.log()[-1].occurred_at.isoformat()

    left = step(api, "checkOut", reference)
    assert (left["status"], left["room"]) == ("CHECKED_OUT", {"number": "202"})
    assert left["checkedOutAt"] == api.log()[-1].occurred_at.isoformat()
    assert [event.type for event in api.log()] == [
        "BookingCreated",
        "BookingStatusChanged",
        "BookingRoomAssigned",
        "BookingCheckedIn",
        "BookingStatusChanged",
        "BookingCheckedOut",
        "BookingStatusChanged",
    ]


def test_a_guest_who_does_not_come(api: Api) -> None:
    assert step(api, "markNoShow", api.reference("Brian Boru"))["status"] == "NO_SHOW"


def test_a_guest_can_cancel_and_say_why(api: Api) -> None:
    grace = api.reference("Grace O'Malley")
    document = "mutation($id: ID!, $reason: String) { cancelBooking(id: $id, reason: $reason) { status } }"
    booking = api.data(document, api.guest(grace), id=grace, reason="At sea.")["cancelBooking"]
    assert booking == {"status": "CANCELLED"}
    assert api.booking(grace).cancel_reason == "At sea."


def test_staff_can_cancel_without_a_word(api: Api) -> None:
    cancelled = step(api, "cancelBooking", api.reference("Brian Boru"))
    assert cancelled["status"] == "CANCELLED"
    assert cancelled["cancelledAt"] == api.log()[-1].occurred_at.isoformat()


def test_a_renewed_guest_token_takes_the_place_of_the_old_one(api: Api) -> None:
    grace = api.reference("Grace O'Malley")
    old = api.guest(grace)
    new = api.data("mutation($id: ID!) { renewGuestToken(id: $id) }", ANNA, id=grace)["renewGuestToken"]
    assert f"GuestToken {new}" == api.guest(grace) != old
    assert api.log() == []
