"""Input objects, as the fields that the client has sent."""

import dataclasses
from typing import Any

import strawberry
from strawberry.types.base import has_object_definition


def sent(value: Any) -> dict[str, Any]:
    """Return an input object's fields by snake_case name, without those that the client left out.

    A field with a default is there in any case. A null that was sent is there as None: whether the field may
    be null is for the operation to decide.
    """
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {
        name: sent(entry) if has_object_definition(entry) else entry
        for name, entry in fields.items()
        if entry is not strawberry.UNSET
    }
