"""Who may ask for what, at every field of the schema."""

from io import BytesIO
from typing import Any

import pytest
from graphql import GraphQLError

from hotelmate.schema import build_schema
from hotelmate.schema.errors import formatted_errors
from hotelmate.schema.uploads import Upload
from tests.media.uploads import encoded, quarters
from tests.schema.api import ANNA, CARLA, Api

OK = "ok"
NULL = "null"
UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"
NOT_FOUND = "NOT_FOUND"

CALLERS = ("anonymous", "guest", "staff", "staff of another hotel")
PUBLIC = (OK, OK, OK, OK)
STAFF_OF_ANY = (UNAUTHENTICATED, FORBIDDEN, OK, OK)
STAFF_OF_IT = (UNAUTHENTICATED, FORBIDDEN, OK, NOT_FOUND)
GUEST = (UNAUTHENTICATED, OK, OK, NOT_FOUND)
# Everything below is of killarney: offer 1, room type 1, room 102, and these bookings of the demo.
BOOKINGS = {"$pending": "Grace O'Malley", "$confirmed": "Brian Boru", "$in": "Maeve Connacht"}

FIELDS: dict[str, tuple[str, tuple[str, str, str, str]]] = {
    "Query.viewer": ("{ viewer { __typename } }", (NULL, OK, OK, OK)),
    "Query.hotel": ('{ hotel(slug: "killarney") { slug } }', PUBLIC),
    "Query.hotels": ("{ hotels { pageInfo { hasNextPage } } }", PUBLIC),
    "Query.offer": ('{ offer(id: "1") { id } }', PUBLIC),
    "Query.booking": ('{ booking(id: "$pending") { id } }', (UNAUTHENTICATED, OK, OK, NULL)),
    "Query.bookings": ("{ bookings { pageInfo { hasNextPage } } }", STAFF_OF_ANY),
    "Query.staff": ("{ staff { pageInfo { hasNextPage } } }", STAFF_OF_ANY),
    "Query.shifts": ('{ shifts(staffId: "1") { pageInfo { hasNextPage } } }', STAFF_OF_IT),
    "Query.rooms": ('{ rooms(roomTypeId: "1") { id } }', STAFF_OF_IT),
    "Query.events": ("{ events { seq } }", STAFF_OF_ANY),
    "Query.delivery": ("{ delivery { pending } }", STAFF_OF_ANY),
    "Mutation.logIn": ('mutation { logIn(username: "anna", password: "demo") { token } }', PUBLIC),
    "Mutation.logOut": ("mutation { logOut }", STAFF_OF_ANY),
    "Mutation.clockIn": ("mutation { clockIn { action } }", STAFF_OF_ANY),
    "Mutation.clockOut": (
        "mutation { clockOut { action } }",
        (UNAUTHENTICATED, FORBIDDEN, "CONFLICT", "CONFLICT"),
    ),
    "Mutation.toggleClock": ("mutation { toggleClock { action } }", STAFF_OF_ANY),
    "Mutation.createOffer": (
        'mutation { createOffer(input: { title: "Spa", shortDescription: "" }) { id } }',
        STAFF_OF_ANY,
    ),
    "Mutation.updateOffer": ('mutation { updateOffer(id: "1", input: { tag: "x" }) { id } }', STAFF_OF_IT),
    "Mutation.deleteOffer": ('mutation { deleteOffer(id: "1") { id } }', STAFF_OF_IT),
    "Mutation.uploadOfferImage": (
        'mutation($file: Upload!) { uploadOfferImage(id: "1", photo: $file) { id } }',
        STAFF_OF_IT,
    ),
    "Mutation.uploadGalleryImage": (
        "mutation($file: Upload!) { uploadGalleryImage(image: $file) { url } }",
        STAFF_OF_ANY,
    ),
    "Mutation.uploadRoomTypeImage": (
        'mutation($file: Upload!) { uploadRoomTypeImage(id: "1", photo: $file) { id } }',
        STAFF_OF_IT,
    ),
    "Mutation.updateSettings": ('mutation { updateSettings(input: { tagline: "x" }) { id } }', STAFF_OF_ANY),
    "Mutation.reorderGallery": (
        """mutation { reorderGallery(urls: [
            "https://pictures.example/killarney/garden.jpg"
            "https://pictures.example/killarney/lobby.jpg"
            "https://pictures.example/killarney/restaurant.jpg"
        ]) { url } }""",
        (UNAUTHENTICATED, FORBIDDEN, OK, "BAD_USER_INPUT"),
    ),
    "Mutation.removeGalleryImage": (
        'mutation { removeGalleryImage(url: "https://pictures.example/killarney/lobby.jpg") { url } }',
        STAFF_OF_IT,
    ),
    "Mutation.createBooking": (
        """mutation { createBooking(hotelSlug: "killarney", input: {
            roomTypeId: "1", guestName: "Ada", guestEmail: "ada@guests.example",
            arrival: "2040-06-15", departure: "2040-06-17"
        }) { guestToken } }""",
        PUBLIC,
    ),
    "Mutation.confirmBooking": ('mutation { confirmBooking(id: "$pending") { id } }', STAFF_OF_IT),
    "Mutation.assignRoom": ('mutation { assignRoom(id: "$pending", roomId: "1") { id } }', STAFF_OF_IT),
    "Mutation.checkIn": (
        'mutation { checkIn(id: "$confirmed") { id } }',
        (UNAUTHENTICATED, FORBIDDEN, OK, NOT_FOUND),
    ),
    "Mutation.checkOut": ('mutation { checkOut(id: "$in") { id } }', STAFF_OF_IT),
    "Mutation.cancelBooking": ('mutation { cancelBooking(id: "$pending") { id } }', GUEST),
    "Mutation.markNoShow": ('mutation { markNoShow(id: "$confirmed") { id } }', STAFF_OF_IT),
    "Mutation.renewGuestToken": ('mutation { renewGuestToken(id: "$pending") }', STAFF_OF_IT),
    "Mutation.retryDeadLetters": ("mutation { retryDeadLetters }", STAFF_OF_ANY),
    "Subscription.clockStatus": ('subscription { clockStatus(staffId: "1") { seq } }', STAFF_OF_IT),
    "Subscription.offers": (
        'subscription { offers(hotelSlug: "killarney") { __typename } }',
        PUBLIC,
    ),
    "Subscription.settings": ('subscription { settings(hotelSlug: "killarney") { __typename } }', PUBLIC),
    "Subscription.booking": ('subscription { booking(id: "$pending") { __typename } }', GUEST),
    "Subscription.bookings": ("subscription { bookings { __typename } }", STAFF_OF_ANY),
    "Subscription.hotelEvents": ("subscription { hotelEvents { seq } }", STAFF_OF_ANY),
}
CASES = [
    pytest.param(document, caller, outcome, id=f"{name} by {caller}")
    for name, (document, outcomes) in FIELDS.items()
    for caller, outcome in zip(CALLERS, outcomes, strict=True)
]


def test_every_field_has_its_callers_below() -> None:
    schema = build_schema()._schema
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    assert {f"{root.name}.{field}" for root in roots if root for field in root.fields} == FIELDS.keys()


@pytest.mark.parametrize(("document", "caller", "outcome"), CASES)
def test_a_field_answers_or_refuses_by_who_calls(
    sqlite_api: Api, document: str, caller: str, outcome: str
) -> None:
    for placeholder, guest_name in BOOKINGS.items():
        document = document.replace(placeholder, sqlite_api.reference(guest_name))
    credentials = {
        "anonymous": None,
        "guest": sqlite_api.guest(sqlite_api.reference("Grace O'Malley")),
        "staff": ANNA,
        "staff of another hotel": CARLA,
    }[caller]
    file = Upload(BytesIO(encoded(quarters(), "PNG")))
    if outcome in {OK, NULL} or document.startswith("subscription"):
        assert answer(sqlite_api, document, credentials, file) == outcome
    else:
        assert sqlite_api.refusal(document, credentials, file=file)["code"] == outcome


def test_a_guest_has_no_rights_over_the_booking_of_another(sqlite_api: Api) -> None:
    grace = sqlite_api.guest(sqlite_api.reference("Grace O'Malley"))
    brian = sqlite_api.reference("Brian Boru")
    for reference in (brian, "BK-1999-0001"):
        for document in (
            "query($id: ID!) { booking(id: $id) { id } }",
            "mutation($id: ID!) { cancelBooking(id: $id) { id } }",
        ):
            assert sqlite_api.refusal(document, grace, id=reference) == {"code": "FORBIDDEN"}


def test_staff_ask_for_inactive_offers_of_their_own_hotel_only(sqlite_api: Api) -> None:
    document = '{ hotel(slug: "killarney") { offers(includeInactive: true) { id } } }'
    grace = sqlite_api.guest(sqlite_api.reference("Grace O'Malley"))
    assert sqlite_api.refusal(document) == {"code": "UNAUTHENTICATED"}
    assert sqlite_api.refusal(document, grace) == {"code": "FORBIDDEN"}
    assert sqlite_api.refusal(document, CARLA) == {"code": "FORBIDDEN"}
    assert len(sqlite_api.data(document, ANNA)["hotel"]["offers"]) == 3


def answer(api: Api, document: str, credentials: str | None, file: Upload) -> str:
    if document.startswith("subscription"):
        try:
            api.source(document, credentials)
        except GraphQLError as error:
            (formatted,) = formatted_errors([error])
            return str(formatted["extensions"]["code"])
        return OK
    data: dict[str, Any] = api.data(document, credentials, file=file)
    return NULL if next(iter(data.values())) is None else OK
