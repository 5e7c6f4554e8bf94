"""What of an input object the client has sent."""

import dataclasses
from typing import Any

import strawberry
from strawberry.types.base import has_object_definition


def sent(value: Any) -> dict[str, Any]:
    """Return the fields that are there, in snake_case: those sent, as null too, and those with a default.

    Whether null is a value for a field is for the operation to say.
    """
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {
        name: sent(entry) if has_object_definition(entry) else entry
        for name, entry in fields.items()
        if entry is not strawberry.UNSET
    }
