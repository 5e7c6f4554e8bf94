"""What cannot be accepted is refused with its code and field, changes nothing and records nothing."""

from typing import Any

import pytest

from tests.schema.api import ANNA, Api

OFFER = "mutation($input: OfferInput!) { createOffer(input: $input) { id } }"
OFFER_PATCH = 'mutation($input: OfferPatch!) { updateOffer(id: "1", input: $input) { id } }'
SETTINGS = "mutation($input: SettingsPatch!) { updateSettings(input: $input) { id } }"
BOOKING = """mutation($input: BookingInput!, $slug: String = "killarney") {
    createBooking(hotelSlug: $slug, input: $input) { statusUrl }
}"""
GALLERY = "mutation($urls: [String!]!) { reorderGallery(urls: $urls) { url } }"
PICTURES = [f"https://pictures.example/killarney/{name}.jpg" for name in ("lobby", "garden", "restaurant")]

GOOD_OFFER = {"title": "Spa day", "shortDescription": "Warm water."}
GOOD_BOOKING = {
    "roomTypeId": "1",
    "guestName": "Ada Lovelace",
    "guestEmail": "ada@guests.example",
    "arrival": "2040-06-15",
    "departure": "2040-06-17",
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"shortDescription": "s" * 501}, "shortDescription"),
        ({"detailsText": None}, "detailsText"),
        ({"validFrom": "2040-06-15", "validTo": "2040-06-14"}, "validTo"),
        ({"bookNowUrl": "javascript:alert(1)"}, "bookNowUrl"),
        ({"tag": "t\0g"}, "tag"),
        ({"sortOrder": None}, "sortOrder"),
        ({"isActive": None}, "isActive"),
    ],
)
def test_an_offer_that_cannot_be_accepted(sqlite_api: Api, changes: dict[str, Any], field: str) -> None:
    for document, given in ((OFFER, GOOD_OFFER | changes), (OFFER_PATCH, changes)):
        refusal = sqlite_api.refusal(document, ANNA, input=given)
        assert refusal == {"code": "BAD_USER_INPUT", "field": field}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"theme": {"primaryColor": "red"}}, "theme.primaryColor"),
        ({"theme": {"mode": None}}, "theme.mode"),
        ({"theme": None}, "theme"),
        ({"heroImage": "ftp://pictures.example/hero.jpg"}, "heroImage"),
        ({"contactEmail": "nobody"}, "contactEmail"),
        ({"amenities": ["Sauna", ""]}, "amenities"),
        ({"tagline": "t" * 501}, "tagline"),
        # What comes before it in the same input is not changed either.
        ({"tagline": "new", "theme": {"linkColor": "#12345G"}}, "theme.linkColor"),
    ],
)
def test_settings_that_cannot_be_accepted(sqlite_api: Api, changes: dict[str, Any], field: str) -> None:
    refusal = sqlite_api.refusal(SETTINGS, ANNA, input=changes)
    assert refusal == {"code": "BAD_USER_INPUT", "field": field}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"departure": "2040-06-15"}, "departure"),
        ({"arrival": "2020-06-15"}, "arrival"),
        ({"adults": 2, "children": 1}, "adults"),
        ({"adults": 0}, "adults"),
        ({"adults": None}, "adults"),
        ({"children": -1}, "children"),
        ({"guestName": ""}, "guestName"),
        ({"guestEmail": "ada"}, "guestEmail"),
        ({"guestPhone": None}, "guestPhone"),
        ({"roomTypeId": "4"}, "roomTypeId"),  # dublin's
        ({"roomTypeId": "nonsense"}, "roomTypeId"),
    ],
)
def test_a_booking_that_cannot_be_accepted(sqlite_api: Api, changes: dict[str, Any], field: str) -> None:
    refusal = sqlite_api.refusal(BOOKING, input=GOOD_BOOKING | changes)
    assert refusal == {"code": "BAD_USER_INPUT", "field": field}


def test_a_booking_in_a_hotel_that_is_not_there(sqlite_api: Api) -> None:
    for slug in ("atlantis", "", "kill\0arney"):
        assert sqlite_api.refusal(BOOKING, input=GOOD_BOOKING, slug=slug) == {"code": "NOT_FOUND"}


@pytest.mark.parametrize(
    "urls",
    [
        [],
        PICTURES[:2],
        [*PICTURES, PICTURES[0]],
        [PICTURES[0], PICTURES[0], PICTURES[1]],
        [*PICTURES, "https://pictures.example/killarney/pool.jpg"],
        [*PICTURES[:2], "https://pictures.example/dublin/lobby.jpg"],
    ],
)
def test_an_order_that_is_not_exactly_the_gallery(sqlite_api: Api, urls: list[str]) -> None:
    refusal = sqlite_api.refusal(GALLERY, ANNA, urls=urls)
    assert refusal == {"code": "BAD_USER_INPUT", "field": "urls"}


@pytest.mark.parametrize(
    ("field", "guest_name"),
    [
        ("confirmBooking", "Brian Boru"),
        ("checkIn", "Grace O'Malley"),
        ("checkIn", "Maeve Connacht"),
        ("checkOut", "Brian Boru"),
        ("checkOut", "Oscar Wilde"),
        ("cancelBooking", "Maeve Connacht"),
        ("cancelBooking", "Molly Malone"),
        ("markNoShow", "Grace O'Malley"),
        ("markNoShow", "Fionn MacCool"),
    ],
)
def test_a_step_that_the_status_does_not_allow(sqlite_api: Api, field: str, guest_name: str) -> None:
    document = f"mutation($id: ID!) {{ {field}(id: $id) {{ id }} }}"
    refusal = sqlite_api.refusal(document, ANNA, id=sqlite_api.reference(guest_name))
    assert refusal == {"code": "CONFLICT"}


def test_a_room_that_cannot_be_assigned(sqlite_api: Api) -> None:
    document = "mutation($id: ID!, $room: ID!) { assignRoom(id: $id, roomId: $room) { id } }"
    grace = sqlite_api.reference("Grace O'Malley")
    for room, refusal in {
        "5": {"code": "BAD_USER_INPUT", "field": "roomId"},  # 201, a family room
        "9": {"code": "NOT_FOUND"},  # dublin's 101
        "room": {"code": "NOT_FOUND"},
    }.items():
        assert sqlite_api.refusal(document, ANNA, id=grace, room=room) == refusal
    # 103 is Maeve's until the day after tomorrow.
    sqlite_api.data("mutation($id: ID!) { cancelBooking(id: $id) { id } }", ANNA, id=grace)
    assert sqlite_api.refusal(document, ANNA, id=grace, room="1") == {"code": "CONFLICT"}


def test_an_id_that_is_no_offer_of_the_hotel(api: Api) -> None:
    update = 'mutation($id: ID!) { updateOffer(id: $id, input: { tag: "x" }) { id } }'
    delete = "mutation($id: ID!) { deleteOffer(id: $id) { id } }"
    nothing = ("99", "0", "-1", "abc", "", "1.0", "1e0", " 1", "01", "１", "\0", str(2**31), "9" * 40)
    for id in (*nothing, "4"):  # 4 is dublin's
        assert api.refusal(update, ANNA, id=id) == {"code": "NOT_FOUND"}
        assert api.refusal(delete, ANNA, id=id) == {"code": "NOT_FOUND"}
    for id in nothing:
        assert api.data("query($id: ID!) { offer(id: $id) { id } }", ANNA, id=id) == {"offer": None}


def test_an_id_that_is_no_booking_of_the_hotel(api: Api) -> None:
    for id in ("BK-1999-0001", "1", "", "BK-2025-0001\0", "' OR 1=1 --"):
        assert api.data("query($id: ID!) { booking(id: $id) { id } }", ANNA, id=id) == {"booking": None}
        for field in ("confirmBooking", "checkIn", "checkOut", "cancelBooking", "markNoShow"):
            document = f"mutation($id: ID!) {{ {field}(id: $id) {{ id }} }}"
            assert api.refusal(document, ANNA, id=id) == {"code": "NOT_FOUND"}
        renew = "mutation($id: ID!) { renewGuestToken(id: $id) }"
        assert api.refusal(renew, ANNA, id=id) == {"code": "NOT_FOUND"}


@pytest.mark.parametrize("list_field", ["hotels", "bookings", "staff", "shifts"])
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"first": -1}, "first"),
        ({"first": 101}, "first"),
        ({"first": None}, "first"),
        ({"after": "nonsense"}, "after"),
        ({"after": ""}, "after"),
    ],
)
def test_a_page_that_cannot_be_given(
    sqlite_api: Api, list_field: str, arguments: dict[str, Any], field: str
) -> None:
    document = (
        f"query($first: Int = 1, $after: String)"
        f" {{ {list_field}(first: $first, after: $after) {{ edges {{ cursor }} }} }}"
    )
    refusal = sqlite_api.refusal(document, ANNA, **arguments)
    assert refusal == {"code": "BAD_USER_INPUT", "field": field}


def test_events_that_cannot_be_given(sqlite_api: Api) -> None:
    document = "query($first: Int = 1, $after: String) { events(first: $first, after: $after) { id } }"
    for arguments, field in (
        ({"first": 501}, "first"),
        ({"first": None}, "first"),
        ({"after": "x"}, "after"),
    ):
        refusal = sqlite_api.refusal(document, ANNA, **arguments)
        assert refusal == {"code": "BAD_USER_INPUT", "field": field}
    dublin = sqlite_api.data('{ hotel(slug: "dublin") { cursor } }')["hotel"]["cursor"]
    assert sqlite_api.refusal(document, ANNA, after=dublin) == {"code": "CURSOR_EXPIRED"}


def test_rooms_that_are_free_need_both_dates(sqlite_api: Api) -> None:
    for arguments, field in (
        ('freeFrom: "2040-06-15"', "freeTo"),
        ('freeTo: "2040-06-15"', "freeFrom"),
        ('freeFrom: "2040-06-15", freeTo: "2040-06-15"', "freeTo"),
    ):
        refusal = sqlite_api.refusal(f"{{ rooms({arguments}) {{ id }} }}", ANNA)
        assert refusal == {"code": "BAD_USER_INPUT", "field": field}


def test_text_that_a_database_cannot_hold_finds_nothing(api: Api) -> None:
    assert api.data('{ hotel(slug: "kill\\u0000arney") { id } }') == {"hotel": None}
    refusal = api.refusal('{ bookings(search: "\\u0000") { edges { cursor } } }', ANNA)
    assert refusal == {"code": "BAD_USER_INPUT", "field": "search"}
    log_in = 'mutation { logIn(username: "an\\u0000na", password: "demo") { token } }'
    assert api.refusal(log_in) == {"code": "BAD_USER_INPUT", "field": "username"}
    remove = 'mutation { removeGalleryImage(url: "\\u0000") { url } }'
    assert api.refusal(remove, ANNA) == {"code": "NOT_FOUND"}
