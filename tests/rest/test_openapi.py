"""What is published is OpenAPI, complete and true. That answers keep to it, `Frontend` sees to everywhere."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.rest.conftest import published
from tests.rest.test_doors import STAFF_DOORS

OTHER_DOORS = [
    ("POST", "/api/staff/login/"),
    ("GET", "/api/public/hotel/{slug}/"),
    ("GET", "/api/public/hotel/{slug}/room-bookings/{id}/"),
    ("POST", "/pusher/auth"),
    ("POST", "/pusher/user-auth"),
    ("POST", "/api/pusher/auth/"),
    ("POST", "/api/staff/hotel/{slug}/notifications/pusher/auth/"),
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return published()


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_door_is_in_it_and_no_other(document: dict[str, Any]) -> None:
    staff = [
        (method, "/api/staff" + re.sub(r"\{(offer|room_type|booking)\}", "{id}", path))
        for method, path in STAFF_DOORS
    ]
    assert set(operations(document)) == {*staff, *OTHER_DOORS}
    assert all(
        ("security" in operation) == ((method, path) in staff)
        for (method, path), operation in operations(document).items()
    )


def test_every_refusal_has_its_body_and_none_is_422(document: dict[str, Any]) -> None:
    for door, operation in operations(document).items():
        refusals = {code: answer for code, answer in operation["responses"].items() if code[0] not in "2"}
        assert "422" not in refusals, door
        for answer in refusals.values():
            assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


def test_every_body_with_fields_has_an_example_and_uploads_say_what_they_lack(
    document: dict[str, Any],
) -> None:
    for door, operation in operations(document).items():
        contents = operation.get("requestBody", {}).get("content", {})
        for media in contents.values():
            only_a_file = set(media["schema"]["properties"]) <= {"photo", "image"}
            assert ("example" in media) is not only_a_file, door
    for path, name in (("offers/{id}/upload-image/", "photo"), ("gallery/upload/", "image")):
        refused = document["paths"][f"/api/staff/hotel/{{slug}}/{path}"]["post"]["responses"]["400"]
        assert refused["content"]["application/json"]["example"] == {"error": f"No {name} file provided"}


def test_every_example_is_what_it_is_an_example_of(document: dict[str, Any]) -> None:
    media = [
        media
        for operation in operations(document).values()
        for holder in (operation.get("requestBody", {}), *operation["responses"].values())
        for media in holder.get("content", {}).values()
    ]
    examples = [(media["example"], media["schema"]) for media in media if "example" in media]
    shown = {
        name: schema for name, schema in document["components"]["schemas"].items() if "examples" in schema
    }
    examples += [(schema["examples"][0], schema) for schema in shown.values()]
    for example, schema in examples:
        whole = {"components": document["components"], **schema}
        if schema.get("title") == "Booking":  # FastAPI publishes no null
            example |= {"checked_out_at": None, "cancelled_at": None}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(example)
    assert {"Offer", "Settings", "Booking", "PublicPage", "RoomType", "LoggedIn"} <= shown.keys()
