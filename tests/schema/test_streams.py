"""Each subscription follows the right events, of the right hotel, from the right place."""

import pytest
from graphql import GraphQLError

from hotelmate.models import Hotel
from hotelmate.resolvers.streams import EventSource
from hotelmate.schema.errors import formatted_errors
from tests.schema.api import ANNA, BEN, CARLA, Api

CREATE_OFFER = (
    'mutation { createOffer(input: { title: "Spa", shortDescription: "", isActive: false }) { id } }'
)
CONFIRM = "mutation($id: ID!) { confirmBooking(id: $id) { id } }"
BOOK = """mutation($slug: String!, $type: ID!) { createBooking(hotelSlug: $slug, input: {
    roomTypeId: $type, guestName: "Ada", guestEmail: "ada@guests.example",
    arrival: "2040-06-15", departure: "2040-06-17"
}) { booking { id } } }"""


@pytest.fixture
def busy(api: Api) -> Api:
    """A hotel in which something of every kind has happened."""
    api.data("mutation { clockIn { action } }", ANNA)
    api.data("mutation { clockIn { action } }", BEN)
    api.data(CREATE_OFFER, ANNA)
    api.data('mutation { updateOffer(id: "1", input: { isActive: false }) { id } }', ANNA)
    api.data('mutation { updateSettings(input: { tagline: "New" }) { id } }', ANNA)
    api.data(CONFIRM, ANNA, id=api.reference("Grace O'Malley"))
    api.data(BOOK, slug="killarney", type="1")
    api.data(BOOK, slug="dublin", type="4")
    return api


def seen(api: Api, source: EventSource) -> list[str]:
    """The events of killarney's log that followers of the source are sent."""
    selected = [source.select(event) for event in api.log() if event.seq > source.after]
    return [event.type for event in selected if event is not None]


def test_each_subscription_selects_its_events(busy: Api, killarney: Hotel) -> None:
    beginning = busy.data("{ events(first: 1) { cursor } }", ANNA)["events"][0]["cursor"]
    grace = busy.reference("Grace O'Malley")

    def followed(field: str, caller: str | None) -> list[str]:
        source = busy.source(
            f"subscription($after: String) {{ {field} {{ __typename }} }}", caller, after=beginning
        )
        assert (source.hotel_id, source.after) == (killarney.id, 1)
        return seen(busy, source)

    assert followed("clockStatus(after: $after)", ANNA) == ["ClockStatusUpdated"]
    assert followed('clockStatus(staffId: "2", after: $after)', ANNA) == ["ClockStatusUpdated"]
    assert followed('clockStatus(staffId: "1", after: $after)', ANNA) == []
    assert followed('offers(hotelSlug: "killarney", after: $after)', ANNA) == ["OfferCreated", "OfferUpdated"]
    assert followed('offers(hotelSlug: "killarney", after: $after)', CARLA) == ["OfferDeleted"]
    assert followed('offers(hotelSlug: "killarney", after: $after)', None) == ["OfferDeleted"]
    assert followed('settings(hotelSlug: "killarney", after: $after)', None) == ["SettingsUpdated"]
    assert followed(f'booking(id: "{grace}", after: $after)', busy.guest(grace)) == ["BookingStatusChanged"]
    assert followed("bookings(after: $after)", ANNA) == ["BookingStatusChanged", "BookingCreated"]
    assert followed("hotelEvents(after: $after)", ANNA) == [event.type for event in busy.log()][1:]


def test_without_a_cursor_a_stream_starts_now(busy: Api) -> None:
    for document in (
        "subscription { hotelEvents { seq } }",
        "subscription { hotelEvents(after: null) { seq } }",
    ):
        assert busy.source(document, ANNA).after == len(busy.log()) == 7


def test_the_cursor_of_what_was_read_is_where_to_go_on(busy: Api) -> None:
    grace = busy.reference("Grace O'Malley")
    read = busy.data(
        'query($id: ID!) { hotel(slug: "killarney") { cursor } booking(id: $id) { cursor } }', ANNA, id=grace
    )
    document = "subscription($after: String) { bookings(after: $after) { __typename } }"
    for cursor in (read["hotel"]["cursor"], read["booking"]["cursor"]):
        assert busy.source(document, ANNA, after=cursor).after == 7


@pytest.mark.parametrize(
    "field",
    [
        "clockStatus(after: $after)",
        'offers(hotelSlug: "killarney", after: $after)',
        'settings(hotelSlug: "killarney", after: $after)',
        "booking(id: $id, after: $after)",
        "bookings(after: $after)",
        "hotelEvents(after: $after)",
    ],
)
def test_a_place_that_is_not_in_the_log_is_refused(sqlite_api: Api, field: str) -> None:
    id_variable = "$id: ID!, " if "$id" in field else ""
    document = f"subscription({id_variable}$after: String) {{ {field} {{ __typename }} }}"
    dublin = sqlite_api.data('{ hotel(slug: "dublin") { cursor } }')["hotel"]["cursor"]
    grace = sqlite_api.reference("Grace O'Malley")
    assert refusal(sqlite_api, document, ANNA, id=grace, after="nonsense") == {
        "code": "BAD_USER_INPUT",
        "field": "after",
    }
    assert refusal(sqlite_api, document, ANNA, id=grace, after=dublin) == {"code": "CURSOR_EXPIRED"}


def test_what_is_not_there_cannot_be_followed(sqlite_api: Api) -> None:
    for document in (
        'subscription { offers(hotelSlug: "atlantis") { __typename } }',
        'subscription { settings(hotelSlug: "atlantis") { __typename } }',
        'subscription { booking(id: "BK-1999-0001") { __typename } }',
        'subscription { clockStatus(staffId: "nobody") { seq } }',
    ):
        assert refusal(sqlite_api, document, ANNA) == {"code": "NOT_FOUND"}


def refusal(api: Api, document: str, caller: str, **variables: object) -> dict[str, object]:
    with pytest.raises(GraphQLError) as raised:
        api.source(document, caller, **variables)
    (formatted,) = formatted_errors([raised.value])
    extensions: dict[str, object] = formatted["extensions"]
    return extensions
