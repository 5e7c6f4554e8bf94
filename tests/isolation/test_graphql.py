"""Who may ask for what, at every field of the schema: all below is of killarney, as the demo has it."""

from io import BytesIO

import pytest
from graphql import GraphQLError

from hotelmate.database import Database
from hotelmate.schema import build_schema
from hotelmate.schema.errors import formatted_errors
from hotelmate.schema.uploads import Upload
from tests.isolation.callers import CALLERS, credentials, references
from tests.media.uploads import encoded, quarters
from tests.resolvers.steps import everything
from tests.schema.api import Api

OK = "ok"
NULL = "null"
UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"
NOT_FOUND = "NOT_FOUND"

# What each caller gets, in the order of CALLERS; `$…` stands for the reference of a booking. Who holds what
# opens nothing any more may still read what is public, and log in anew.
Row = tuple[str, str, str, str, str, str, str]
PUBLIC: Row = (OK, OK, OK, OK, OK, OK, OK)
STAFF_OF_ANY: Row = (UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED, FORBIDDEN, FORBIDDEN, OK, OK)
STAFF_OF_IT: Row = (UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED, FORBIDDEN, FORBIDDEN, NOT_FOUND, OK)
GUEST: Row = (UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED, FORBIDDEN, OK, NOT_FOUND, OK)

FIELDS: dict[str, tuple[str, Row]] = {
    "Query.viewer": ("{ viewer { __typename } }", (NULL, NULL, NULL, OK, OK, OK, OK)),
    "Query.hotel": ('{ hotel(slug: "killarney") { slug } }', PUBLIC),
    "Query.hotels": ("{ hotels { pageInfo { hasNextPage } } }", PUBLIC),
    "Query.offer": ('{ offer(id: "1") { id } }', PUBLIC),
    "Query.booking": (
        '{ booking(id: "$pending") { id } }',
        (UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED, FORBIDDEN, OK, NULL, OK),
    ),
    "Query.bookings": ("{ bookings { pageInfo { hasNextPage } } }", STAFF_OF_ANY),
    "Query.staff": ("{ staff { pageInfo { hasNextPage } } }", STAFF_OF_ANY),
    "Query.shifts": ('{ shifts(staffId: "1") { pageInfo { hasNextPage } } }', STAFF_OF_IT),
    "Query.rooms": ('{ rooms(roomTypeId: "1") { id } }', STAFF_OF_IT),
    "Query.events": ("{ events { seq } }", STAFF_OF_ANY),
    "Query.audit": ("{ audit { pageInfo { hasNextPage } } }", STAFF_OF_ANY),
    "Query.delivery": ("{ delivery { pending } }", STAFF_OF_ANY),
    "Mutation.logIn": ('mutation { logIn(username: "anna", password: "demo") { token } }', PUBLIC),
    "Mutation.logOut": ("mutation { logOut }", STAFF_OF_ANY),
    "Mutation.clockIn": ("mutation { clockIn { action } }", STAFF_OF_ANY),
    "Mutation.clockOut": (
        "mutation { clockOut { action } }",
        (UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED, FORBIDDEN, FORBIDDEN, "CONFLICT", "CONFLICT"),
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
        (UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED, FORBIDDEN, FORBIDDEN, "BAD_USER_INPUT", OK),
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
        STAFF_OF_IT,
    ),
    "Mutation.checkOut": ('mutation { checkOut(id: "$checked_in") { id } }', STAFF_OF_IT),
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


@pytest.fixture
def api(sqlite_database: Database) -> Api:
    return Api(sqlite_database)


@pytest.mark.parametrize(("document", "caller", "outcome"), CASES)
def test_a_field_answers_or_refuses_by_who_calls(api: Api, document: str, caller: str, outcome: str) -> None:
    for state, reference in references(api.database).items():
        document = document.replace(f"${state}", reference)
    authorization = credentials(api.database, api.guest_tokens)[caller]
    file = Upload(BytesIO(encoded(quarters(), "PNG")))
    before = everything(api.database)
    assert answer(api, document, authorization, file) == outcome
    if outcome not in {OK, NULL}:
        assert everything(api.database) == before


@pytest.mark.parametrize("caller", ["anonymous", "guest", "staff of another hotel", "staff"])
def test_inactive_offers_are_for_staff_of_their_hotel(api: Api, caller: str) -> None:
    outcome = {"anonymous": UNAUTHENTICATED, "staff": OK}.get(caller, FORBIDDEN)
    document = '{ hotel(slug: "killarney") { offers(includeInactive: true) { id } } }'
    authorization = credentials(api.database, api.guest_tokens)[caller]
    assert answer(api, document, authorization, None) == outcome


def answer(api: Api, document: str, authorization: str | None, file: Upload | None) -> str:
    """Return the code of the refusal, or what came instead."""
    try:
        if document.startswith("subscription"):
            api.source(document, authorization)
            return OK
        data, errors = api.answer(document, authorization, file=file)
    except GraphQLError as error:
        data, errors = None, formatted_errors([error])
    if errors:
        (error_,) = errors
        return str(error_["extensions"]["code"])
    assert data is not None
    return NULL if next(iter(data.values())) is None else OK
