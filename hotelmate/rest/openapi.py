"""What the OpenAPI document says of bodies and refusals, which FastAPI cannot see in a door's signature."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from hotelmate.rest.answers import Error

Content = Mapping[str, Mapping[str, Any]]
"""A body by media type."""

_PICTURE = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, AVIF or GIF."}
_LACKING = "This field is required."
_REFUSALS: Mapping[int, tuple[str, Mapping[str, object]]] = {
    400: (
        "Something in the request cannot be accepted; beside the error stand the fields that are to blame.",
        {"error": _LACKING, "title": [_LACKING]},
    ),
    401: ("No valid credentials came with the request.", {"error": "Log in first."}),
    403: ("Not for this caller, or another's hotel.", {"error": "This is not your hotel."}),
    404: ("There is no such thing in this hotel.", {"error": "There is no such offer."}),
    409: ("It contradicts what is already so.", {"error": "The room is taken for one of the nights."}),
    413: ("The body, or a file in it, is too large.", {"error": "The body is too large."}),
    415: (
        "The body is of a kind that is not taken, or a file is no picture.",
        {"error": "Send application/json or multipart/form-data."},
    ),
}
_OTHERS = (
    "Any other refusal: 408 when the body comes in too slowly, 429 and 503 with `Retry-After`, 500 and 503"
    " with an `id` that is in the log."
)

KEY_PARAMETER: Mapping[str, object] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A name for this change, best a random UUID. Sent again with the same key and body within a day,"
        " it is not made a second time, and answered as the first time."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
"""The key under which a change may be sent again."""

KEY_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})
"""The statuses that refuse a key: it cannot be one, or came with something else before."""


def no_file(name: str) -> str:
    """Return what is said when the file is missing that a request is about."""
    return f"No {name} file provided"


def refusals(statuses: Collection[int], *, file: str | None = None) -> dict[int | str, dict[str, Any]]:
    """Describe what refuses a request, under these statuses and any other; `file` is what it is about."""
    # The last puts Error where the others find it; FastAPI would build a model for every one of them.
    schema = {"$ref": f"#/components/schemas/{Error.__name__}"}
    described: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        description, example = _REFUSALS[status]
        if status == HTTPStatus.BAD_REQUEST and file is not None:
            example = {"error": no_file(file)}
        content = {"application/json": {"schema": schema, "example": example}}
        described[status] = {"description": description, "content": content}
    return {**described, "default": {"description": _OTHERS, "model": Error}}


def request_body(*contents: Content, is_required: bool = True) -> dict[str, Any]:
    """Describe a body that may be any of the contents."""
    together = {media_type: media for content in contents for media_type, media in content.items()}
    return {"required": is_required, "content": together}


def as_json(adapter: TypeAdapter[Any], example: Mapping[str, object]) -> Content:
    """Describe a JSON body."""
    return {"application/json": {"schema": _schema(adapter), "example": example}}


def as_form(adapter: TypeAdapter[Any], example: Mapping[str, object]) -> Content:
    """Describe a form without files."""
    return {"application/x-www-form-urlencoded": {"schema": _schema(adapter), "example": example}}


def with_picture(name: str) -> Content:
    """Describe a form that is about one picture."""
    schema = {"type": "object", "properties": {name: _PICTURE}, "required": [name]}
    return {"multipart/form-data": {"schema": schema}}


def with_pictures(
    names: Collection[str], adapter: TypeAdapter[Any], example: Mapping[str, object]
) -> Content:
    """Describe a form that can have pictures beside its fields; the example is of the fields."""
    fields = _schema(adapter)
    schema = {**fields, "properties": {**fields["properties"], **dict.fromkeys(names, _PICTURE)}}
    return {"multipart/form-data": {"schema": schema, "example": example}}


def _schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The type's JSON schema without references, which inside an OpenAPI document would lead elsewhere."""
    schema = adapter.json_schema()
    definitions: Mapping[str, Any] = schema.pop("$defs", {})

    def inlined(part: Any) -> Any:
        match part:
            case {"$ref": str(reference)}:
                return inlined(definitions[reference.rpartition("/")[2]])
            case dict():
                return {name: inlined(value) for name, value in part.items()}
            case list():
                return [inlined(value) for value in part]
            case _:
                return part

    whole: dict[str, Any] = inlined(schema)
    return whole
