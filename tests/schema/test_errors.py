"""What clients are told of an error, and what they are not."""

from typing import Any

import pytest
from graphql import GraphQLError, execute_sync, located_error, parse, validate
from structlog.testing import capture_logs

from hotelmate.errors import BadUserInput, Conflict, CursorExpired, Forbidden, NotFound, Unauthenticated
from hotelmate.schema import build_schema
from hotelmate.schema.errors import formatted_errors
from tests.schema.api import Api

SCHEMA = build_schema()._schema
CREATE_OFFER = "mutation($input: OfferInput!) { createOffer(input: $input) { id } }"


def located(error: Exception) -> GraphQLError:
    """The error as graphql-core hands it on when a field has raised it."""
    (field,) = parse("{ hotel }").definitions[0].selection_set.selections  # type: ignore[attr-defined]
    return located_error(error, [field], ["hotel"])


@pytest.mark.parametrize(
    ("error", "extensions"),
    [
        (Unauthenticated(), {"code": "UNAUTHENTICATED"}),
        (Forbidden(), {"code": "FORBIDDEN"}),
        (NotFound("There is no such hotel."), {"code": "NOT_FOUND"}),
        (BadUserInput("validTo", "Too early."), {"code": "BAD_USER_INPUT", "field": "validTo"}),
        (Conflict("You are on duty."), {"code": "CONFLICT"}),
        (CursorExpired(), {"code": "CURSOR_EXPIRED"}),
    ],
)
def test_a_refusal_is_told_with_its_code(error: Any, extensions: dict[str, str]) -> None:
    assert formatted_errors([located(error)]) == [
        {
            "message": error.message,
            "locations": [{"line": 1, "column": 3}],
            "path": ["hotel"],
            "extensions": extensions,
        }
    ]


def test_anything_else_is_masked_and_logged_under_the_id_that_is_told() -> None:
    error = ZeroDivisionError("secret detail")
    with capture_logs() as logs:
        (told,) = formatted_errors([located(error)])
    assert told.pop("extensions") == {"code": "INTERNAL", "id": logs[0]["error_id"]}
    assert told == {
        "message": "Something went wrong on our side.",
        "locations": [{"line": 1, "column": 3}],
        "path": ["hotel"],
    }
    (entry,) = logs
    assert (entry["log_level"], entry["path"], entry["exc_info"]) == ("error", ["hotel"], error)


def test_an_error_of_ours_outside_of_any_field_is_masked_too() -> None:
    with capture_logs():
        (told,) = formatted_errors([GraphQLError("secret", original_error=ValueError("secret"))])
    assert told["extensions"]["code"] == "INTERNAL"
    assert "secret" not in str(told)


def test_a_value_of_ours_that_cannot_be_sent_is_masked() -> None:
    result = execute_sync(SCHEMA, parse("subscription { clockStatus { seq } }"), root_value=Unsendable())
    with capture_logs() as logs:
        (told,) = formatted_errors(result.errors or [])
    assert told["extensions"] == {"code": "INTERNAL", "id": logs[0]["error_id"]}
    assert "secret" not in str(told)


def test_an_error_that_a_transport_has_classified_stays_as_it_is() -> None:
    error = GraphQLError("Too large.", extensions={"code": "BAD_REQUEST"})
    assert formatted_errors([error]) == [{"message": "Too large.", "extensions": {"code": "BAD_REQUEST"}}]


@pytest.mark.parametrize("document", ["{ hotel(", "", "{ viewer { __typename } } }", 'query { a: "\\q" }'])
def test_what_cannot_be_parsed(document: str) -> None:
    with pytest.raises(GraphQLError) as raised:
        parse(document)
    (told,) = formatted_errors([raised.value])
    assert told["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert told["message"].startswith("Syntax Error: ")


@pytest.mark.parametrize(
    "document",
    [
        "{ secrets }",
        '{ hotel(slug: "x", secret: 1) { id } }',
        'mutation { createOffer(input: {title: "a", shortDescription: "", secret: 1}) { id } }',
        "{ hotel(slug: $slug) { id } }",
        "query($first: Int = true) { hotels(first: $first) { edges { cursor } } }",
        "query($x: Int) { viewer { __typename } }",
        "subscription { bookings { __typename } hotelEvents { seq } }",
    ],
)
def test_what_the_schema_does_not_allow(document: str) -> None:
    told = formatted_errors(validate(SCHEMA, parse(document)))
    assert {error["extensions"]["code"] for error in told} == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("{ hotel(slug: 5) { id } }", "slug"),
        ("{ hotel { id } }", "slug"),
        ("{ hotels(first: true) { edges { cursor } } }", "first"),
        (
            '{ bookings(status: [CONFIRMED], arrivingFrom: "2026-02-30") { edges { cursor } } }',
            "arrivingFrom",
        ),
        ('{ shifts(from: "2026-06-15T09:30:00") { edges { cursor } } }', "from"),
        ("{ bookings(status: [CONFIRMED, LOST]) { edges { cursor } } }", "status"),
        ('mutation { createOffer(input: {title: 5, shortDescription: ""}) { id } }', "title"),
        ('mutation { createOffer(input: {title: "a", shortDescription: null}) { id } }', "shortDescription"),
        ('mutation { createOffer(input: {title: "a"}) { id } }', "shortDescription"),
        (
            'mutation { updateSettings(input: {amenities: ["a", 1], theme: {linkColor: "", mode: NEON}})'
            " { id } }",
            "amenities theme.mode",
        ),
    ],
)
def test_a_value_in_the_document_that_cannot_be_understood_names_its_field(document: str, field: str) -> None:
    told = formatted_errors(validate(SCHEMA, parse(document)))
    assert [error["extensions"] for error in told] == [
        {"code": "BAD_USER_INPUT", "field": name} for name in field.split()
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"validTo": "15/06/2026"}, "validTo"),
        ({"title": None}, "title"),
        ({"sortOrder": 2**31}, "sortOrder"),
        ({"secret": 1}, "input"),
    ],
)
def test_a_variable_that_cannot_be_understood_names_its_field(
    sqlite_api: Api, changes: dict[str, Any], field: str
) -> None:
    given = {"title": "Spa day", "shortDescription": ""} | changes
    assert sqlite_api.refusal(CREATE_OFFER, input=given) == {"code": "BAD_USER_INPUT", "field": field}


def test_a_variable_that_is_missing_names_itself(sqlite_api: Api) -> None:
    assert sqlite_api.refusal(CREATE_OFFER) == {"code": "BAD_USER_INPUT", "field": "input"}


def test_an_argument_that_only_its_variable_makes_wrong_names_itself(sqlite_api: Api) -> None:
    document = 'query($slug: String = "killarney") { hotel(slug: $slug) { id } }'
    assert sqlite_api.refusal(document, slug=None) == {"code": "BAD_USER_INPUT", "field": "slug"}


class Unsendable:
    """An event whose number is none."""

    seq = "secret"


@pytest.mark.parametrize(
    ("document", "variables", "field"),
    [
        (
            "mutation($given: [String!]!) { reorderGallery(urls: $given) { url } }",
            {"given": ["/a", None]},
            "urls",
        ),
        (
            "query($given: [BookingStatus!]) { bookings(status: $given) { pageInfo { hasNextPage } } }",
            {"given": ["ASLEEP"]},
            "status",
        ),
        (
            'mutation($given: ID!) { assignRoom(id: "x", roomId: $given) { id } }',
            {"given": None},
            "roomId",
        ),
        (
            'mutation($given: BookingInput!) { createBooking(hotelSlug: "x", input: $given) { guestToken } }',
            {
                "given": {
                    "roomTypeId": "1",
                    "guestEmail": "a@b",
                    "arrival": "2040-01-01",
                    "departure": "2040-01-02",
                }
            },
            "guestName",
        ),
    ],
)
def test_the_field_is_the_contracts_name_and_not_the_clients_variable(
    sqlite_api: Api, document: str, variables: dict[str, Any], field: str
) -> None:
    assert sqlite_api.refusal(document, **variables) == {"code": "BAD_USER_INPUT", "field": field}
