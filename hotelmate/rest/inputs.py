"""The fields of a body, from JSON or from the texts of a form to the types that operations take.

Only types are checked here. Whether a value is acceptable is for the operation to decide.
"""

import re
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from hotelmate.resolvers.checks import parse_day
from hotelmate.rest.bodies import Fields
from hotelmate.rest.errors import InvalidFields

Read = TypeVar("Read")

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_BOOLEANS = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
_SENTENCES = {
    "missing": "This field is required.",
    "string_type": "This must be text.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
}


def read(adapter: TypeAdapter[Read], fields: Fields) -> Read:
    """Return a body's fields as the adapter's type holds them; fields that it does not know are ignored.

    Raises:
        InvalidFields: those that are missing or cannot be read.
    """
    try:
        return adapter.validate_python(fields)
    except ValidationError as error:
        # One sentence a field, however many of its parts are wrong.
        sentences = {_name(details): _sentence(details) for details in error.errors(include_url=False)}
        raise InvalidFields(sentences) from None


def _name(details: ErrorDetails) -> str:
    return ".".join(part for part in details["loc"] if isinstance(part, str))


def _sentence(details: ErrorDetails) -> str:
    return _SENTENCES.get(details["type"], details["msg"])


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    try:
        return parse_day(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("day", "Write a day as YYYY-MM-DD.") from None


def _whole_number(value: object) -> object:
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PydanticCustomError("whole_number", "This must be a whole number.")
    return value


def _boolean(value: object) -> Any:
    read_as = value if isinstance(value, bool) else _BOOLEANS.get(str(value).strip().lower())
    if read_as is None:
        raise PydanticCustomError("boolean", "This must be true or false.")
    return read_as


Day = Annotated[date | None, BeforeValidator(_day)]
"""A day; an empty text is none, as a browser sends an empty date control."""

WholeNumber = Annotated[int, BeforeValidator(_whole_number)]

Boolean = Annotated[bool, BeforeValidator(_boolean)]
"""`true`, `false`, `1`, `0`, `on` or `off` in a form, in any case."""
